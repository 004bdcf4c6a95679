"""The lint of numbers: whatever is counted or estimated must be printed by a claim, never typed.

Looked at are the texts of every document (headings, paragraphs, lists, hand-written tables), captions and alternative
texts wherever they stand, and the names and sentences of ``review.yaml`` that print among the results. Not looked at are
sections that ``manuscript/numbers.yaml`` exempts, and what the build itself writes (the claims gate checks that).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livingreview import canonical, yaml_source
from livingreview.claims.numbers import QUANTIFIER, Token, tokens
from livingreview.errors import Problem, ReviewError
from livingreview.prose.allowed import FILE, Allowed
from livingreview.publish.project import Project
from livingreview.publish.sources import SHORTCODE, Source, include_path

_BUILT = "_built"
# What is no prose: attributes, citations and references, targets of links, tags, entities, footnote marks, fences.
_NO_PROSE = re.compile(
    r"(?<!\\)\{[^{}\n]*\}"
    r"|(?<![\w\\])-?@(?:\{[^}\s]+\}|\w(?:\w|[:.#$%&\-+?<>~/](?=\w))*)"
    r"|(?<=\])\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)"
    r"|\[\^[^\]\n]+\]|https?://\S+|</?[A-Za-z][^<>\n]*>|&#?\w+;"
    r"|(?m:^[ \t]*(?:\(?\d{1,3}[.)])(?=\s))|(?m:^:{3,}.*$)"
)
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.*?)[ \t]*(?:\{([^{}\n]*)\})?[ \t]*#*[ \t]*$", re.M)
_CAPTIONS = re.compile(
    r"^(?:Table)?:[ \t]+\S[^\n]*(?:\n(?![ \t]*\n|:::|\|)[^\n]+)*"  # below a table
    r"|!\[(?:[^\[\]\\]|\\.|\[[^\]]*\])*\](?=\()"  # of a picture
    r"|^:{3,}[^\n]*#(?:fig|tbl)-[^\n]*\n.*?^:{3,}[ \t]*$",  # a labelled box, its last paragraph
    re.M | re.S,
)
_ALTERNATIVE = re.compile(r"(?:fig-alt|alt|fig-cap|tbl-cap)=(\"[^\"\n]*\"|'[^'\n]*')")
_FRONT = re.compile(r"^(?:title|subtitle|abstract|description):[^\n]*(?:\n[ \t]+[^\n]*)*", re.M)

SPOKEN = "alternative text"

# Texts of the protocol that print among the results, as paths (`*`: every key or place of a list).
PROTOCOL_TEXTS = (
    "title", "short_title", "therapies.*.name", "therapies.*.short_name", "out_of_scope.*", "response.categories.*",
    "constructs.*", "designs.*", "designs.*.*", "aetiologies.*", "outcomes.*.name", "outcomes.*.scale", "bases.*",
    "source_kinds.*", "judgements.*.label", "analyses.outcomes.*.name", "analyses.sensitivity.*.name",
    "analyses.subgroups.*.name", "analyses.subgroups.*.labels.*", "analyses.moderators.*.name", "certainty.readings.*",
    "search.description", "search.streams.*", "search.box_labels.*", "search.reason_groups.*.label",
    "previous_version.comparisons.*.nothing", "conclusions.*.name", "conclusions.*.sentences.*",
    "conclusions.*.how", "conclusions.*.*.name", "conclusions.*.*.sentences.*", "conclusions.*.*.how", "living.triggers.*",
    "living.retirement.reasons.*", "living.versions.*.trigger", "living.versions.*.methods.*", "status",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a source that is to be looked at: ``[start, end)`` and what it is called in a message."""

    start: int
    end: int
    what: str


def document(path: Path, project: Project, allowed: Allowed) -> list[Problem]:
    """Every typed number of a document and of the files that people wrote and it includes, with file and line."""
    nouns = units(project.review)
    return list(dict.fromkeys(_visit(path, path.parent, project, allowed, nouns, False, ())))


def protocol(project: Project, allowed: Allowed) -> list[Problem]:
    """Every typed number in the texts of ``review.yaml`` that print among the results, with its line."""
    name = "review.yaml"
    if not (project.review / name).is_file():
        return []
    source = yaml_source.read(project.review / name, name)
    nouns = units(project.review)
    found = []
    for pattern in PROTOCOL_TEXTS:
        for path, text in _values(source.data, pattern.split("."), ()):
            plain = _blank(re.compile(r"\{\{?<?[^{}]*>?\}?\}"), text)
            for token in tokens(plain, nouns):
                if not _bound(plain, text, token) and not allowed.covers(text, token.start, token.end):
                    found.append(
                        _problem(token, text, name, source.line(path), ".".join(map(str, path)), project)
                    )
    return found


def units(review: Path) -> list[str]:
    """The review's own countable nouns: its units of analysis, singular and plural."""
    try:
        data = yaml_source.read(review / "review.yaml", "review.yaml").data
    except ReviewError:
        return []  # told by the check of the protocol
    listed = data.get("units") if isinstance(data, dict) else None
    named = listed.values() if isinstance(listed, dict) else []
    return [str(v) for unit in named if isinstance(unit, dict) for v in unit.values() if v]


