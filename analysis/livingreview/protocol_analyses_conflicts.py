"""What the declared analyses may say against the rest of the protocol, and the sensitivity analyses that none may be without.

Columns, and values that are no codes of the protocol, are checked beside the tables' schemas (:mod:`livingreview.extraction.analysed`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from livingreview.nearest import did_you_mean
from livingreview.protocol_analyses import Sensitivity
from livingreview.protocol_codes import FIELD_OF_COLUMN
from livingreview.protocol_model import Protocol
from livingreview.yaml_source import Where

Conflict = tuple[Where, str, str]
MAIN = "main"
"""Code of the main analysis beside its sensitivity analyses."""


def declared(p: Protocol) -> Iterator[Conflict]:
    """Conflicts within the section: codes used twice, roles, models, rows that stand alone, the mandatory set."""
    analyses = p.analyses
    for field in ("outcomes", "sensitivity", "subgroups", "moderators"):
        codes = [entry.code for entry in getattr(analyses, field)]
        for i, code in enumerate(codes):
            if code in codes[:i]:
                yield ("analyses", field, i, "code"), f"the code `{code}` is already used", "take another"
    primary = [i for i, o in enumerate(analyses.outcomes) if o.role == "primary"]
    if not primary:
        hint = "give the role `primary` to the outcome that the review's answer rests on"
        yield ("analyses", "outcomes"), "no outcome has the role `primary`", hint
    for i in primary[1:]:
        yield ("analyses", "outcomes", i, "role"), "another outcome is primary already", "keep one"
    for i, model in enumerate(analyses.comparison_models):
        if model == analyses.primary_model or model in analyses.comparison_models[:i]:
            yield ("analyses", "comparison_models", i), f"`{model}` stands there already", "take it out"
    for i, entry in enumerate(analyses.sensitivity):
        where: Where = ("analyses", "sensitivity", i)
        if entry.code == MAIN:
            yield (*where, "code"), f"`{MAIN}` is the code of the main analysis", "take another"
        if entry.unreported and (entry.keep or entry.drop or entry.least_total or entry.appraisal):
            yield (
                (*where, "unreported"),
                "counting unreported units as failures takes all studies of a therapy, so it stands alone",
                "make the selection a row of its own",
            )
    for what, example, met in _mandatory(p):
        if not any(met(entry) for entry in analyses.sensitivity):
            yield (
                ("analyses", "sensitivity"),
                f"a mandatory sensitivity analysis is missing: {what}",
                f"add a row such as `{example}`",
            )


def _mandatory(p: Protocol) -> Iterator[tuple[str, str, Callable[[Sensitivity], bool]]]:
    """Sensitivity analyses beside every pooled response: what it is, an example in the protocol's codes, and what makes a row
    one of this kind. A review of a single aetiology has no cause to take out."""
    yield (
        "series only (studies of two or more units)",
        "{code: series_only, name: Series only, least_total: 2}",
        lambda entry: (entry.least_total or 0) >= 2,
    )
    strongest = next(iter(p.bases))
    yield (
        f"results of the report only (`basis` must be `{strongest}`, the first of `bases`, and nothing else)",
        f"{{code: results_only, name: Results of the report only, keep: {{basis: [{strongest}]}}}}",
        lambda entry: entry.keep.get("basis") == [strongest],
    )
    yield (
        "without weak sources",
        "{code: primary_sources, name: Without registries, drop: {source_kind: [registry]}}",
        lambda entry: "source_kind" in entry.drop,
    )
    if len(p.aetiologies) > 1:
        *_, last = p.aetiologies
        yield (
            "without one of the causes",
            f"{{code: one_cause_less, name: Without one of the causes, drop: {{aetiology: [{last}]}}}}",
            lambda entry: 0 < len(set(entry.drop.get("aetiology", ()))) < len(p.aetiologies),
        )
    yield (
        "low concern in appraisal only",
        '{code: low_concern, name: Low concern in appraisal only, appraisal: {TOOL: {items: {1: ["yes"]}}}}',
        lambda entry: bool(entry.appraisal),
    )
    yield (
        "monotherapy confirmed only",
        '{code: monotherapy, name: Monotherapy confirmed only, keep: {monotherapy: ["yes"]}}',
        lambda entry: "no" not in entry.keep.get("monotherapy", ["no"]),
    )
    yield (
        "unreported units counted as failures",
        "{code: failures, name: Unreported counted as failures, unreported: failures}",
        lambda entry: entry.unreported is not None,
    )


def codes(p: Protocol) -> Iterator[Conflict]:
    """Codes in the section that the protocol does not list."""
    for i, outcome in enumerate(p.analyses.outcomes):
        where: Where = ("analyses", "outcomes", i)
        yield from _unknown((*where, "judged_on"), "construct", outcome.judged_on, p.constructs)
        yield from _unknown((*where, "unit"), "unit", outcome.unit, p.units)
        for j, basis in enumerate(outcome.bases):
            yield from _unknown((*where, "bases", j), "basis", basis, p.bases)
    for i, entry in enumerate(p.analyses.sensitivity):
        where = ("analyses", "sensitivity", i)
        for part in ("keep", "drop"):
            for column, values in getattr(entry, part).items():
                yield from _values(p, (*where, part, column), column, values)
        for tool, asked in entry.appraisal.items():
            yield from _unknown((*where, "appraisal", tool), "appraisal tool", tool, p.appraisal_tools)
            for item, accepted in asked.items.items():
                for j, judgement in enumerate(accepted):
                    place = (*where, "appraisal", tool, "items", str(item), j)
                    yield from _unknown(place, "judgement", judgement, type(p.judgements).model_fields)
    for i, group in enumerate(p.analyses.subgroups):
        where = ("analyses", "subgroups", i)
        taken: dict[str, str] = {}
        for code, values in group.groups.items():
            yield from _values(p, (*where, "groups", code), group.by, values)
            for j, value in enumerate(values):
                if value in taken:
                    message = f"`{value}` is already in the group `{taken[value]}`"
                    yield (*where, "groups", code, j), message, "keep it in one group"
                taken.setdefault(value, code)
        for label in group.labels:
            if group.groups:
                yield from _unknown((*where, "labels", label), "group", label, group.groups)
            else:
                yield from _values(p, (*where, "labels"), group.by, [label], (label,))


def _values(
    p: Protocol, where: Where, column: str, values: Collection[str], last: Where | None = None
) -> Iterator[Conflict]:
    """Values of a column that lists codes of the protocol; values of other columns are the tables' matter."""
    field = FIELD_OF_COLUMN.get(column)
    for j, value in enumerate(values) if field else ():
        yield from _unknown((*where, *(last or (j,))), column, value, getattr(p, str(field)))


def _unknown(where: Where, what: str, code: str, known: Collection[str]) -> Iterator[Conflict]:
    if code not in known:
        hint = did_you_mean(code, known) or f"the protocol has: {', '.join(known)}"
        yield where, f"no {what.replace('_', ' ')} `{code}`", hint
