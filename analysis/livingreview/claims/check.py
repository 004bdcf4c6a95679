"""No number in a generated sentence that is no claim: what the claims gate looks for.

Such a number is a fault of the program, which no data may meet with a stopped build: :func:`faults` and :func:`text_faults` tell them as
warnings and take wrong marks out; the tests, and :func:`check` and :func:`check_texts`, treat them as errors.

What may print without a claim is listed here, by kind and with the reason; each entry is narrow. The lint of the prose that people
write (``manuscript/numbers.yaml``) has its own list of the same kinds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from livingreview.claims.marks import Part, taken_out, without
from livingreview.claims.model import TEXT, Claim, Claims
from livingreview.claims.numbers import Token, tokens
from livingreview.errors import Problem, ReviewError
from livingreview.publish.escape import markdown

Row = Mapping[str, Any]

QUOTED = re.compile("“[^”]*”")
METHOD = (
    ("one-stage", "names a model"),
    ("two-step", "names a model"),
    ("one-sided", "names an interval"),
    ("one by one", "says how, not how many"),
    ("of one {patient}", "says which units belong together"),
    ("in one {patient}", "says which units belong together"),
    ("two or more units", "limit below which no model is fitted, fixed by the method"),
    ("fewer than three such studies", "limit below which no model is fitted, fixed by the method"),
    ("at least 10 studies", "limit below which no test is offered, fixed by the method"),
    ("PRISMA 2020", "names a guideline"),
    ("two studies with a count", "what a figure needs, fixed by the method"),
    ("need three studies", "what a figure needs, fixed by the method"),
    ("from ten studies on", "what a test needs, fixed by the method"),
    ("from five cells on", "what a coefficient needs, fixed by the method"),
    ("leave-one-out", "names an analysis"),
    ("on one moderator", "names a model"),
    ("is one between studies", "points at a difference, counts nothing"),
    ("rows of one therapy", "says which rows belong together"),
    ("two extractions", "names a comparison"),
    ("two findings", "says what kind of agreement it is, counts nothing"),
    ("k − 2", "degrees of freedom, as a formula"),
    ("k − 1", "degrees of freedom, as a formula"),
    ("to one side", "says where an interval lies"),
    ("on one side", "says where an interval lies"),
)
"""Fixed wording of methods: what stands in it counts nothing in the data."""
SIGNED_ON = r"\b\d{4}-\d\d-\d\d\b"
"""Days of signatures, as the table of signatures has them: a date is no count."""
VERBATIM = re.compile(
    r"review\.\w+|analyses\.(primary|secondary|additional|sensitivity|subgroups|moderators|models|model)|search\.description"
    r"|conclusions\.\w+\.sentence|conclusions\.(signed|summary|alerts)|\w+\.(name|short_name)|previous\.label"
)
"""Claims that are a statement of the protocol or the ledger: the sentence itself is the claim, and is printed as people wrote it."""


def faults(claims: Claims, documents: Row, labels: Iterable[str]) -> list[Problem]:
    """Warnings on every number of a generated sentence that is no part, and every part that does not exist or is printed with another
    value; such a part is taken out of its claim. ``labels`` are print names of studies, whose years are years of citations."""
    allowed = _allowed(documents, labels)
    return [p for claim in list(claims) for p in _faults(claim, claims, allowed)]


def check(claims: Claims, documents: Row, labels: Iterable[str]) -> None:
    """Raise :class:`ReviewError` with what :func:`faults` finds."""
    if problems := faults(claims, documents, labels):
        raise ReviewError(problems)


def _faults(claim: Claim, claims: Claims, allowed: re.Pattern[str]) -> list[Problem]:
    what = f"the sentence `{claim.key}`"
    wrong = {p.start: (p, why) for p in claim.marked if (why := _wrong(claim.key, p, claims))}
    found = [_problem(what, claim.text, p.start, p.end, why) for p, why in wrong.values()]
    if claim.unit == TEXT and not VERBATIM.fullmatch(claim.key):
        found += [
            _problem(what, claim.text, token.start, token.end, "is no claim")
            for token in uncovered(claim.text, [(p.start, p.end) for p in claim.marked], allowed)
        ]
    if wrong:
        claims.replace(claim.key, marked=tuple(p for p in claim.marked if p.start not in wrong))
    return found


def _wrong(sentence: str, part: Part, claims: Claims) -> str:
    """Why a marked number is not the claim that it is said to be; empty where it is."""
    if part.key not in claims:
        return claims.conflicts.get(
            (sentence, part.key, part.printed), f"is said to be `{part.key}`, which is no claim"
        )
    if not _prints(claims[part.key], part.printed):
        return f"is said to be `{part.key}`, which prints {claims[part.key].text}"
    return claims.conflicts.get((sentence, part.key, part.printed), "")


def text_faults(
    texts: Mapping[str, str], claims: Claims, documents: Row, labels: Iterable[str]
) -> tuple[dict[str, str], list[Problem]]:
    """The same for generated captions and paragraphs (markdown by file name): the texts without wrong marks, and the warnings.
    Tables' cells are left out, since a table shows its numbers with their rows and columns."""
    allowed = _allowed(documents, labels)
    kept, found = dict(texts), []
    for name, text in sorted(texts.items()):
        if name.startswith("parts/"):  # the protocol's own words
            continue
        wrong: set[tuple[str, str]] = set()
        for line in text.splitlines():
            if not line.startswith("|"):
                found += _in_text(name, line, claims, allowed, wrong)
        kept[name] = without(text, wrong)
    return kept, found


