"""The package that a journal's editorial system asks for, and the proof that it meets the journal's rules."""
