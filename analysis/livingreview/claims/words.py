"""The protocol's names of things, escaped, in the forms that running text needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from livingreview.claims import wording as w
from livingreview.claims.marks import UNMARKED, Marks
from livingreview.publish.escape import markdown

Row = Mapping[str, Any]

PATIENT = "patient"


def lower_first(text: str) -> str:
    """The text with a small first letter, unless its first word is an abbreviation (``DOI``) or a lone letter."""
    at = w.first_letter(text)
    small = text[at + 1 : at + 2].islower()
    return text[:at] + text[at].lower() + text[at + 1 :] if small else text


@dataclass(frozen=True)
class Words:
    """The protocol's names of things, escaped and in the form that running text needs."""

    protocol: Row

    @property
    def level(self) -> float:
        """Confidence level."""
        return float(self.protocol["confidence_level"])

    def codes(self, field: str) -> list[str]:
        """Codes of a field of the protocol in its order (canonical files sort mappings and keep the order apart)."""
        known = list(self.protocol[field])
        wanted = [c for c in (self.protocol.get("order") or {}).get(field, ()) if c in known]
        return [*wanted, *(c for c in known if c not in wanted)]

    def units(self, unit: str, n: int | None) -> str:
        """Name of a unit in the number that ``n`` asks for."""
        return markdown(w.unit_names(self.protocol["units"], unit, n))

    def counted(self, n: int | None, unit: str, m: Marks = UNMARKED, name: str = "n") -> str:
        """``21 lesions``; with marks, the number is their claim ``name``."""
        many = self.units(unit, 2)
        return m.counted(
            name, n, self.units(unit, 1), many, f"{many} {name}" if name in ("treated", "evaluated") else ""
        )

    def construct(self, code: str) -> str:
        """Name of a construct as it stands within a sentence, in italics."""
        return f"*{markdown(lower_first(self.protocol['constructs'].get(code, code)))}*"

    def judged_on(self, code: str) -> str:
        """What a response was judged on, as the end of a clause; the reserved code ``unspecified`` reads differently."""
        return (
            f"with the construct {self.construct(code)}"
            if code == "unspecified"
            else f"judged on {self.construct(code)}"
        )

    def name(self, field: str, code: str | None, n: int = 1) -> str:
        """Label of a code in a field of the protocol (designs, bases, …), within a sentence; designs in the number of ``n``."""
        if not code:
            return w.NOT_REPORTED
        labels = self.protocol[field]
        if field == "designs" and n != 1:
            labels = {**labels, **(self.protocol.get("design_plurals") or {})}
        return markdown(lower_first(str(labels.get(code, code))))
