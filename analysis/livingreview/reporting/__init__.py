"""Reporting guidelines as data: checklists, the places of a review that answer them, and the filled tables."""
