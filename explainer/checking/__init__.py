"""A person's own figures for a calculation: read, judged line by line, and explained."""
