"""Quizzes for learning platforms: one model of questions, one writer for each format."""
