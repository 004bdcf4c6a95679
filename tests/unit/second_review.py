"""The synthetic second review, read once: its tables, and the results of its therapies."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from livingreview.extraction import dataset
from livingreview.slices import Review, therapy_slice
from livingreview.synthesis.analysis import Analysis
from livingreview.synthesis.therapy import TherapyResult, synthesise

ROOT = Path(__file__).resolve().parents[2]
REVIEW = ROOT / "tests/review"


@cache
def data() -> dataset.Dataset:
    return dataset.load(REVIEW, ROOT)


@cache
def result(code: str) -> TherapyResult:
    return synthesise(therapy_slice(Review(data()), code))


def analysis(therapy: str, code: str) -> Analysis:
    """One declared analysis of a therapy."""
    return next(a for a in result(therapy).analyses if a.code == code)
