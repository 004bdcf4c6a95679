"""GRADE's own levels, domains and judgements, which are not for a review to change, and the words for them that it may change.

What they mean in a protocol stands in :mod:`livingreview.protocol_certainty`; here are plain constants, so that a step that only
prints a judgement does not load what reads a protocol.
"""

from __future__ import annotations

from typing import Literal

Level = Literal["very_low", "low", "moderate", "high"]
Domain = Literal["risk_of_bias", "inconsistency", "indirectness", "imprecision", "publication_bias"]

LEVELS: tuple[Level, ...] = ("very_low", "low", "moderate", "high")
DOMAINS: tuple[Domain, ...] = (
    "risk_of_bias", "inconsistency", "indirectness", "imprecision", "publication_bias",
)  # fmt: skip
OVERALL = "overall"
"""The last cell of a row: the certainty itself, which people sign like a domain."""
HARMS = "harms"
"""Reserved outcome: any adverse event, beside the analyses and scores that have codes of their own."""

DOWN: dict[str, int] = {
    "not_serious": 0,
    "serious": 1,
    "very_serious": 2,
    "extremely_serious": 3,
    "undetected": 0,
    "strongly_suspected": 1,
}
"""Levels that each judgement rates down by."""

JUDGEMENTS: dict[str, tuple[str, ...]] = {
    "risk_of_bias": ("not_serious", "serious", "very_serious", "extremely_serious"),
    "inconsistency": ("not_serious", "serious", "very_serious"),
    "indirectness": ("not_serious", "serious", "very_serious"),
    "imprecision": ("not_serious", "serious", "very_serious", "extremely_serious"),
    "publication_bias": ("undetected", "strongly_suspected"),
    OVERALL: LEVELS,
}
"""Judgements of each domain in GRADE's words. Three levels are for imprecision (Schünemann 2022, GRADE guidance 35) and for risk of
bias of non-randomised studies (Schünemann 2019, GRADE guidelines 18)."""

RATED_UP: dict[str, str] = {
    "large_effect": "a large effect",
    "dose_response": "a dose response",
    "opposing_bias": "bias against the effect",
}
"""Why GRADE rates up (Guyatt 2011, GRADE guidelines 9): the only reasons to sign a certainty above what its domains give."""

LEVEL_NAMES: dict[str, str] = {
    "very_low": "Very low",
    "low": "Low",
    "moderate": "Moderate",
    "high": "High",
}
DOMAIN_NAMES: dict[str, str] = {
    "risk_of_bias": "Risk of bias",
    "inconsistency": "Inconsistency",
    "indirectness": "Indirectness",
    "imprecision": "Imprecision",
    "publication_bias": "Publication bias",
    OVERALL: "Certainty",
}
READINGS: dict[str, str] = {
    "very_low": "We do not know",
    "low": "may be",
    "moderate": "is probably",
    "high": "is",
}
