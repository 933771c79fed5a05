"""What a teacher hands out: worksheets with blanks, their keys, and other numbers for everyone."""
