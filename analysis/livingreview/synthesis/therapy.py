"""Everything that is counted for one therapy, as one immutable result.

:meth:`TherapyResult.to_json` gives (None, never 0, wherever something is not reported)::

    therapy      {code, name, short_name, colour}        level   confidence level of every interval
    studies      [StudyLine]   one a study in print order (by year, "n.d." last)
    patients     {treated, treated_is_minimum, treated_unknown (arms without a size), studies,
                  evaluated_as_patients (a known response on some construct, counted per patient),
                  evaluated_any (these, and the patients of arms all of whose lesions were evaluated), unreported_any}
    responses    [responses.Response]     totals        [totals.Total]   one by unit and construct, never across
    analyses     [analysis.Analysis]      one by outcome that the protocol declares, in its order
    alternatives [alternatives.Alternative]  no_data       [{unit, construct}]  patient-level constructs nobody reports
    scores       [scores.OutcomeScores]   one by score outcome of the protocol;  measures  the same for other outcomes
    harms        harms.HarmSummary        recurrence    recurrence.RecurrenceSummary
    doses        {field: doses.Dose}      characteristics  characteristics.Characteristics
    warnings     [sentence]   every warning above, in order, ready to print

Rows come in the order of the protocol's units, constructs and other codes. Each class documents its fields. An estimate is :class:`livingreview.synthesis.estimates.Estimate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from livingreview.synthesis import records
from livingreview.synthesis.alternatives import Alternative, alternatives
from livingreview.synthesis.analyse import analyse, unsaid
from livingreview.synthesis.analysis import Analysis
from livingreview.synthesis.characteristics import Characteristics, characteristics
from livingreview.synthesis.counting import PATIENT, TherapySlice, treated
from livingreview.synthesis.doses import Dose, doses
from livingreview.synthesis.harms import HarmSummary, harms
from livingreview.synthesis.recurrence import RecurrenceSummary, recurrence
from livingreview.synthesis.responses import Response, responses
from livingreview.synthesis.scores import OutcomeScores, scores
from livingreview.synthesis.sentences import studies as count_studies
from livingreview.synthesis.totals import Total, totals


@dataclass(frozen=True, slots=True)
class People:
    """Patients of one study who are the same people in all arms named ``first_arm`` or sharing its patients, under this
    therapy: ``n`` (None: not reported), at least ``at_least``. The same ``first_arm`` in another therapy's result is the
    same people (see :func:`livingreview.synthesis.comparison.treated`)."""

    first_arm: str
    n: int | None
    at_least: int


@dataclass(frozen=True, slots=True)
class StudyLine:
    """One included study with an arm of the therapy. ``n_patients`` are its patients under this therapy, counted once;
    None where some arm does not report them. ``unverified_criteria`` are eligibility criteria that could not be checked."""

    study_id: str
    label: str
    year: int | None
    design: str | None
    source_kind: str | None
    country: str | None
    n_patients: int | None
    arms: tuple[str, ...]
    people: tuple[People, ...]
    unverified_criteria: tuple[str, ...]
    has_response: bool


@dataclass(frozen=True, slots=True)
class Patients:
    """Patients of the therapy; see the module's description. ``treated`` is a minimum if ``treated_is_minimum``."""

    treated: int
    treated_is_minimum: bool
    treated_unknown: int
    studies: int
    evaluated_as_patients: int
    evaluated_any: int
    unreported_any: int


@dataclass(frozen=True, slots=True)
class NoData:
    """A construct on which no study of the therapy reports patients."""

    unit: str
    construct: str


@dataclass(frozen=True, slots=True)
class TherapyResult:
    """All results of one therapy; see the module's description."""

    therapy: dict[str, Any]
    level: float
    studies: tuple[StudyLine, ...]
    patients: Patients
    responses: tuple[Response, ...]
    totals: tuple[Total, ...]
    analyses: tuple[Analysis, ...]
    alternatives: tuple[Alternative, ...]
    no_data: tuple[NoData, ...]
    scores: tuple[OutcomeScores, ...]
    measures: tuple[OutcomeScores, ...]
    harms: HarmSummary
    recurrence: RecurrenceSummary
    doses: dict[str, Dose]
    characteristics: Characteristics
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """JSON-ready dictionary; :meth:`from_json` gives the equal object back."""
        return dict(records.to_json(self))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> TherapyResult:
        """The result that :meth:`to_json` wrote. Raises KeyError or TypeError for another shape."""
        return records.from_json(cls, data)

    def total(self, unit: str, construct: str) -> Total | None:
        """The total of a unit and construct, None where no study says anything on it."""
        return next((t for t in self.totals if (t.unit, t.construct) == (unit, construct)), None)


