"""The quiz as tables: all questions and answers, and which quantity each part of a question asks for."""

from __future__ import annotations

from ...checking.writing import csv_text
from .pages import question_name
from .question import Quiz, play_text

COLUMNS = ("variant", "part", "blank", "quantity", "answer", "also right", "tolerance", "kind", "points", "inputs")
WRONG_COLUMNS = ("variant", "quantity", "figure", "mistakes")


def quiz_csv(quiz: Quiz) -> str:
    """A row per blank, answers included: for the teacher, or to import by hand."""
    rows: list[tuple[str, ...]] = [COLUMNS]
    for variant in quiz.variants:
        for part in variant.parts:
            for number, blank in enumerate(part.blanks, 1):
                inputs = "; ".join(f"{given.id}={given.text}" for given in blank.givens)
                kind = "relative" if blank.tolerance.relative else "absolute"
                others = " ".join(blank.others)
                play = play_text(blank.tolerance.size)
                where = (str(variant.number), str(part.number), str(number), blank.id)
                rows.append((*where, blank.text, others, play, kind, str(blank.points), inputs))
    return csv_text(rows)


def wrong_csv(quiz: Quiz) -> str:
    """A row per wrong figure that is told."""
    rows: list[tuple[str, ...]] = [WRONG_COLUMNS]
    for variant in quiz.variants:
        for blank in variant.blanks:
            rows += [(str(variant.number), blank.id, w.text, "; ".join(w.mistakes)) for w in blank.wrong]
    return csv_text(rows)


def mapping_csv(quiz: Quiz, whole: bool) -> str:
    """Which quantity each blank of each question asks for; no answer stands in it.

    ``whole``: a variant is one question with all blanks, rather than a question for each part.
    """
    rows: list[tuple[str, ...]] = [("question", "blank", "quantity", "variant", "name")]
    for variant in quiz.variants:
        pages = [(1, None, variant.blanks)] if whole else [(p.number, p, p.blanks) for p in variant.parts]
        for number, part, blanks in pages:
            name = question_name(quiz, variant, part)
            rows += [(str(number), str(i), b.id, str(variant.number), name) for i, b in enumerate(blanks, 1)]
    return f"# {quiz_mark(quiz)}\n{csv_text(rows)}"


def quiz_mark(quiz: Quiz) -> str:
    """What a mapping says of the quiz that it belongs to."""
    return f"explainer quiz for {quiz.name} [{quiz.fingerprint}] seed {quiz.seed}"
