"""Numbers: from the canonical slice of one therapy to its results. One concept a file; `therapy.py` puts them together."""
