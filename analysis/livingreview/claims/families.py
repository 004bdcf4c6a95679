"""Families of claims: for each, the notebook cell (or the step) that makes its numbers, and the raw rows they rest on.

The one place where this is said. The first family whose pattern fits a key holds. Cells have names (``# %% name="totals"``); a test
checks that each cell is there and computes or shows what ``shows`` names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Family:
    """Claims with keys of one kind. ``pattern``: a regular expression with the groups ``therapy``, ``outcome``, ``unit``,
    ``construct`` and ``name`` where the key has them. ``cell``: of ``notebook``, or (without a notebook) the part of ``step``.
    ``shows``: what the cell computes or shows, as its code names it. ``rows``: names of selectors of
    :mod:`livingreview.claims.provenance`."""

    pattern: str
    cell: str
    notebook: str = ""
    step: str = ""
    shows: str = ""
    rows: tuple[str, ...] = ()

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    def match(self, key: str) -> dict[str, str] | None:
        """The groups of the pattern in a key; None where it does not fit."""
        found = self._compiled.fullmatch(key)
        return {k: v for k, v in found.groupdict().items() if v} if found else None

    @property
    def made_by(self) -> dict[str, str]:
        """``{"notebook": …, "cell": …}`` or ``{"step": …, "cell": …}``."""
        where = {"notebook": self.notebook} if self.notebook else {"step": self.step}
        return {**where, "cell": self.cell}


_T = r"(?P<therapy>[a-z0-9_]+)"
_O = r"(?P<outcome>[a-z0-9_]+)"
_REST = r"(?P<rest>\..+)?"
_RESPONSES = ("arms", "responses", "participants")
_ANALYSED = ("arms", "analysed", "participants", "declared")


def _therapy(pattern: str, cell: str, shows: str, rows: tuple[str, ...]) -> Family:
    return Family(rf"{_T}\.{pattern}", cell, notebook="therapy", shows=shows, rows=rows)


REVIEW = (
    Family(r"review\.(?P<name>\w+)", "protocol", step="extract", rows=("protocol",)),
    Family(
        r"analyses\.(all(?P<rest>\..+)|overview|brief)",
        "analyses",
        notebook="therapy",
        shows="main.estimate",
        rows=("analysed", "all_arms"),
    ),
    Family(
        r"analyses\.untimed", "analysed_studies", notebook="therapy", shows="timepoint_months", rows=("analysed",)
    ),
    Family(r"analyses\.(?P<name>\w+)", "protocol", step="extract", rows=("analyses",)),
    Family(r"search\.days(?P<rest>\..+)?", "queries", step="extract", rows=("queries",)),
    Family(r"search\.queries(?P<rest>\..+)?", "queries", step="extract", rows=("queries",)),
    Family(r"search\.(?P<name>\w+)" + _REST, "protocol", step="extract", rows=("search", "queries")),
    Family(
        r"flow\.(?P<box>identified|duplicates_removed|screened|excluded_screening|awaiting_assessment|sought)",
        "diagram",
        notebook="overview_flow",
        shows="flow",
        rows=("records",),
    ),
    Family(
        r"flow\.(?P<box>excluded_assessed|awaiting_classification|ongoing|linked_reports|included_studies|included_reports)",
        "diagram",
        notebook="overview_flow",
        shows="flow",
        rows=("assessed",),
    ),
    Family(r"flow\.ongoing_list", "ongoing", step="extract", rows=("assessed",)),
    Family(r"flow\.(?P<name>\w+)", "diagram", notebook="overview_flow", shows="flow", rows=("records", "every_study")),
    Family(
        r"included\.patients\..+", "everybody", notebook="overview_comparison", shows="treated", rows=("all_arms",)
    ),
    Family(
        r"included\.(summary|brief)", "studies", notebook="overview_characteristics", shows="design", rows=("studies", "all_arms")
    ),
    Family(
        r"included\..+", "studies", notebook="overview_characteristics", shows="design", rows=("studies",)
    ),
    Family(r"appraisal\..+", "items", notebook="overview_appraisal", shows="counts", rows=("appraisals",)),
    Family(
        r"certainty\..+",
        "judgements",
        notebook="overview_certainty",
        shows="judgement",
        rows=("appraisals", "certainty", "certainty_rules"),
    ),
    Family(
        r"responses\.constructs", "totals", notebook="overview_comparison", shows="construct", rows=("all_responses",)
    ),
    Family(r"harms\..+", "harm_totals", notebook="therapy", shows="harms", rows=("all_harms", "all_arms")),
    Family(r"recurrence\..+", "recurrence", notebook="therapy", shows="recurrence", rows=("all_recurrence", "all_responses")),
    Family(r"previous\.(?P<path>.+?)(\.shared\.\w+|[._]?(text|ours|verdict|overlap|same))?", "comparison", step="claims", rows=("published", "compared")),
    Family(r"conclusions" + _REST, "conclusions", step="claims", rows=("conclusions",)),
    Family(r"releases\.(summary|new_studies|total(?P<rest>\..+)?)", "ledger", step="extract", rows=("ledger", "studies")),
    Family(r"(living|releases)" + _REST, "ledger", step="extract", rows=("ledger",)),
    Family(r"notices" + _REST, "notices", step="extract", rows=("studies",)),
    Family(r"(agreement|dual)" + _REST, "agreement", step="extract", rows=("studies",)),
)  # fmt: skip

THERAPY = (
    _therapy(r"analysis\.summary", "analyses", "main.estimate", _ANALYSED),
    _therapy(
        rf"analysis\.{_O}\.(verdict.*|models_fitted)",
        "verdict",
        "verdict.text",
        _ANALYSED,
    ),
    _therapy(rf"analysis\.{_O}\.tipping.*", "verdict", "tipping.text", _ANALYSED),
    _therapy(rf"analysis\.{_O}\.failures_lower", "sensitivity", "pooled.estimate", _ANALYSED),
    _therapy(
        rf"analysis\.{_O}\.(clusters|naive|robust|wider|cautious_\w+)" + _REST, "clusters", "naive", _ANALYSED
    ),
    _therapy(rf"analysis\.{_O}\.(icc\d+\..+|icc_lower)", "correlations", "icc", _ANALYSED),
    _therapy(rf"analysis\.{_O}\.left_out(_.+)?", "left_out", "left_out", _ANALYSED),
    _therapy(rf"analysis\.{_O}\.(k|n|events|series|in_series)", "analysed_studies", "events", _ANALYSED),
    _therapy(rf"analysis\.{_O}\..+", "analyses", "main.estimate", _ANALYSED),
    _therapy(
        r"response\.(summary|(?P<unit>[a-z0-9]+)\.(?P<construct>[a-z0-9_]+)\.recurrence_exclusive)",
        "totals",
        "if_failures",
        (*_RESPONSES, "recurrence"),
    ),
    _therapy(r"response\.bas(is|es\..+)", "responses", "basis", _RESPONSES),
    _therapy(
        r"response\.(?P<unit>[a-z0-9]+)\.(?P<construct>[a-z0-9_]+)\..+",
        "totals",
        "if_failures",
        _RESPONSES,
    ),
    _therapy(r"response\..+", "totals", "if_failures", _RESPONSES),
    _therapy(r"scores\.summary", "measurements", "measurements", ("all_scores", "participants")),
    _therapy(
        rf"scores\.{_O}\.(paired(\..+)?|changes|fall\w*)",
        "paired_changes",
        "hodges_lehmann",
        ("scores", "participants"),
    ),
    _therapy(rf"scores\.{_O}\.mean_change.*", "mean_changes", "pooled.value", ("scores",)),
    _therapy(rf"scores\.{_O}\.\w+\.improved.*", "improved", "improved", ("scores",)),
    _therapy(rf"scores\.{_O}\.\w+\.second_reading.*", "second_readings", "alternatives", ("scores",)),
    _therapy(rf"scores\.{_O}" + _REST, "measurements", "measurements", ("scores", "participants")),
    _therapy(r"harms\.(partly|any_).*", "harms", "harms", ("harms", "participants")),
    _therapy(r"harms" + _REST, "harm_totals", "harms", ("harms", "participants", "arms")),
    _therapy(
        r"recurrence" + _REST, "recurrence", "recurrence", ("recurrence", "responses", "participants", "arms")
    ),
    _therapy(r"doses" + _REST, "doses", "doses", ("arms",)),
    Family(
        rf"{_T}\.certainty" + _REST,
        "judgements",
        notebook="overview_certainty",
        shows="judgement",
        rows=("appraisals", "certainty", "certainty_rules"),
    ),
    _therapy(r"untimed\..+", "analysed_studies", "timepoint_months", ("analysed",)),
    _therapy(r"studies\..+", "studies", "studies", ("studies", "arms")),
    _therapy(r"patients\..+", "studies", "n_patients", ("arms", "participants")),
    _therapy(
        r"(overview|designs|aetiologies|sex|ages)" + _REST,
        "synthesis",
        "synthesise",
        ("studies", "arms", "participants"),
    ),
    Family(rf"{_T}\.(name|short_name)", "protocol", step="extract", rows=("therapy",)),
)

ELSE = Family(r".+", "other", step="claims")
"""Claims of no family; a test keeps this empty for both reviews."""


def family(key: str, therapies: frozenset[str]) -> tuple[Family, dict[str, str]]:
    """The family of a key, and what the key says: therapy, outcome, unit, construct, name."""
    families = THERAPY if key.split(".")[0] in therapies else REVIEW
    for known in families:
        found = known.match(key)
        if found is not None:
            return known, found
    return ELSE, {}
