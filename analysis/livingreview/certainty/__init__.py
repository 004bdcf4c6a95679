"""Certainty of evidence (GRADE): computed inputs, proposed ratings, and the signatures that people put under them."""
