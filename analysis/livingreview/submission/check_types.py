"""One rule held against what was measured, and how rules of a profile become such checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from livingreview.submission.profile_model import Profile, Rule

Outcome = Literal["pass", "fail", "not applicable", "unverified"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
HOUSE = "house."
"""How the codes begin of rules that hold for every package, whatever a journal says."""
_HOUSE_SOURCE = "House rule: holds for every package"


@dataclass(frozen=True, slots=True)
class Check:
    """A rule, its limit, and what was measured.

    ``code`` is the rule's place in the profile, with the file or part that was looked at after a slash (``figures.dpi/Fig2.tif``,
    ``statements/funding``), or begins with ``house.`` or ``evidence.``. ``limit`` and ``measured`` are for people, with units; ``numbers``
    are the same for programs. ``outcome`` is ``unverified`` where a program cannot find out whether the rule is met; ``note`` then says why, and
    after a failure what to do. ``source`` is where the rule stands, and ``verified`` whether it was read there; ``remark`` is the profile's own
    note on the rule. ``where`` is what was looked at.
    """

    code: str
    title: str
    limit: str
    measured: str
    outcome: Outcome
    source: str = ""
    verified: bool = False
    note: str = ""
    where: str = ""
    remark: str = ""
    numbers: tuple[tuple[str, float], ...] = ()

    @property
    def place(self) -> str:
        """The rule without the file or part that was looked at."""
        return self.code.partition("/")[0]

    @property
    def house(self) -> bool:
        """Whether no journal asks for it."""
        return self.code.startswith(HOUSE)

    def to_json(self) -> dict[str, Any]:
        """Plain fields."""
        found = {name: getattr(self, name) for name in type(self).__dataclass_fields__ if name != "numbers"}
        return {**found, "numbers": dict(self.numbers)}

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Check:
        """A check as :meth:`to_json` wrote it."""
        return cls(**{**written, "numbers": tuple(written["numbers"].items())})


class Judge:
    """Makes checks of the rules of one profile."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    def check(
        self,
        rule: Rule[Any],
        code: str,
        title: str,
        limit: str,
        measured: str,
        met: bool | Outcome,
        *,
        note: str = "",
        where: str = "",
        numbers: Mapping[str, float | None] | None = None,
    ) -> Check:
        """A check of a rule of the profile. ``note`` prints unless the rule is met; ``numbers`` that are None are left out."""
        outcome = _outcome(met)
        return Check(
            code,
            title,
            limit,
            measured,
            outcome,
            source=self.source(rule),
            verified=rule.verified,
            note="" if outcome == "pass" else note,
            where=where,
            remark=rule.note,
            numbers=tuple((n, v) for n, v in (numbers or {}).items() if v is not None),
        )

    def source(self, rule: Rule[Any]) -> str:
        """Title and address of where the rule stands; empty where the profile names no source."""
        found = self._profile.sources.get(rule.source)
        return f"{found.title}, {found.url}" if found else ""


def house(
    name: str, title: str, limit: str, measured: str, met: bool | Outcome, *, note: str = "", where: str = ""
) -> Check:
    """A check of a rule that holds for every package."""
    outcome = _outcome(met)
    return Check(
        f"{HOUSE}{name}",
        title,
        limit,
        measured,
        outcome,
        source=_HOUSE_SOURCE,
        verified=True,
        note="" if outcome == "pass" else note,
        where=where,
    )


def _outcome(met: bool | Outcome) -> Outcome:
    if isinstance(met, bool):
        return "pass" if met else "fail"
    return met


def bounds(low: float | None, high: float | None, unit: str) -> str:
    """A span in words: ``150 to 250 words``, ``at most 6 references``, ``no limit``."""
    if low is not None and high is not None:
        return f"{low:g} {unit}" if low == high else f"{low:g} to {high:g} {unit}"
    if high is not None:
        return f"at most {high:g} {unit}"
    return f"at least {low:g} {unit}" if low is not None else "no limit"


def within(value: float, low: float | None, high: float | None, slack: float = 0.0) -> bool:
    """Whether a value lies between bounds, both included; ``slack`` is what measuring may be off by."""
    return (low is None or value >= low - slack) and (high is None or value <= high + slack)


def off(value: float, low: float | None, high: float | None, unit: str) -> str:
    """By how much a value lies outside: ``12 words too many``; empty where it does not."""
    if high is not None and value > high:
        return f"{value - high:g} {unit} too many"
    return f"{low - value:g} {unit} too few" if low is not None and value < low else ""


def counted(number: int, singular: str, plural: str = "") -> str:
    """``1 table``, ``3 tables``."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def listed(values: Iterable[object], otherwise: str = "none") -> str:
    """Everything, in the order given, with commas."""
    return ", ".join(str(value) for value in values) or otherwise