def check_texts(texts: Mapping[str, str], claims: Claims, documents: Row, labels: Iterable[str]) -> None:
    """Raise :class:`ReviewError` with what :func:`text_faults` finds."""
    if problems := text_faults(texts, claims, documents, labels)[1]:
        raise ReviewError(problems)


def _in_text(
    name: str, line: str, claims: Claims, allowed: re.Pattern[str], wrong: set[tuple[str, str]]
) -> list[Problem]:
    """Warnings on one line; its wrong marks are added to ``wrong``."""
    shown, parts = taken_out(_ATTRIBUTES.sub("", line))
    what = f"the built text {name}"
    found = []
    for part in parts:
        if why := _wrong(name, part, claims):
            wrong.add((part.key, part.printed))
            found.append(_problem(what, shown, part.start, part.end, why))
    free = uncovered(shown, [(p.start, p.end) for p in parts], allowed)
    return found + [_problem(what, shown, t.start, t.end, "is no claim") for t in free]


_ATTRIBUTES = re.compile(r"\]\(_built/[^)]*\)\{#[^}]*\}|\{#[^}]*\}|@(?:tbl|fig|sec|eq)-[\w-]+|\[@[^\]]*\]")
"""Paths, labels, alternative texts and references: what does not print as running text."""


def uncovered(text: str, spans: Iterable[tuple[int, int]], allowed: re.Pattern[str]) -> list[Token]:
    """Numbers of a text that lie in none of the spans and in nothing that may print without a claim."""
    free = [*spans, *(m.span() for m in QUOTED.finditer(text)), *(m.span() for m in allowed.finditer(text))]
    return [
        t
        for t in tokens(text)
        if t.kind != "quantifier" and not any(start <= t.start and t.end <= end for start, end in free)
    ]


def _allowed(documents: Row, labels: Iterable[str]) -> re.Pattern[str]:
    """Print names of studies, and names that the protocol gives, as they stand in sentences; then the wording of methods."""
    names = {*labels, *_names(documents)}
    shown = {
        form
        for name in names
        for form in (name, markdown(name))
        if any(c.isdigit() for c in form) or tokens(form)
    }
    patient = str((documents["units"].get("patient") or {}).get("singular", "patient"))
    fixed = {wording.format(patient=patient) for wording, _ in METHOD}
    forms = sorted(shown | fixed, key=len, reverse=True)
    return re.compile("|".join([*(re.escape(f) for f in forms), SIGNED_ON]), re.IGNORECASE)


NAMING = frozenset({"category", "measured", "scale", "name", "outcome_name", "label", "method_name"})
"""Fields of results that hold a name."""


def names_in(value: Any) -> set[str]:
    """Every name in nested results that a number may stand in."""
    found: set[str] = set()
    if isinstance(value, Mapping):
        for key, entry in value.items():
            if isinstance(entry, str):
                if key in NAMING and tokens(entry):
                    found.add(entry)
            else:
                found |= names_in(entry)
    elif isinstance(value, list):
        for entry in value:
            if not isinstance(entry, str | float | int):
                found |= names_in(entry)
    return found


def _names(documents: Row) -> set[str]:
    """Every name that the protocol gives to something: therapies, outcomes, codes, tools, criteria, versions."""
    found: set[str] = set()

    def collect(value: Any) -> None:
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, Mapping):
            for entry in value.values():
                collect(entry)
        elif isinstance(value, list):
            for entry in value:
                collect(entry)

    fields = (
        *("therapies", "outcomes", "units", "constructs", "designs", "design_plurals", "bases", "aetiologies", "source_kinds"),
        *("appraisal_tools", "judgements", "unverified_criteria", "out_of_scope", "response"),
    )  # fmt: skip
    for field in fields:
        collect(documents.get(field))
    collect([o.get("name") for o in documents["analyses"]["outcomes"]])
    collect([s.get("name") for s in documents["analyses"]["sensitivity"]])
    collect((documents.get("search") or {}).get("streams"))
    collect([c.get("name") for c in (documents.get("conclusions") or {}).get("declared") or []])
    return {name for name in found if len(name) > 1}


def _prints(claim: Claim, printed: str) -> bool:
    """Whether a number within a sentence is the number of its claim, in digits or in words."""
    here, there = ([t.value for t in tokens(text)] for text in (printed, claim.text))
    if not here:  # "no studies", "none", "unknown"
        return claim.value in (0, None) or printed == claim.text
    return here == there[: len(here)]


def _problem(what: str, text: str, start: int, end: int, why: str) -> Problem:
    """A warning on the number at ``start``, with the words around it."""
    first, last = max(0, start - 35), min(len(text), end + 35)
    around = f"{'…' if first else ''}{text[first:last].strip()}{'…' if last < len(text) else ''}"
    return Problem(
        f"a fault of the program, not in your data: {what} prints the number {text[start:end]}, which {why}",
        value=around,
        suggestion="please report it with this sentence; the build goes on, but this number cannot be traced to its rows",
        severity="warning",
    )
