"""What the checks of the evidence read of a built review, and how they are made."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livingreview.errors import Problem, ReviewError
from livingreview.submission.check_types import Check, Outcome

PREFIX = "evidence."
_NEEDED = (
    "extract/supplement.json",
    "extract/characteristics.json",
    "extract/appraisal.json",
    "extract/flow.json",
    "claims/claims.json",
    "claims/conclusions.json",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A check of the evidence to be made: its code, title, limit, source and whether that was read."""

    code: str
    title: str
    limit: str
    source: str
    verified: bool = True

    def found(self, measured: str, met: bool | Outcome, note: str, where: str = "") -> Check:
        outcome: Outcome = ("pass" if met else "fail") if isinstance(met, bool) else met
        return Check(
            PREFIX + self.code,
            self.title,
            self.limit,
            measured,
            outcome,
            source=self.source,
            verified=self.verified,
            note="" if outcome == "pass" else note,
            where=where,
        )


class Built:
    """What the built review says."""

    def __init__(self, review: Path) -> None:
        missing = [name for name in _NEEDED if not (review / "build" / name).is_file()]
        if missing:
            raise ReviewError(
                [
                    Problem("has not been built", f"build/{name}", suggestion="build the review first")
                    for name in missing
                ]
            )
        slices = {name: json.loads((review / "build" / name).read_text(encoding="utf-8")) for name in _NEEDED}
        self.supplement: dict[str, Any] = slices[_NEEDED[0]]
        self.studies: list[dict[str, Any]] = slices[_NEEDED[1]]["studies"]
        self.appraised: list[dict[str, Any]] = slices[_NEEDED[2]]["studies"]
        self.boxes: dict[str, Any] = slices[_NEEDED[3]]["boxes"]
        self._claims: dict[str, Any] = slices[_NEEDED[4]]
        self.conclusions: list[dict[str, Any]] = slices[_NEEDED[5]]
        self.raw = review / "data" / "raw"

    def number(self, claim: str) -> int:
        """The value of a claim that counts something; 0 where there is none."""
        return int(self._claims.get(claim, {}).get("value") or 0)

    def rows(self, table: str) -> list[dict[str, str]]:
        """Rows of a raw table; none where there is no such table."""
        path = self.raw / table
        if not path.is_file():
            return []
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
