"""What each claim rests on: raw rows by key, and the notebook cell or step that made it (from :mod:`livingreview.claims.families`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from livingreview.claims.families import family
from livingreview.claims.model import Claim, Claims

Row = Mapping[str, Any]

PROTOCOL = {
    "confidence": "confidence_level",
    "response_definition": "response.definition",
    "contributions": "authors",
    "question": "question.text",
}
"""Fields of review.yaml whose claims have another name."""
ELIGIBILITY = {
    "excluded_assessed": ("excluded",),
    "awaiting_classification": ("awaiting_classification",),
    "ongoing": ("ongoing",),
    "linked_reports": ("linked_report", "linked"),
    "included_studies": ("included",),
    "included_reports": ("included", "linked_report", "linked"),
}
"""Decisions that a box of the flow counts."""


_ALL_OF_THERAPY = re.compile(
    r"analysis\.(summary|\w+\.(summary|left_out|failures_lower|verdict\w*))"
    r"|response\.(brief|summary|\w+\.\w+\.(treated|unreported|studies_of_unknown_size|if_failures\..+))"
    r"|harms\.(summary|treated)"
)
_ALL_OF_REVIEW = re.compile(
    r"analyses\.(overview|brief|all\..+)|harms\.(brief|summary|treated)|releases\.(summary|new_studies|total\..+)"
)


def add_studies(claims: Claims, results: Iterable[Row]) -> None:
    """Let claims rest on every study of the therapy (or review) where those without a count enter too: patients treated or unreported, what
    would be if the unreported had failed, verdicts on sets of analyses that hold that bound, and sentences that tell of all these."""
    of = {r["therapy"]["code"]: {s["study_id"] for s in r["studies"]} for r in results}
    everybody = {study for studies in of.values() for study in studies}
    for claim in list(claims):
        therapy, _, rest = claim.key.partition(".")
        if therapy in of and _ALL_OF_THERAPY.fullmatch(rest):
            more = of[therapy]
        elif _ALL_OF_REVIEW.fullmatch(claim.key):
            more = everybody
        else:
            continue
        claims.replace(claim.key, studies=tuple(sorted({*claim.studies, *more})))


def add_provenance(claims: Claims, rows: Row, documents: Row) -> None:
    """Set ``rows`` and ``made_by`` of every claim; ``rows`` is the slice of row keys, ``documents`` holds the protocol."""
    found = _Rows(rows, documents)
    therapies = frozenset(t["code"] for t in documents["therapies"])
    for claim in list(claims):
        known, said = family(claim.key, therapies)
        keys = [key for name in known.rows for key in found.select(name, claim, said)]
        claims.replace(claim.key, rows=tuple(sorted(set(keys))), made_by=known.made_by)
    for claim in [c for c in claims if c.compared]:
        keys = [*claim.rows, *(row for key in claim.compared for row in claims[key].rows)]
        claims.replace(claim.key, rows=tuple(sorted(set(keys))))


@dataclass(frozen=True)
class _Rows:
    """Selectors of rows: each gives the keys for a claim and what its key says."""

    rows: Row
    documents: Row

    def select(self, name: str, claim: Claim, said: Mapping[str, str]) -> Iterable[str]:
        """Keys of the selector ``name``."""
        method: Callable[[Claim, Mapping[str, str]], Iterable[str]] = getattr(self, f"_{name}")
        return method(claim, said)

    def _of(self, table: str, claim: Claim, keep: Callable[[Row], bool] = lambda _: True) -> list[str]:
        studies = frozenset(claim.studies)
        return [r["key"] for r in self.rows.get(table, ()) if r["study"] in studies and keep(r)]

    def _kinds(self, *kinds: str) -> frozenset[str]:
        return frozenset(o["code"] for o in self.documents["outcomes"] if o["kind"] in kinds)

    def _with(self, kind: str, claim: Claim, said: Mapping[str, str], **columns: str | None) -> list[str]:
        codes = self._kinds(kind)
        wanted = {c: v for c, v in {"therapy": said.get("therapy"), **columns}.items() if v}
        return self._of(
            "outcomes",
            claim,
            lambda r: r["outcome"] in codes and all(r.get(c) == v for c, v in wanted.items()),
        )

    def _studies(self, claim: Claim, _: Mapping[str, str]) -> list[str]:
        return self._of("studies", claim)

    def _arms(self, claim: Claim, said: Mapping[str, str]) -> list[str]:
        return self._of("arms", claim, lambda r: r["therapy"] == said.get("therapy"))

    def _all_arms(self, claim: Claim, _: Mapping[str, str]) -> list[str]:
        codes = {t["code"] for t in self.documents["therapies"]}
        return self._of("arms", claim, lambda r: r["therapy"] in codes)

    def _participants(self, claim: Claim, said: Mapping[str, str]) -> list[str]:
        return self._of("participants", claim, lambda r: r["therapy"] == said.get("therapy"))

    def _responses(self, claim: Claim, said: Mapping[str, str]) -> list[str]:
        return self._with("response", claim, said, unit=said.get("unit"), construct=said.get("construct"))

    def _all_responses(self, claim: Claim, _: Mapping[str, str]) -> list[str]:
        return self._with("response", claim, {})

    def _analysed(self, claim: Claim, said: Mapping[str, str]) -> list[str]:
        declared = {o["code"]: o for o in self.documents["analyses"]["outcomes"]}
        outcome = declared.get(said.get("outcome", ""))
        if outcome is None:
            return self._with("response", claim, said)
        return self._with("response", claim, said, unit=outcome["unit"], construct=outcome["judged_on"])

    def _declared(self, _: Claim, said: Mapping[str, str]) -> list[str]:
        outcome = said.get("outcome")
        return [f"review.yaml:analyses.outcomes.{outcome}"] if outcome else ["review.yaml:analyses"]

    def _scores(self, claim: Claim, said: Mapping[str, str]) -> list[str]:
        return self._of(
            "outcomes",
            claim,
            lambda r: (
                r["outcome"] == said["outcome"] and (r["therapy"] == said["therapy"] or r["therapy"] is None)
            ),
        )

    def _all_scores(self, claim: Claim, said: Mapping[str, str]) -> list[str]:
        codes = self._kinds("score")
        return self._of(
            "outcomes", claim, lambda r: r["outcome"] in codes and r["therapy"] in (said["therapy"], None)
        )

    def _harms(self, claim: Claim, said: Mapping[str, str]) -> list[str]:
        return self._with("harm", claim, said)

    def _all_harms(self, claim: Claim, _: Mapping[str, str]) -> list[str]:
        return [*self._with("harm", claim, {}), *self._of("participants", claim)]

    def _recurrence(self, claim: Claim, said: Mapping[str, str]) -> list[str]:
        return self._with("recurrence", claim, said)

    def _all_recurrence(self, claim: Claim, _: Mapping[str, str]) -> list[str]:
        return [*self._with("recurrence", claim, {}), *self._of("participants", claim)]

    def _appraisals(self, claim: Claim, _: Mapping[str, str]) -> list[str]:
        return self._of("appraisals", claim)

    def _certainty(self, _: Claim, said: Mapping[str, str]) -> list[str]:
        therapy = said.get("therapy")
        return [r["key"] for r in self.rows["certainty"] if therapy in (None, r["therapy"])]

    def _certainty_rules(self, _: Claim, __: Mapping[str, str]) -> list[str]:
        return ["review.yaml:certainty"]

    def _records(self, _: Claim, __: Mapping[str, str]) -> list[str]:
        return list(self.rows["records"])

    def _queries(self, claim: Claim, said: Mapping[str, str]) -> list[str]:
        stream = said.get("rest", "").rpartition(".")[2]
        return [k for k in self.rows["queries"] if k == f"queries:{stream}"] or list(self.rows["queries"])

    def _assessed(self, claim: Claim, said: Mapping[str, str]) -> list[str]:
        wanted = ELIGIBILITY.get(said.get("box", "ongoing"), ())
        return [r["key"] for r in self.rows["studies"] if r["eligibility"] in wanted]

    def _every_study(self, _: Claim, __: Mapping[str, str]) -> list[str]:
        return [r["key"] for r in self.rows["studies"]]

    def _protocol(self, _: Claim, said: Mapping[str, str]) -> list[str]:
        return [f"review.yaml:{PROTOCOL.get(said['name'], said['name'])}"]

    def _analyses(self, _: Claim, said: Mapping[str, str]) -> list[str]:
        known = self.documents["analyses"]
        return [f"review.yaml:analyses.{said['name']}" if said["name"] in known else "review.yaml:analyses"]

    def _search(self, _: Claim, __: Mapping[str, str]) -> list[str]:
        return ["review.yaml:search"]

    def _therapy(self, _: Claim, said: Mapping[str, str]) -> list[str]:
        return [f"review.yaml:therapies.{said['therapy']}"]

    def _published(self, _: Claim, said: Mapping[str, str]) -> list[str]:
        return (
            [f"published:{said['path']}"]
            if said.get("path", "label") != "label"
            else ["review.yaml:previous_version"]
        )

    def _compared(self, claim: Claim, _: Mapping[str, str]) -> list[str]:
        return [*self._of("outcomes", claim), *self._of("arms", claim)]

    def _conclusions(self, claim: Claim, _: Mapping[str, str]) -> list[str]:
        """The declaration; the gate adds the rows of the claims that a conclusion compares."""
        return ["review.yaml:conclusions"]

    def _ledger(self, _: Claim, __: Mapping[str, str]) -> list[str]:
        return ["review.yaml:living"]
