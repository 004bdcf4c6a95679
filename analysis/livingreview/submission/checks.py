"""All checks of a package: those of form, and apart from them those of the evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from livingreview.submission import rules_figures, rules_files, rules_items, rules_look, rules_text
from livingreview.submission.check_types import OUTCOMES, Check, Judge, Outcome, counted
from livingreview.submission.facts import Facts

_RULES = (rules_text, rules_look, rules_figures, rules_items, rules_files)


@dataclass(frozen=True, slots=True)
class Checks:
    """The checks of a package, in the order in which they are told. ``read`` of the journal's ``rules`` were read at their source."""

    journal: str
    stage: str
    rules: int
    read: int
    formatting: tuple[Check, ...]
    evidence: tuple[Check, ...]
    notes: tuple[str, ...] = ()
    """What the steps said on the way: what was left out and why, what a revision was compared with."""

    @property
    def failures(self) -> tuple[Check, ...]:
        """Every check that failed, those of form first."""
        return tuple(c for c in (*self.formatting, *self.evidence) if c.outcome == "fail")

    @property
    def passed(self) -> bool:
        """Whether nothing failed. What a program cannot find out does not fail."""
        return not self.failures

    def to_json(self) -> dict[str, Any]:
        """Plain maps, lists, texts and numbers; checks in the order in which they are told."""
        return {
            "journal": self.journal,
            "stage": self.stage,
            "passed": self.passed,
            "rules": {"read_at_source": self.read, "of": self.rules},
            "totals": {"formatting": totals(self.formatting), "evidence": totals(self.evidence)},
            "formatting": [c.to_json() for c in self.formatting],
            "evidence": [c.to_json() for c in self.evidence],
            "notes": list(self.notes),
        }


def check(facts: Facts, evidence: Sequence[Check]) -> Checks:
    """All checks of a package. Raises ValueError where two have the same code."""
    found = [c for rules in _RULES for c in rules.check(facts)]
    found += _unknown(facts, found)
    codes = Counter(c.code for c in (*found, *evidence))
    if twice := sorted(code for code, number in codes.items() if number > 1):
        raise ValueError(f"two checks have the code {', '.join(twice)}")
    rules = [rule.verified for _, rule in facts.profile.rules()]
    return Checks(
        facts.profile.title, facts.stage, len(rules), sum(rules), tuple(found), tuple(evidence), facts.notes
    )


def read(written: Mapping[str, Any]) -> Checks:
    """Checks as :meth:`Checks.to_json` wrote them."""
    rules, parts = (
        written["rules"],
        {n: tuple(map(Check.from_json, written[n])) for n in ("formatting", "evidence")},
    )
    notes = tuple(written["notes"])
    return Checks(
        written["journal"], written["stage"], rules["of"], rules["read_at_source"], **parts, notes=notes
    )


def covers(code: str, place: Sequence[str | int], value: Any) -> bool:
    """Whether a check with this code is one of the rule at that place of the profile with that value."""
    if place[-1:] and isinstance(place[-1], int):
        return code == "/".join([*map(str, place[:-1]), str(value)])
    dotted = ".".join(map(str, place))
    return code == dotted or code.startswith(f"{dotted}/")


def _unknown(facts: Facts, found: Sequence[Check]) -> list[Check]:
    """Rules that the profile holds and nobody here knows how to check: told, never dropped."""
    judge = Judge(facts.profile)
    return [
        judge.check(
            rule,
            ".".join(map(str, place)),
            ".".join(map(str, place)),
            str(rule.value),
            "not looked at",
            "unverified",
            note="no program checks this rule yet",
        )
        for place, rule in facts.profile.rules()
        if not any(covers(c.code, place, rule.value) for c in found)
    ]


def totals(checks: Sequence[Check]) -> dict[Outcome, int]:
    """How many checks had which outcome."""
    found = Counter(c.outcome for c in checks)
    return {outcome: found[outcome] for outcome in OUTCOMES}


def summary(checks: Checks) -> str:
    """The totals in a line: ``Formatting: 41 of 46 rules met, 3 not, 2 cannot be checked by a program. Evidence: 4 of 15 met, 11 not.``"""
    return f"Formatting: {_total(checks.formatting)}. Evidence: {_total(checks.evidence)}."


def _total(checks: Sequence[Check]) -> str:
    found = totals(checks)
    asked = len(checks) - found["not applicable"]
    open_ones = found["unverified"]
    return (
        f"{found['pass']} of {counted(asked, 'rule')} met, {found['fail']} not, "
        f"{open_ones} cannot be checked by a program"
    )


def verdict(checks: Checks) -> list[str]:
    """What the command prints at its end: every failure a line, form and evidence apart; the last line has the totals."""
    lines = []
    for title, part in (("Formatting", checks.formatting), ("Evidence", checks.evidence)):
        failed = [c for c in part if c.outcome == "fail"]
        if failed:
            lines.append(f"{title}, not met ({len(failed)}):")
            lines += [f"  {line(c)}" for c in together(failed)]
    if checks.notes:
        lines.append("Said on the way:")
        lines += [f"  {' '.join(note.split())}" for note in checks.notes]
    lines.append(summary(checks))
    return lines


def together(checks: Sequence[Check]) -> list[Check]:
    """Checks of one rule that say the same of several files as one, in the place of the first: ``figures.font/Fig1, Fig2, Fig3``."""
    groups: dict[tuple[str, ...], list[Check]] = {}
    for check in checks:
        rule = check.code.partition("/")[0]
        groups.setdefault((rule, check.title, check.measured, check.limit, check.note), []).append(check)
    return [
        replace(group[0], code="/".join([rule[0], ", ".join(c.code.partition("/")[2] for c in group)]))
        if len(group) > 1
        else group[0]
        for rule, group in groups.items()
    ]


def line(check: Check) -> str:
    """A check in one line: code, what was measured, the limit, what to do."""
    text = f"{check.code}: {check.title}: {check.measured} (asked for: {check.limit})"
    note = f". {check.note[0].upper()}{check.note[1:]}" if check.note else ""
    return " ".join(f"{text}{note}".split())
