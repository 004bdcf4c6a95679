"""Trace: from a printed number back to the rows it rests on, and from a study to all that rests on it; read live, nothing is stored."""
