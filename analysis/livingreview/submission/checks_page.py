"""CHECKS.md: what was checked, what failed and what to do, for authors and editors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from livingreview.submission.check_types import Check, counted
from livingreview.submission.checks import Checks, summary, together
from livingreview.submission.facts import Facts, File

_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Title, abstract, text and references", ("abstract", "text", "keywords", "references", "language", "items.title", "items.running_title", "items.highlights", "items.capsule_summary", "items.key_messages", "house.references", "house.cross_references")),
    ("Manuscript", ("manuscript", "tables", "figures.max")),
    ("Figures", ("figures", "house.figures")),
    ("Title page, authors, letters and statements", ("items", "statements", "house.authors")),
    ("Checklists", ("checklists", "house.checklists")),
    ("Blinding", ("blinding", "house.blinding")),
    ("Files", ("files", "house")),
)  # fmt: skip
"""Groups of rules by how their codes begin; the longest beginning that fits decides."""
_OTHER = "Further rules"
_WORDS = {"pass": "pass", "fail": "**FAIL**", "not applicable": "not applicable", "unverified": "unverified"}
_AUDIENCE = {"reviewers": "editor and reviewers", "editor": "editor only"}


def markdown(checks: Checks, facts: Facts) -> str:
    """The whole page, the same bytes for the same checks."""
    profile = facts.profile
    revision = ", revision" if checks.stage == "revision" else ""
    when = f"last checked on {profile.checked}" if profile.checked else "never checked as a whole"
    blocks = [
        f"# Checks for {text(checks.journal)}{revision}",
        f"{text(facts.protocol.title)}, version {text(facts.protocol.version)}.",
        f"**{text(summary(checks))}**",
        f"{'Nothing failed.' if checks.passed else 'The package is not ready: what failed stands first.'} "
        f"Of {counted(checks.rules, 'rule')} of the journal, {checks.read} {'was' if checks.read == 1 else 'were'} read at the source; the rules were {when}.",
        "This page was made by the build, with the package beside it. Each rule stands with its limit and with what was measured in the files "
        "of the package. *Unverified* is what a program cannot find out; it is no failure, but somebody has to look. A rule that was not read at its "
        "source may be wrong: compare it with the journal's guide. The form of the package and the evidence behind it are two lists. The page is for "
        "the authors: it may name them, so it is not for upload.",
        *_failures("Form: what failed", checks.formatting),
        *_failures("Evidence: what failed", checks.evidence),
        *_to_look_at(checks),
        *_formatting(checks.formatting),
        "## Evidence",
        _table(checks.evidence, "Source") if checks.evidence else "Nothing was checked.",
        "## Files",
        _files(facts.files),
        *_sources(facts),
        *_notes(facts),
    ]
    return "\n\n".join(blocks) + "\n"


def text(words: str) -> str:
    """Words as they are to be read, in a cell too: no mark of Markdown acts but that of a name (`given`), no line breaks."""
    parts = re.split(r"(`[^`]+`)", " ".join(words.split()))
    plain = (re.sub(r"([\\`*_\[\]<>|])", r"\\\1", part) for part in parts[::2])
    return "".join(
        part
        for pair in zip(plain, [*map(code, (p[1:-1] for p in parts[1::2])), ""], strict=True)
        for part in pair
    )


def code(words: str) -> str:
    """A code as it is written, in a cell too."""
    return "`" + words.replace("`", "'").replace("|", "\\|") + "`"


def _failures(title: str, checks: Sequence[Check]) -> list[str]:
    failed = [c for c in checks if c.outcome == "fail"]
    return [f"## {title}", "\n".join(_entry(c) for c in together(failed))] if failed else []


def _entry(check: Check) -> str:
    said = f"- **{text(check.title)}** ({code(check.code)}): {text(check.measured)}; asked for: {text(check.limit)}."
    return f"{said} *To do:* {_sentence(check.note)}" if check.note else said


def _sentence(words: str) -> str:
    words = words[:1].upper() + words[1:]
    return text(words if words.endswith((".", "?", "!")) else f"{words}.")


def _to_look_at(checks: Checks) -> list[str]:
    open_ones = [c for c in (*checks.formatting, *checks.evidence) if c.outcome == "unverified"]
    entries = [
        f"- **{text(c.title)}** ({code(c.code)}): {text(c.measured)}; asked for: {text(c.limit)}. {_sentence(c.note)}"
        for c in open_ones
    ]
    return ["## What somebody has to look at", "\n".join(entries)] if entries else []


def _formatting(checks: Sequence[Check]) -> list[str]:
    groups: dict[str, list[Check]] = {title: [] for title in (*(t for t, _ in _GROUPS), _OTHER)}
    for check in checks:
        groups[_group(check)].append(check)
    found = ["## Form"]
    for title, members in groups.items():
        if members:
            found += [f"### {title}", _table(members, "Read at its source?")]
    return found


def _group(check: Check) -> str:
    place = check.place
    fitting = [
        (len(begin), title)
        for title, begins in _GROUPS
        for begin in begins
        if place == begin or place.startswith(f"{begin}.")
    ]
    return max(fitting)[1] if fitting else _OTHER


def _table(checks: Iterable[Check], last: str) -> str:
    rows = [("Rule", "Limit", "Measured", "Outcome", last)]
    for c in checks:
        rows.append(
            (
                f"{text(c.title)} {code(c.code)}",
                text(c.limit),
                text(c.measured),
                _WORDS[c.outcome],
                text(c.source) if last == "Source" else _read(c),
            )
        )
    return _rows(rows)


def _read(check: Check) -> str:
    if check.house:
        return "house rule"
    if check.verified:
        return "yes"
    return f"no. {text(check.remark)}".rstrip() if check.remark else "no"


def _rows(rows: Sequence[tuple[str, ...]]) -> str:
    head, *body = rows
    lines = [_row(head), _row(("---",) * len(head)), *map(_row, body)]
    return "\n".join(lines)


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _files(files: Sequence[File]) -> str:
    rows = [("File", "What", "Who may see it", "Size", "SHA-256 begins")]
    rows += [
        (code(f.name), text(f.title), _AUDIENCE[f.audience], size(f.bytes), code(f.sha256[:12]))
        for f in sorted(files, key=lambda f: f.name)
    ]
    total = f"{counted(len(files), 'file')}, {size(sum(f.bytes for f in files))} in all."
    return f"{_rows(rows)}\n\n{total}"


def size(number: int) -> str:
    """A size for people: ``812 bytes``, ``12.3 kB``, ``4.56 MB`` (1 MB is 10⁶ bytes)."""
    if number < 1000:
        return counted(number, "byte")
    return f"{number / 1000:.1f} kB" if number < 1_000_000 else f"{number / 1_000_000:.2f} MB"


def _sources(facts: Facts) -> list[str]:
    sources = facts.profile.sources.values()
    if not sources:
        return []
    lines = [
        f"- {text(s.title)}, <{s.url}>, {f'read on {s.seen}' if s.seen else 'not read'}."
        + (f" {_sentence(s.note)}" if s.note else "")
        for s in sources
    ]
    return ["## Where the journal's rules stand", "\n".join(lines)]


def _notes(facts: Facts) -> list[str]:
    return ["## Said on the way", "\n".join(f"- {text(note)}" for note in facts.notes)] if facts.notes else []
