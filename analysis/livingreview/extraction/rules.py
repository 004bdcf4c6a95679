"""All row rules: which there are, which a review's schemas ask for, and running them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from livingreview.errors import Problem
from livingreview.extraction import (
    rules_appraisal,
    rules_certainty,
    rules_lesions,
    rules_participants,
    rules_results,
    rules_scores,
    rules_studies,
)
from livingreview.extraction.ruling import RULES, Review, Row
from livingreview.extraction.schema import TableSchema
from livingreview.nearest import did_you_mean
from livingreview.protocol import Draft

MODULES = (
    rules_studies, rules_results, rules_scores, rules_participants, rules_lesions, rules_appraisal, rules_certainty,
)  # fmt: skip


def unknown(schemas: Mapping[str, TableSchema]) -> Iterator[Problem]:
    """Rules that a schema names but that do not exist, stand at another table, or lack a column."""
    for schema in schemas.values():
        for name in schema.rules:
            rule = RULES.get(name)
            own = [r.name for r in RULES.values() if r.table == schema.name]
            if rule is None or rule.table != schema.name:
                yield Problem(
                    f"no rule `{name}` for the table {schema.name}",
                    file=schema.file,
                    allowed=", ".join(own),
                    suggestion=did_you_mean(name, own),
                )
                continue
            for column in rule.columns:
                if column not in schema.fields:
                    yield Problem(
                        f"the rule `{name}` needs the column `{column}`",
                        file=schema.file,
                        suggestion="add the column, or take the rule out",
                    )


def check(
    draft: Draft,
    tables: Mapping[str, list[Row]],
    schemas: Mapping[str, TableSchema],
    complete: Collection[str],
) -> list[Problem]:
    """Problems found by the rules that the schemas name.

    A rule that compares with a table that is not in ``complete`` is skipped, and so is one that reads a part of the
    protocol that is broken: their findings would only repeat what is told there.
    """
    review = Review(tables, schemas, draft.protocol)
    problems: list[Problem] = []
    for schema in schemas.values():
        for name in schema.rules:
            rule = RULES.get(name)
            if rule is None:
                continue  # told by `unknown`
            if draft.known.issuperset(rule.protocol) and set(rule.against) <= set(complete):
                problems += rule.check(review)
    return problems
