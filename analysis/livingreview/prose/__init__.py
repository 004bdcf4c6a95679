"""The text that people write, read as text: numbers in it that are no claims."""
