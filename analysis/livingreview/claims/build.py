"""All claims of a review from the canonical files of the gates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livingreview import canonical
from livingreview.claims import (
    analyses,
    certainty,
    check,
    conclusions,
    declared,
    included,
    living,
    previous,
    provenance,
    review,
    safety,
    therapy,
)
from livingreview.claims.extracted_twice import add_agreement
from livingreview.claims.figures import Material
from livingreview.claims.model import Claims
from livingreview.claims.responses import Words, add_constructs, add_responses
from livingreview.conclusions.state import judged, look
from livingreview.protocol_order import restored
from livingreview.synthesis.sentences import capital

if TYPE_CHECKING:
    from livingreview.certainty.model import Certainty
    from livingreview.synthesis.therapy import TherapyResult

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Sources:
    """What the claims rest on: the canonical files of the extract and collect gates, read once."""

    documents: Row
    supplement: Row
    characteristics: Row
    appraisal: Row
    flow: Row
    certainty: Row
    bibliography: list[Row]
    results: Row
    rows: Row = field(default_factory=dict)
    releases: Row = field(default_factory=dict)
    update: Row = field(default_factory=dict)
    notices: Row = field(default_factory=dict)

    @classmethod
    def read(cls, build: Path) -> Sources:
        """Read the files below ``build``; raises OSError for a missing one."""
        extract = build / "extract"
        names = (
            "documents",
            "supplement",
            "characteristics",
            "appraisal",
            "flow",
            "certainty",
            "bibliography",
            "rows",
            "releases",
            "update",
            "notices",
        )
        return cls(
            **{n: restored(canonical.read_json(extract / f"{n}.json")) for n in names},
            results=canonical.read_json(build / "collect/results.json"),
        )

    @property
    def material(self) -> Material:
        """What figures' captions and alternative texts are made from."""
        return Material(
            self.documents, self.characteristics, self.appraisal, self.flow, self.results, self.update
        )

    @cached_property
    def ordered(self) -> list[Row]:
        """Results of the therapies in the protocol's order."""
        return [self.results["therapies"][t["code"]] for t in self.documents["therapies"]]

    @cached_property
    def therapies(self) -> dict[str, TherapyResult]:
        """Results of the therapies as objects, by code."""
        from livingreview.synthesis.therapy import TherapyResult

        return {code: TherapyResult.from_json(r) for code, r in self.results["therapies"].items()}

    @cached_property
    def rated(self) -> Certainty:
        """Certainty of the evidence: ratings and summary of findings, from the results and what people have signed."""
        from livingreview.certainty.assess import assess

        return assess(
            self.therapies, self.appraisal, self.certainty["signatures"], self.certainty["protocol"]
        )

    @cached_property
    def dose_names(self) -> dict[str, str]:
        """Print names of doses by field: the numeric columns of the arms that are no head count and no age, as the data
        dictionary titles them, in its order; then what the results have besides. So names do not hang on the data."""
        titles: dict[str, str] = {}
        for entry in self.supplement.get("dictionary") or []:
            field = _family(entry["column"])
            numeric = entry["table"] == "arms" and entry["type"] in ("number", "whole number")
            if numeric and not field.startswith(("n_", "age")):
                # the first column stands for its family (value, median, min, max)
                title = entry["title"].replace(" (median)", "").replace("Median ", "")
                unit = f" ({entry['unit']})" if entry.get("unit") and entry["unit"] not in title else ""
                titles.setdefault(field, f"{capital(title)}{unit}")
        found = sorted({field for result in self.ordered for field in result["doses"]})
        return titles | {field: field.replace("_", " ") for field in found if field not in titles}

    @cached_property
    def labels(self) -> set[str]:
        """Print names that a sentence may hold and that count nothing, though a number may stand in them: of studies and reports
        (``Smith 2020``), and what the tables and results call harms, scores, doses and models (``grade 2 burn``, ``6-minute walk``)."""
        kinds = ("included", "ongoing", "awaiting", "linked", "excluded")
        listed = [row for kind in kinds for row in self.supplement.get(kind) or []]
        noticed = self.notices.get("studies") or []  # a retracted study is in none of these lists any more
        rows = [*self.characteristics["studies"], *self.appraisal["studies"], *listed, *noticed]
        studies = {str(row[name]) for row in rows for name in ("label", "label_short") if row.get(name)}
        return studies | check.names_in(self.results) | set(self.dose_names.values())


def _family(column: str) -> str:
    for suffix in ("_median", "_min", "_max"):
        column = column.removesuffix(suffix)
    return column


def build(sources: Sources, *, checked: bool = True) -> Claims:
    """Every claim. Each therapy of the protocol has its whole set of keys, with data or without.

    Numbers of sentences that are no claims are told in :attr:`Claims.faults`, as warnings.
    Without ``checked`` values and texts are the same, but nothing is looked at twice and no claim knows its rows: for comparisons.
    """
    claims = Claims(strict=False)
    documents, words = sources.documents, Words(sources.documents)
    review.add_protocol(claims, documents)
    declared.add_declared(claims, documents)
    review.add_search(claims, documents, sources.supplement.get("queries") or [])
    review.add_flow(claims, sources.flow, sources.supplement)
    previous.add_previous(claims, documents, sources.therapies)
    included.add_included(claims, sources.characteristics, documents, sources.results)
    included.add_appraisal(claims, sources.appraisal)
    for result in sources.ordered:
        code = result["therapy"]["code"]
        add_responses(claims, code, result, words)
        analyses.add_analyses(claims, code, result, words)
        therapy.add_therapy(claims, code, result, words, sources.dose_names)
    add_constructs(claims, sources.ordered, words)
    analyses.add_brief(claims, sources.ordered, words)
    declared.add_overview(claims, sources.ordered)
    declared.add_untimed(claims, documents, sources.ordered)
    certainty.add_certainty(claims, sources.rated, documents)
    safety.add_overall(claims, sources.ordered, words)
    add_agreement(claims, sources.supplement.get("agreement") or {})
    living.add_living(claims, documents, sources.releases, sources.update)
    conclusions.add_inputs(claims, documents, sources.characteristics, sources.ordered)
    provenance.add_studies(claims, sources.ordered)
    conclusions.add_conclusions(claims, judged(sources, claims), look(sources))
    if checked:
        claims.faults += check.faults(claims, documents, sources.labels)
    if checked and sources.rows:
        provenance.add_provenance(claims, sources.rows, documents)
    return claims
