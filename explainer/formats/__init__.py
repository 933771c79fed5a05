"""The writers: a finished lesson becomes an HTML page, a LaTeX document, a trace, or a file of values for a book.

Nothing is imported here: a command loads the one writer that it needs.
"""