def _visit(
    path: Path,
    folder: Path,
    project: Project,
    allowed: Allowed,
    nouns: list[str],
    exempt: bool,
    inside: tuple[Path, ...],
) -> Iterator[Problem]:
    if not path.is_file() or path in inside:
        return  # told by the check of the document
    source = Source(path)
    parts = sections(source, allowed, exempt)
    shown = project.shown(path)
    text = prose(source)
    for stretch in stretches(source, parts):
        words = source.plain if stretch.what == SPOKEN else text
        for token in tokens(words[stretch.start : stretch.end], nouns):
            start, end = stretch.start + token.start, stretch.start + token.end
            if _bound(text, source.text, token, start) or allowed.covers(source.text, start, end):
                continue
            yield _problem(
                token, _around(source.text, start, end), shown, source.line(start), stretch.what, project
            )
    for match in SHORTCODE.finditer(source.masked):
        if match.group(1) == "include" and _BUILT not in Path(match.group(2).strip(" \"'")).parts:
            within = next((p[2] for p in parts if p[0] <= match.start() < p[1]), exempt)
            target = include_path(match.group(2).strip(" \"'"), folder)
            yield from _visit(target, folder, project, allowed, nouns, within, (*inside, path))


def sections(source: Source, allowed: Allowed, exempt: bool = False) -> list[tuple[int, int, bool]]:
    """The body of a source from heading to heading: start, end, and whether the part is exempt (it or a section around it)."""
    marks = list(_HEADING.finditer(source.masked, source.body_start))
    parts = [(source.body_start, marks[0].start() if marks else len(source.text), exempt)]
    around: list[tuple[int, bool]] = []
    for number, mark in enumerate(marks):
        level = len(mark.group(1))
        around = [(depth, free) for depth, free in around if depth < level]
        label = re.search(r"#([\w-]+)", mark.group(3) or "")
        free = any(f for _, f in around) or allowed.exempts(
            mark.group(2).strip(), label.group(1) if label else ""
        )
        around.append((level, free))
        end = marks[number + 1].start() if number + 1 < len(marks) else len(source.text)
        parts.append((mark.start(), end, exempt or free))
    return parts


def stretches(source: Source, parts: Iterable[tuple[int, int, bool]]) -> Iterator[Stretch]:
    """What of a source is looked at: text outside exempt sections, and captions and alternative texts everywhere."""
    strict = [(start, end) for start, end, exempt in parts if not exempt]
    for start, end in strict:
        yield Stretch(start, end, "text")
    for match in _FRONT.finditer(source.front_text):
        offset = source.text.index(source.front_text)
        yield Stretch(offset + match.start(), offset + match.end(), "title")
    for match in _CAPTIONS.finditer(source.masked, source.body_start):
        if not any(a <= match.start() < b for a, b in strict):
            yield Stretch(*match.span(), "caption")
    for match in _ALTERNATIVE.finditer(source.plain, source.body_start):
        yield Stretch(*match.span(1), SPOKEN)


def prose(source: Source) -> str:
    """The source with everything that is no prose as blanks: same length, same lines."""
    return _blank(_NO_PROSE, source.plain)


def _blank(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def _bound(plain: str, text: str, token: Token, start: int | None = None) -> bool:
    """Whether a claim stands beside *all*, *both*, … and gives the number: ``all {{< var n >}} studies``."""
    if token.kind != QUANTIFIER:
        return False
    end = (token.start if start is None else start) + len(token.text)
    return bool(re.match(r"\s*(?:of\s+)?(?:the\s+)?\{\{<\s*var\s", text[end : end + 40]))


def _around(text: str, start: int, end: int) -> str:
    """The words around a place, on one line."""
    begin, stop = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    begin, stop = max(begin, start - 34), min(stop if stop >= 0 else len(text), end + 34)
    return " ".join(text[begin:stop].split())


def _problem(token: Token, around: str, file: str, line: int, what: str, project: Project) -> Problem:
    near = _claims(token.text, project)
    return Problem(
        f"`{token.text}` is typed, and no claim",
        file,
        line,
        what,
        value=around,
        suggestion="print it by a claim ({{< var KEY >}}"
        + (f"; this prints the same: {', '.join(near)}" if near else "")
        + f"), write the sentence without it, or, where it is no result, allow it in {FILE} with kind and reason",
    )


def _claims(text: str, project: Project) -> list[str]:
    """Up to three claims of the last build that print just this."""
    try:
        claims = canonical.read_json(project.review / "build/claims/claims.json")
        return [key for key in sorted(claims) if claims[key].get("text") == text][:3]
    except (OSError, ValueError, AttributeError):
        return []


def _values(
    node: Any, pattern: list[str], path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text below ``node`` that a path pattern names."""
    if not pattern:
        if isinstance(node, str):
            yield path, node
        return
    entries: Iterable[tuple[str | int, Any]] = ()
    if isinstance(node, dict):
        entries = node.items()
    elif isinstance(node, list):
        entries = enumerate(node)
    for key, value in entries:
        if pattern[0] in ("*", key):
            yield from _values(value, pattern[1:], (*path, key))
