"""Who and what was studied: designs, sources, patients, ages, sex, causes, sites."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from livingreview.synthesis.counting import PATIENT, Row, TherapySlice, treated

NOT_REPORTED = "not_reported"


@dataclass(frozen=True, slots=True)
class Part:
    """Studies (``k``) and the patients known to be in them (``patients``) under one code or value."""

    code: str
    k: int
    patients: int


@dataclass(frozen=True, slots=True)
class Women:
    """``women`` of ``known`` patients whose sex is reported; ``unknown`` treated patients without."""

    women: int | None
    known: int
    unknown: int
    k: int


@dataclass(frozen=True, slots=True)
class Ages:
    """Ages in years: ``values`` of single patients, sorted, and their median; ``min`` and ``max`` also take reported
    ranges. ``summaries`` are means or medians of arms as reported (label: text). ``k`` studies report an age."""

    values: tuple[float, ...]
    median: float | None
    min: float | None
    max: float | None
    summaries: tuple[AgeSummary, ...]
    k: int


@dataclass(frozen=True, slots=True)
class AgeSummary:
    """Mean or median age of an arm of several patients, as reported."""

    study_id: str
    label: str
    mean: float | None
    median: float | None


@dataclass(frozen=True, slots=True)
class Described:
    """What a study says in words (site, underlying disease), as its source gives it."""

    study_id: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Characteristics:
    """Characteristics of the studies of one therapy; codes are the protocol's and in its order,
    ``not_reported`` where empty and last; countries by name."""

    designs: tuple[Part, ...]
    source_kinds: tuple[Part, ...]
    countries: tuple[Part, ...]
    aetiologies: tuple[Part, ...]
    monotherapy: dict[str, int]
    first_year: int | None
    last_year: int | None
    without_year: int
    women: Women
    ages: Ages
    sites: tuple[Described, ...]
    underlying_diseases: tuple[Described, ...]
    agents: tuple[Described, ...]


def characteristics(data: TherapySlice) -> Characteristics:
    """Characteristics over the arms of the therapy; patients shared by arms count once."""
    years = [int(s["year"]) for s in data.studies.values() if s.get("year") is not None]
    sizes: dict[str, int] = dict.fromkeys(data.studies, 0)
    for block in data.blocks(PATIENT):
        sizes[block.study_id] += block.at_least

    def parts(field: str, values: Iterable[tuple[str, str | None]]) -> tuple[Part, ...]:
        by_code: dict[str, set[str]] = {}
        for study_id, value in values:
            by_code.setdefault(value or NOT_REPORTED, set()).add(study_id)
        codes = sorted(by_code, key=lambda c: (c == NOT_REPORTED, data.place(field, c)))
        return tuple(Part(c, len(by_code[c]), sum(sizes[s] for s in by_code[c])) for c in codes)

    def of_studies(field: str, column: str) -> tuple[Part, ...]:
        return parts(field, ((s, study.get(column)) for s, study in data.studies.items()))

    mono = [a.get("monotherapy") for a in data.arms]
    monotherapy = {
        NOT_REPORTED if m is None else m if isinstance(m, str) else "yes" if m else "no": sum(
            x == m for x in mono
        )
        for m in mono
    }
    return Characteristics(
        designs=of_studies("designs", "design"),
        source_kinds=of_studies("source_kinds", "source_kind"),
        countries=of_studies("countries", "country"),
        aetiologies=parts("aetiologies", ((a["study_id"], a.get("aetiology")) for a in data.arms)),
        monotherapy=dict(sorted(monotherapy.items())),
        first_year=min(years, default=None),
        last_year=max(years, default=None),
        without_year=len(data.studies) - len(years),
        women=_women(data),
        ages=_ages(data),
        sites=_described(data, "site"),
        underlying_diseases=_described(data, "underlying_disease"),
        agents=_described(data, "agent_detail"),
    )


def _women(data: TherapySlice) -> Women:
    women = known = 0
    ids = set()
    for block in data.blocks(PATIENT):
        for arm_id in block.arms:
            counted = _women_of(data, data.arms_by_key[block.study_id, arm_id])
            if counted:
                women, known = women + counted[0], known + counted[1]
                ids.add(block.study_id)
                break
    return Women(women if known else None, known, treated(data, PATIENT).count - known, len(ids))


def _women_of(data: TherapySlice, arm: Row) -> tuple[int, int] | None:
    if arm.get("n_female") is not None and arm.get("n_patients"):
        return int(arm["n_female"]), int(arm["n_patients"])
    # sex is a fact of the person, not a result: single patients count even where they do not cover the arm
    sexes = [str(p["sex"]).upper() for p in data.participants_of(arm) if p.get("sex") is not None]
    return (sum(s.startswith("F") for s in sexes), len(sexes)) if sexes else None


def _ages(data: TherapySlice) -> Ages:
    values: list[float] = []
    ends: list[float] = []
    summaries: list[AgeSummary] = []
    ids: set[str] = set()
    for block in data.blocks(PATIENT):
        for arm_id in block.arms:
            arm = data.arms_by_key[block.study_id, arm_id]
            single = [float(p["age"]) for p in data.participants_of(arm) if p.get("age") is not None]
            reported = [
                float(arm[c])
                for c in ("age_min", "age_max", "age_mean", "age_median")
                if arm.get(c) is not None
            ]
            if not single and arm.get("n_patients") == 1 and reported:
                single = reported[:1]
            if not single and not reported:
                continue
            values += single
            ends += single + [float(arm[c]) for c in ("age_min", "age_max") if arm.get(c) is not None]
            ids.add(block.study_id)
            mean, mid = arm.get("age_mean"), arm.get("age_median")
            if arm.get("n_patients") != 1 and (mean is not None or mid is not None):
                summaries.append(AgeSummary(block.study_id, data.label(block.study_id), mean, mid))
            break
    values.sort()
    return Ages(
        values=tuple(values),
        median=median(values) if values else None,
        min=min(ends, default=None),
        max=max(ends, default=None),
        summaries=tuple(summaries),
        k=len(ids),
    )


def _described(data: TherapySlice, column: str) -> tuple[Described, ...]:
    return tuple(
        Described(a["study_id"], data.label(a["study_id"]), str(a[column]))
        for a in data.arms
        if a.get(column)
    )
