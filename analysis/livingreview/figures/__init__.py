"""Figures of a review: each module draws one kind of figure from JSON-ready data and describes it in words."""
