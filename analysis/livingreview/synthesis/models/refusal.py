"""What a model says when the data cannot carry it."""

from __future__ import annotations

LEAST_STUDIES = 3
LEAST_INFORMATIVE = 3
"""Studies of two or more units without which the spread between studies is not estimated."""


class NotEstimable(Exception):
    """The data do not determine the quantity; ``reason`` is a clause ready to print ("no study has an event")."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
