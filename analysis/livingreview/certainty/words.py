"""Words and numbers of the sentences on certainty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from livingreview.certainty.body import SCORE, Body
from livingreview.protocol_grade import DOMAIN_NAMES, LEVEL_NAMES, READINGS
from livingreview.synthesis.counting import PATIENT
from livingreview.synthesis.sentences import counted, listed, noun, percent, studies

JUDGEMENT_NAMES: Mapping[str, str] = {
    "not_serious": "Not serious",
    "serious": "Serious",
    "very_serious": "Very serious",
    "extremely_serious": "Extremely serious",
    "undetected": "Undetected",
    "strongly_suspected": "Strongly suspected",
}


@dataclass(frozen=True, slots=True)
class Words:
    """Labels of the protocol's codes: ``units`` with singular and plural, the others label by code."""

    units: Mapping[str, Any]
    designs: Mapping[str, str]
    levels: Mapping[str, str]
    domains: Mapping[str, str]
    readings: Mapping[str, str]

    @classmethod
    def from_protocol(cls, protocol: Mapping[str, Any]) -> Words:
        """The words of the certainty slice's ``protocol``; what it does not rename keeps GRADE's name."""
        section = protocol["certainty"]
        return cls(
            units=protocol["units"],
            designs=protocol["designs"],
            levels=LEVEL_NAMES | section["levels"],
            domains=DOMAIN_NAMES | section["domains"],
            readings=READINGS | section["readings"],
        )

    def judgement(self, code: str) -> str:
        """A judgement or level in words."""
        return self.levels.get(code) or JUDGEMENT_NAMES[code]

    def size(self, body: Body) -> str:
        """``12 patients in 7 studies``; without the units where they are not known."""
        k = studies(len(body.members))
        if body.participants is None:
            return k
        return f"{counted(body.participants, body.unit, self.units)} in {k}"

    def part(self, body: Body, part: int, whole: int, in_units: bool) -> str:
        """``3 of 12 patients`` or, where units are not known, ``1 of 4 studies``."""
        what = counted(whole, body.unit, self.units) if in_units else studies(whole)
        return f"{part} of {what}"

    def among(self, body: Body, part: int, whole: int, in_units: bool) -> str:
        """Beginning of a sentence that goes on with what is true of the studies: ``Of 12 patients, 3 are in studies`` or, where
        units are not known, ``Of 4 studies, 1 is a study``."""
        verb = "is" if part == 1 else "are"
        if in_units:
            return f"Of {counted(whole, body.unit, self.units)}, {part} {verb} in studies"
        return f"Of {studies(whole)}, {part} {verb} {'a study' if part == 1 else 'studies'}"

    def patients(self, n: int = 2) -> str:
        """What patients are called in this review, in the number that ``n`` asks for."""
        return noun(n, PATIENT, self.units)

    def tally(self, counts: Mapping[str, int], names: Mapping[str, str] | None = None) -> str:
        """``Case series: 3, Case report: 1``."""
        return ", ".join(f"{(names or {}).get(code, code)}: {n}" for code, n in counts.items())


def amount(value: float, kind: str) -> str:
    """A proportion in per cent; a score with at most three digits and a true minus sign."""
    return f"{value:.3g}".replace("-", "−") if kind == SCORE else percent(value)


def limits(lower: float, upper: float, kind: str) -> str:
    """``34 % to 78 %``."""
    return f"{amount(lower, kind)} to {amount(upper, kind)}"


def amounts(values: Iterable[float], kind: str) -> str:
    """``25 %, 50 % and 75 %``."""
    return listed([amount(v, kind) for v in values])
