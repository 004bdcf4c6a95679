"""Columns that count the units of one patient: a convention that the checks of the tables and the synthesis share."""

from __future__ import annotations


def of_patient(unit: str) -> tuple[str, str]:
    """Columns of participants with the evaluated and the responding units of one patient: ``lesions_evaluated`` and
    ``lesions_responded`` for the unit ``lesion``."""
    return f"{unit}s_evaluated", f"{unit}s_responded"
