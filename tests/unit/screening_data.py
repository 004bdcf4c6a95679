"""Planted records and studies for the tests of screening, and the shipped review with its tables."""

from __future__ import annotations

import itertools
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from livingreview.extraction import dataset

ROOT = Path(__file__).parents[2]

_numbers = itertools.count(1)


@cache
def shipped() -> dataset.Dataset:
    return dataset.load(ROOT, ROOT)


def record(
    title: str | None = None, author: str | None = None, year: int | None = None, **more: Any
) -> dict[str, Any]:
    """A search record; every column that is not given is missing."""
    number = next(_numbers)
    empty = dict.fromkeys(("study_id", "journal", "doi", "pmid", "url", "reason"))
    return {
        "record_id": f"r{number:04}",
        "stream": "one",
        "title": title,
        "first_author": author,
        "year": year,
        "title_kind": "published",
        "decision": "exclude",
        "stage": "title_abstract",
        "_row": number,
        "_file": "data/raw/search/records_one.csv",
        **empty,
        **more,
    }


def study(study_id: str, eligibility: str = "included", **more: Any) -> dict[str, Any]:
    """A row of the studies table; every column that is not given is missing."""
    columns = ("first_author", "year", "title", "journal", "doi", "pmid", "exclusion_reason", "linked_to")
    return {
        "study_id": study_id,
        "eligibility": eligibility,
        "_row": next(_numbers),
        "_file": "data/raw/studies.csv",
        **dict.fromkeys(columns),
        **more,
    }


def review(records: list[dict[str, Any]], studies: list[dict[str, Any]], **search: Any) -> Any:
    """What the flow needs of a dataset, with settings of the protocol's ``search``."""
    return SimpleNamespace(protocol={"search": search}, tables={"records": records, "studies": studies})
