"""Who is counted: the slice of one therapy, its arms, the units treated in them, and which time point speaks.

The rules kept here: patients that arms share count once; a missing size stays missing (it is never 0); of several
time points the latest with a count is used; individually described patients stand in for counts only where they
cover the whole arm and the outcome table says nothing about it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from livingreview.protocol_order import restored

Row = Mapping[str, Any]

PATIENT = "patient"


@dataclass(frozen=True)
class TherapySlice:
    """Canonical rows of one therapy: included studies with an arm of it, its own arms, and what was reported in these."""

    therapy: Row
    protocol: Row
    studies: dict[str, Row]
    """Studies by id in print order: by year (without year last), then label."""
    arms: tuple[Row, ...]
    """Arms of this therapy, in the order of studies."""
    all_arms: tuple[Row, ...] = field(repr=False)
    """Controls and other arms of the same studies too."""
    outcomes: tuple[Row, ...] = field(repr=False)
    participants: tuple[Row, ...] = field(repr=False)
    unit_columns: Mapping[str, str] = field(default_factory=dict)
    """Column of the arms that counts a unit of analysis; without an entry ``n_<unit>s``."""
    appraisals: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict, repr=False)
    """Judgements by study, tool and number of the item."""

    @classmethod
    def from_json(cls, data: Row) -> TherapySlice:
        """The slice from the JSON of the extract gate; the order of rows in it does not matter."""
        code = data["therapy"]["code"]
        all_arms = data["arms"]
        with_therapy = {a["study_id"] for a in all_arms if a["therapy"] == code}
        listed = sorted((s for s in data["studies"] if s["study_id"] in with_therapy), key=study_order)
        place = {s["study_id"]: i for i, s in enumerate(listed)}
        own = {(a["study_id"], str(a["arm_id"])) for a in all_arms if a["therapy"] == code}

        def rows(table: Iterable[Row], key: str, arms: set[tuple[str, str]] | None = None) -> tuple[Row, ...]:
            kept = (
                r
                for r in table
                if r["study_id"] in place and (arms is None or (r["study_id"], str(r.get("arm_id"))) in arms)
            )
            return tuple(
                sorted(kept, key=lambda r: (place[r["study_id"]], str(r.get("arm_id")), str(r.get(key))))
            )

        return cls(
            therapy=data["therapy"],
            protocol=restored(data["protocol"]),
            studies={s["study_id"]: s for s in listed},
            arms=rows(all_arms, "arm_id", own),
            all_arms=rows(all_arms, "arm_id"),
            outcomes=rows(data["outcomes"], "outcome_id", own),
            participants=rows(data["participants"], "patient_id", own),
            unit_columns=data.get("unit_columns") or {},
            appraisals=data.get("appraisals") or {},
        )

    @property
    def level(self) -> float:
        """Confidence level of the protocol."""
        return float(self.protocol.get("confidence_level", 0.95))

    def label(self, study_id: str) -> str:
        """How the study prints."""
        return str(self.studies[study_id].get("label") or study_id)

    def size_column(self, unit: str) -> str:
        """Column of the arms that counts this unit of analysis."""
        return self.unit_columns.get(unit, f"n_{unit}s")

    @property
    def direct(self) -> str | None:
        """Code of the strongest basis: the first that the protocol lists; None where it lists none."""
        return next(iter(self.protocol.get("bases") or {}), None)

    def place(self, field: str, code: str | None) -> tuple[int, bool, str]:
        """Sort key of a code: its place in a field of the protocol; unknown codes after, patients first, by code."""
        places = self._places.setdefault(field, {c: i for i, c in enumerate(self.protocol.get(field) or {})})
        return (places.get(code or "", len(places)), code != PATIENT, code or "")

    @cached_property
    def _places(self) -> dict[str, dict[str, int]]:
        return {}

    @cached_property
    def outcome_kinds(self) -> dict[str, Row]:
        """Definition (name, kind, scale) by outcome code."""
        return {o["code"]: o for o in self.protocol.get("outcomes", ())}

    def of_kind(self, *kinds: str) -> list[Row]:
        """Outcome rows whose outcome is of one of these kinds in the protocol (an undeclared code is ``other``)."""
        return [
            r for r in self.outcomes if self.outcome_kinds.get(r["outcome"], {}).get("kind", "other") in kinds
        ]

    def of_kind_in(self, study_id: str, arm_id: str, kind: str) -> list[Row]:
        """Outcome rows of this kind in one arm."""
        rows = self._outcomes_by_arm.get((study_id, arm_id), [])
        return [r for r in rows if self.outcome_kinds.get(r["outcome"], {}).get("kind", "other") == kind]

    @cached_property
    def arms_by_key(self) -> dict[tuple[str, str], Row]:
        """Arms of this therapy by (study, arm)."""
        return {(a["study_id"], a["arm_id"]): a for a in self.arms}

    @cached_property
    def _outcomes_by_arm(self) -> dict[tuple[str, str], list[Row]]:
        found: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.outcomes:
            found[row["study_id"], row["arm_id"]].append(row)
        return found

    def participants_of(self, arm: Row) -> list[Row]:
        """Individually described patients of an arm."""
        return self._participants_by_arm.get((arm["study_id"], arm["arm_id"]), [])

    @cached_property
    def _participants_by_arm(self) -> dict[tuple[str, str], list[Row]]:
        found: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.participants:
            found[row["study_id"], row["arm_id"]].append(row)
        return found

    def blocks(self, unit: str) -> tuple[Block, ...]:
        """The arms of this therapy as blocks in which each unit occurs once.

        For patients, arms of a study that share patients are one block; lesions (and other units) belong to one arm.
        """
        if unit not in self._blocks:
            self._blocks[unit] = tuple(self._make_blocks(unit))
        return self._blocks[unit]

    @cached_property
    def _blocks(self) -> dict[str, tuple[Block, ...]]:
        return {}

    def _make_blocks(self, unit: str) -> Iterable[Block]:
        grouped: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for arm in self.arms:
            root = self._sharing[arm["study_id"], arm["arm_id"]] if unit == PATIENT else arm["arm_id"]
            grouped[arm["study_id"], root].append(arm)
        for (study_id, root), arms in grouped.items():
            sizes = [int(n) for a in arms if (n := a.get(self.size_column(unit))) is not None]
            stated = [
                int(r["total"])
                for a in arms
                for r in self._outcomes_by_arm.get((study_id, a["arm_id"]), ())
                if r.get("unit") == unit and r.get("total") is not None
            ]
            # the arm whose patients the others are comes first, so that its report is the one that counts
            ordered = sorted((a["arm_id"] for a in arms), key=lambda a: (a != root, a))
            yield Block(study_id, root, tuple(ordered), max(sizes, default=None), max(stated, default=0))

    @cached_property
    def _sharing(self) -> dict[tuple[str, str], str]:
        """For each arm the first of the arms that hold the same people, chains of ``shares_patients_with`` followed."""
        together: dict[tuple[str, str], set[tuple[str, str]]] = {}
        links = {(a["study_id"], a["arm_id"]): a.get("shares_patients_with") for a in self.all_arms}
        for key, other in links.items():
            group = together.get(key, {key}) | together.get(
                (key[0], other or key[1]), {(key[0], other or key[1])}
            )
            together.update(dict.fromkeys(group, group))
        # the first arm is the one that itself shares with none; in a circle there is none: then the smallest name
        return {
            key: min(group, key=lambda k: (links.get(k) is not None, k[1]))[1]
            for key, group in together.items()
        }


@dataclass(frozen=True)
class Block:
    """Arms of one study that hold the same units; ``root`` names them whatever the therapy. ``size`` is None where not reported; ``stated`` is the largest number
    that any of its outcome rows says was evaluated, so at least so many were treated."""

    study_id: str
    root: str
    arms: tuple[str, ...]
    size: int | None
    stated: int

    @property
    def at_least(self) -> int:
        """Units known to have been treated."""
        return max(self.size or 0, self.stated)


@dataclass(frozen=True, slots=True)
class Treated:
    """How many units the arms of a therapy hold. ``count`` is a minimum where some arm has no reported size."""

    unit: str
    count: int
    studies: int
    arms: int
    arms_unknown: int

    @property
    def known(self) -> bool:
        """True where every arm reports its size."""
        return self.arms_unknown == 0


def treated(data: TherapySlice, unit: str, studies: Iterable[str] | None = None) -> Treated:
    """Units treated in the arms of this therapy (of these studies, where given), each counted once."""
    within = None if studies is None else set(studies)
    blocks = [b for b in data.blocks(unit) if within is None or b.study_id in within]
    return Treated(
        unit=unit,
        count=sum(b.at_least for b in blocks),
        studies=len({b.study_id for b in blocks}),
        arms=len(blocks),
        arms_unknown=sum(b.size is None for b in blocks),
    )


def unsized(data: TherapySlice, unit: str) -> tuple[str, ...]:
    """Studies of this therapy that do not say of every arm how many units of this kind were treated, in print order."""
    unknown = {b.study_id for b in data.blocks(unit) if b.size is None}
    return tuple(s for s in data.studies if s in unknown)


def study_order(study: Row) -> tuple[bool, int, str, str]:
    """Sort key of studies: by year (without year last), label, id."""
    year = study.get("year")
    return (year is None, int(year or 0), str(study.get("label") or "").casefold(), str(study["study_id"]))


def arm_order(data: TherapySlice) -> dict[str, int]:
    """Place of each study in print order."""
    return {study_id: i for i, study_id in enumerate(data.studies)}


def primary(rows: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """Rows split into primary ones and alternatives (second readings of the same units, shown and never summed)."""
    first: list[Row] = []
    second: list[Row] = []
    for row in rows:
        (second if row.get("alternative_to") else first).append(row)
    return first, second


def months(row: Row) -> float | None:
    """Time point of an outcome row in months, None where not reported."""
    value = row.get("timepoint_months")
    return None if value is None else float(value)


def latest(points: Iterable[float | None], limit: float | None = None) -> float | None:
    """The latest time point not after ``limit``; an unreported time counts as earlier than any reported one.

    Raises ValueError where no time point is allowed.
    """
    allowed = [p for p in points if p is None or limit is None or p <= limit]
    return max(allowed, key=lambda p: -1.0 if p is None else p)


def covering(data: TherapySlice, arm: Row, column: str) -> list[Row]:
    """The individually described patients of an arm if they are all of its patients and each has a value in
    ``column``; else an empty list: a part of an arm never stands in for the arm."""
    people = data.participants_of(arm)
    if not people or arm.get("n_patients") != len(people) or any(p.get(column) is None for p in people):
        return []
    return people


def same(values: Sequence[Any]) -> Any:
    """The one value that all agree on, else None."""
    return values[0] if values and all(v == values[0] for v in values) else None
