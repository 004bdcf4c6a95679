"""The result of one declared analysis of a therapy: main estimate, models beside it, sensitivity set, and what they say together."""

from __future__ import annotations

from dataclasses import dataclass

from livingreview.synthesis.estimates import Estimate, LeftOut
from livingreview.synthesis.firmness import FirmLimits
from livingreview.synthesis.pooled import Pooled


@dataclass(frozen=True, slots=True)
class StudyData:
    """What one study gives to an analysis: ``events`` of ``total`` units (arms of the study summed), with the exact interval.

    ``treated`` and ``unreported`` are None where some arm does not report its size. ``weight`` is the study's share in the main model, None where
    that defines none."""

    study_id: str
    label: str
    year: int | None
    design: str | None
    source_kind: str | None
    basis: str | None
    timepoint_months: float | None
    events: int
    total: int
    treated: int | None
    unreported: int | None
    arms: tuple[str, ...]
    estimate: Estimate
    weight: float | None


@dataclass(frozen=True, slots=True)
class SensitivityRow:
    """One row of the sensitivity set. ``kind``: ``selection`` (fewer studies), ``failures`` (unreported units as failures) or ``model``.

    ``state`` says where the interval lies against the threshold: ``above`` (lower limit at or above it), ``below`` (upper limit below
    it), ``undecided`` (it holds the threshold), None where nothing could be estimated (``reason`` says why). ``same_data``: the row rests on exactly
    the data of the main analysis, so that its agreement tells nothing; False for models, which always do. Unreported units as failures are a
    bound of counts with the exact interval, not a model."""

    code: str
    name: str
    kind: str
    k: int
    n: int
    events: int | None
    pooled: Pooled | None
    state: str | None
    same_data: bool
    left_out: tuple[LeftOut, ...]
    reason: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the sensitivity set says as a whole: ``declared`` analyses (the main one among them), of which ``estimated``; codes by state; ``agree`` is None with
    fewer than three estimated, and where all agree but fewer than three rest on data of their own: the same data cannot disagree. ``text`` is a sentence ready to print."""

    declared: int
    estimated: int
    same_data: int
    states: dict[str, tuple[str, ...]]
    agree: bool | None
    text: str


@dataclass(frozen=True, slots=True)
class Tipping:
    """How many unpublished failures would bring the exact lower limit below the threshold. ``failures`` is 0 where it already
    lies below, None without data. ``lower`` is the limit with so many failures added."""

    threshold: float
    failures: int | None
    events: int | None
    total: int | None
    lower: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a series of re-analyses: with ``study_id`` left out (leave-one-out) or added (cumulative; ``year`` None comes last)."""

    study_id: str
    label: str
    year: int | None
    k: int
    n: int
    pooled: Pooled
    state: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """One level of a subgroup analysis; ``reason`` where nothing could be estimated."""

    code: str
    name: str
    k: int
    n: int
    events: int
    pooled: Pooled | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class GroupTest:
    """A test of differences between subgroups. ``variance`` is ``common`` or ``separate`` (tau² of the groups)."""

    variance: str
    method: str
    citation: str
    statistic: float | None
    df: int | None
    p: float | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class SubgroupAnalysis:
    """One declared subgroup analysis. ``unknown`` units are in no group: their value is not known, or their results are not known
    one by one where the patients of an arm differ."""

    code: str
    name: str
    groups: tuple[Group, ...]
    tests: tuple[GroupTest, ...]
    unknown: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Regression:
    """Meta-regression on one moderator: ``slope`` on the logit scale per ``per`` units, its limits, and the odds ratio of it.
    None values with a ``reason`` where it was not fitted."""

    code: str
    name: str
    per: float
    k: int
    slope: float | None
    lower: float | None
    upper: float | None
    odds_ratio: float | None
    odds_ratio_lower: float | None
    odds_ratio_upper: float | None
    p: float | None
    method: str
    citation: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class SmallStudyTest:
    """One test of small-study effects; ``value`` is its statistic (Egger t, Begg tau, trim-and-fill adjusted proportion)."""

    code: str
    name: str
    citation: str
    value: float | None
    p: float | None
    filled: int | None
    side: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Contour:
    """Exact binomial range of the proportion seen in a study of ``n`` units if the pooled proportion held there."""

    n: int
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class SmallStudy:
    """Small-study effects: the tests are offered from ten studies on (``offered``), with ``text`` on what they cannot show."""

    offered: bool
    tests: tuple[SmallStudyTest, ...]
    contours: tuple[Contour, ...]
    text: str


@dataclass(frozen=True, slots=True)
class AtIcc:
    """The interval that the naive one becomes at an assumed correlation within patients; ``effective`` is the effective sample size."""

    icc: float
    effective: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Clusters:
    """Units that lie in patients. ``robust`` is the cluster-robust interval where the units are known patient by patient, else None
    and ``at_icc`` gives what the ``naive`` interval would be; ``warning`` is a sentence ready to print. Without a known number of patients ``at_icc`` is empty."""

    units: int
    patients: int | None
    naive: Estimate
    robust: Estimate | None
    at_icc: tuple[AtIcc, ...]
    warning: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that is computed for one declared outcome in one therapy; see the classes above.

    ``main`` is the declared primary model on ``studies`` (or the exact interval, with the reason); ``models`` the other models on the same data. ``left_out``
    names every other study of the therapy with the reason. ``warnings`` are sentences ready to print. ``firm`` holds the limits that may be read
    against the threshold, by the same model at a stricter level: of all studies, and without each where those lie on one side of it.
    """

    code: str
    name: str
    role: str
    counts: str
    unit: str
    construct: str
    threshold: float
    k: int
    n: int
    events: int
    studies: tuple[StudyData, ...]
    left_out: tuple[LeftOut, ...]
    main: Pooled
    models: tuple[Pooled, ...]
    sensitivity: tuple[SensitivityRow, ...]
    verdict: Verdict
    tipping: Tipping
    leave_one_out: tuple[Step, ...]
    cumulative: tuple[Step, ...]
    subgroups: tuple[SubgroupAnalysis, ...]
    regressions: tuple[Regression, ...]
    small_study: SmallStudy
    clusters: Clusters | None
    warnings: tuple[str, ...]
    firm: tuple[FirmLimits, ...] = ()