def synthesise(slice_json: Mapping[str, Any]) -> TherapyResult:
    """Results of one therapy from the JSON of its slice. The order of rows in the slice does not matter.

    Raises KeyError for a slice without its core columns and ValueError for impossible counts, which the extract gate
    has refused before.
    """
    data = TherapySlice.from_json(slice_json)
    readings = responses(data)
    sums = totals(data, readings)
    harm = harms(data)
    again = recurrence(data, readings)
    analyses = analyse(data)
    score = scores(data)
    measures = scores(data, "other")
    told = {(t.unit, t.construct) for t in sums if t.k}
    no_data = tuple(
        NoData(PATIENT, c) for c in data.protocol.get("constructs") or {} if (PATIENT, c) not in told
    )
    patients = _patients(data, readings)
    warnings = [*_overall(data, patients, readings)]
    warnings += [w for t in sums for w in t.warnings]
    warnings += unsaid(data, analyses, sums)
    warnings += [*harm.warnings, *again.warnings]
    warnings += [w for s in (*score, *(m for m in measures if m.has_data)) for w in s.warnings]
    return TherapyResult(
        therapy=dict(data.therapy),
        level=data.level,
        studies=_study_lines(data, readings),
        patients=patients,
        responses=readings,
        totals=sums,
        analyses=analyses,
        alternatives=alternatives(data),
        no_data=no_data,
        scores=score,
        measures=measures,
        harms=harm,
        recurrence=again,
        doses=doses(data),
        characteristics=characteristics(data),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _study_lines(data: TherapySlice, readings: tuple[Response, ...]) -> tuple[StudyLine, ...]:
    people: dict[str, list[People]] = {s: [] for s in data.studies}
    arms: dict[str, list[str]] = {s: [] for s in data.studies}
    for block in data.blocks(PATIENT):
        people[block.study_id].append(People(block.root, block.size, block.at_least))
    for arm in data.arms:
        arms[arm["study_id"]].append(arm["arm_id"])
    counted = {r.study_id for r in readings if r.used}
    return tuple(
        StudyLine(
            study_id=s,
            label=data.label(s),
            year=study.get("year"),
            design=study.get("design"),
            source_kind=study.get("source_kind"),
            country=study.get("country"),
            n_patients=None if any(p.n is None for p in people[s]) else sum(p.n or 0 for p in people[s]),
            arms=tuple(arms[s]),
            people=tuple(people[s]),
            unverified_criteria=tuple(study.get("unverified_criteria") or ()),
            has_response=s in counted,
        )
        for s, study in data.studies.items()
    )


def _patients(data: TherapySlice, readings: tuple[Response, ...]) -> Patients:
    sizes = treated(data, PATIENT)
    direct: dict[tuple[str, str], int] = {}
    through: dict[tuple[str, str], int] = {}
    for r in readings:
        key = (r.study_id, r.arm_id)
        if r.used and r.unit == PATIENT:
            direct[key] = max(direct.get(key, 0), r.evaluated)
        elif r.used and r.unreported == 0 and r.patients is not None:
            through[key] = r.patients
    # the same people may be judged on several constructs and in several arms: the largest number, not the sum
    blocks = data.blocks(PATIENT)
    as_patients = sum(max(direct.get((b.study_id, a), 0) for a in b.arms) for b in blocks)
    evaluated = sum(
        max(max(n.get((b.study_id, a), 0) for n in (direct, through)) for a in b.arms) for b in blocks
    )
    return Patients(
        treated=sizes.count,
        treated_is_minimum=not sizes.known,
        treated_unknown=sizes.arms_unknown,
        studies=len(data.studies),
        evaluated_as_patients=as_patients,
        evaluated_any=evaluated,
        unreported_any=sizes.count - evaluated,
    )


def _overall(data: TherapySlice, patients: Patients, readings: tuple[Response, ...]) -> list[str]:
    name = data.therapy["name"]
    if not data.studies:
        return [f"{name}: no study was included."]
    found = []
    if not any(r.used for r in readings):
        found.append(
            f"{name}: no data on response; none of the {count_studies(len(data.studies))} reports a count."
        )
    if all(b.size == 1 for b in data.blocks(PATIENT)):
        found.append(f"{name}: all data come from reports of single patients.")
    if patients.treated_unknown:
        arms = "1 arm does" if patients.treated_unknown == 1 else f"{patients.treated_unknown} arms do"
        found.append(
            f"{name}: {arms} not report how many patients were treated; {patients.treated} is a minimum."
        )
    return found
