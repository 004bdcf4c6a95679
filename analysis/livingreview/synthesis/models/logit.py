"""The logit scale: its inverse, and the quantile of Wald intervals on it."""

from __future__ import annotations

from math import exp


def inverse_logit(value: float) -> float:
    """1 / (1 + exp(-value)) without overflow."""
    small = exp(-abs(value))
    return 1 / (1 + small) if value >= 0 else small / (1 + small)


def normal_quantile(level: float) -> float:
    """The quantile of the standard normal distribution for a two-sided interval of this level: 1.96 for 0.95."""
    from scipy.special import ndtri

    return float(ndtri(1 - (1 - level) / 2))
