"""The calculation file: its schema, its reader and the shipped examples."""
