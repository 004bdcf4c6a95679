"""The statements that journals ask for: in the team's words or marked as missing, never made up."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from livingreview.protocol_model import Protocol
from livingreview.protocol_submission import NOT_REGISTERED, STATEMENTS, lacks_repository
from livingreview.publish.snapshot import heading, inlines, plain
from livingreview.reporting.places import squeezed
from livingreview.submission.arrange import Block, Blocks, Tree, header, split
from livingreview.submission.leaving_out import beginning, without_passages

MISSING = "MISSING"

# How the paragraph or section of a statement is called in a manuscript, by the statement's code.
_CALLED = {
    "funding": r"funding|financial support",
    "competing_interests": r"(?:competing|conflicts? of|declarations? of) interests?",
    "contributions": r"(?:authors?['’]? )?contributions?(?: \(CRediT\))?",
    "data_availability": r"(?:availability of )?data\b.*",
    "code_availability": r"(?:availability of )?code\b.*|data and code.*|data, code.*",
    "ethics": r"ethics\b.*|ethical approval.*",
    "registration": r"(?:protocol and )?registration.*",
    "consent": r"consent\b.*|patient consent.*",
    "patient_involvement": r"(?:involvement of patients|patient(?:s)? (?:and public )?involvement).*",
    "guarantor": r"guarantor",
    "transparency": r"transparency.*",
    "ai_use": r"(?:use of )?(?:artificial intelligence|ai\b|generative ai).*",
    "relation_to_continued_review": r"relation to the (?:(?:previous|earlier|continued) review|review that this one continues).*",
    "acknowledgements": r"acknowledge?ments?",
}
# Printed where somebody has stated them, and missing only where they are asked for.
_OPTIONAL = ("acknowledgements", "consent", "patient_involvement", "guarantor", "transparency")
# Columns in which tables say who did something, and what that was.
_WORK = {
    "screener": "screened",
    "screened_by": "screened",
    "extractor": "extracted",
    "extracted_by": "extracted",
    "appraiser": "appraised",
    "adjudicator": "settled differences",
    "signed_by": "signed judgements",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. ``source`` is where its words stand (``review.yaml: funding`` or ``manuscript``), empty where it is missing.

    ``printed`` tells whether the manuscript has it, before anything is taken out for a journal."""

    code: str
    title: str
    text: str
    source: str
    printed: bool = True

    @property
    def missing(self) -> bool:
        """Whether nobody has stated it."""
        return not self.text

    def to_json(self) -> dict[str, Any]:
        """Plain fields."""
        return {**asdict(self), "missing": self.missing}


@dataclass(frozen=True, slots=True)
class Work:
    """What a table says about who did something: rows of ``table`` (below data/raw) whose ``column`` names ``who``; 0: nobody is named."""

    done: str
    who: str
    table: str
    column: str
    rows: int

    def to_json(self) -> dict[str, Any]:
        """Plain fields."""
        return asdict(self)


def statements(
    protocol: Protocol, tree: Tree | None = None, asked: Collection[str] = ()
) -> tuple[Statement, ...]:
    """All statements in the order of :data:`livingreview.protocol_submission.STATEMENTS`; those of :data:`_OPTIONAL` only where there are words or where they are ``asked`` for.

    The words of review.yaml go first, then those of the manuscript (a paragraph that begins with the statement's name in bold). The relation
    to a continued review is asked for only where review.yaml names one.
    """
    written = _in_manuscript(tree) if tree is not None else []
    words = _words(tree) if tree is not None else ""
    found = []
    for code, title in STATEMENTS.items():
        if code == "relation_to_continued_review" and protocol.previous_version is None:
            continue
        text = contributions(protocol) if code == "contributions" else getattr(protocol, code)
        if code == "registration":  # an empty key says that there is none: the manuscript prints the same
            text = text or NOT_REGISTERED
        source = f"review.yaml: {_key(code)}" if text else ""
        there = [t for name, t in written if called(name, [code])]
        if not text:
            text = next((t for t in there if t), "")
            source = "manuscript" if text else ""
        text = text or ""
        if lacks_repository(code, text, protocol.repository):
            text = f"{text} Repository: {protocol.repository}"
        if text or code in asked or code not in _OPTIONAL:
            printed = tree is None or bool(there) or squeezed(text) in words
            found.append(Statement(code, title, text, source, printed))
    return tuple(found)


def without(tree: Tree, codes: Collection[str]) -> Tree:
    """The tree without the statements of these codes, as paragraphs that begin with their name or as sections; a section left empty goes."""
    if not codes:
        return tree
    return {**tree, "blocks": without_passages(tree["blocks"], lambda words: called(words, codes))}


def called(words: str, codes: Collection[str]) -> list[str]:
    """The codes, of these, of the statements that words (a heading, or the beginning of a paragraph) are the name of."""
    return [code for code in codes if re.fullmatch(_CALLED[code], words.rstrip(".:"), re.IGNORECASE)]


def contributions(protocol: Protocol) -> str:
    """Who did what, by CRediT: ``A: role, role. B: …``; empty where no author has a role."""
    parts = [f"{a.name}: {', '.join(a.roles)}." for a in protocol.authors if a.roles]
    return " ".join(parts)


def recorded_work(raw: Path) -> tuple[Work, ...]:
    """Who screened, extracted, appraised and decided, as the tables in ``raw`` (data/raw) name them; unnamed rows count under an empty name.

    Tables without such a column say nothing and are left out; that is itself to be told (see :func:`unrecorded`).
    """
    found: Counter[tuple[str, str, str, str]] = Counter()
    for path in sorted(raw.rglob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            columns = [c for c in reader.fieldnames or [] if c in _WORK]
            for row in reader if columns else ():
                for column in columns:
                    who = " ".join((row[column] or "").split())
                    found[_WORK[column], who, path.relative_to(raw).as_posix(), column] += 1
    return tuple(Work(*key, rows=number) for key, number in sorted(found.items()))


def unrecorded(work: tuple[Work, ...]) -> tuple[str, ...]:
    """What no table says who did: of screened, extracted, appraised."""
    named = {w.done for w in work if w.who}
    return tuple(done for done in ("screened", "extracted", "appraised") if done not in named)


def blocks(found: tuple[Statement, ...], work: tuple[Work, ...], protocol: Protocol) -> Blocks:
    """The file of statements: each under its heading, then what the tables and the protocol record of who did what, then what is missing."""
    out: Blocks = []
    for statement in found:
        out.append(header(inlines(statement.title)))
        words = statement.text or f"{MISSING}: nobody has stated this. {where(statement.code)}"
        out.append({"t": "Para", "c": inlines(words)} if statement.text else _strong(words))
        if statement.code == "ai_use":
            out += _record(work, protocol)
    gaps = [s for s in found if s.missing]
    if gaps:
        out.append(header(inlines("Missing statements")))
        out.append(
            {
                "t": "BulletList",
                "c": [[{"t": "Plain", "c": inlines(f"{s.title}. {where(s.code)}")}] for s in gaps],
            }
        )
    return out


def _record(work: tuple[Work, ...], protocol: Protocol) -> Blocks:
    """Who screened, extracted and appraised, as recorded."""
    lines = [
        f"{'Nobody is named' if not w.who else w.who}: {w.done} ({w.table}, {w.rows} row{'' if w.rows == 1 else 's'})."
        for w in work
    ]
    lines += [f"No table says who {done}." for done in unrecorded(work)]
    lines.append(f"Status of this version: {protocol.status.rstrip('.')} (review.yaml).")
    for step, person in protocol.living.people.items():
        lines.append(f"{step}: {person or 'nobody is named'} (review.yaml).")
    items = [[{"t": "Plain", "c": inlines(line)}] for line in lines]
    return [
        {"t": "Para", "c": inlines("Who did the work, as the tables and the protocol record it:")},
        {"t": "BulletList", "c": items},
    ]


def where(code: str) -> str:
    """What to do about a statement that is missing."""
    if code == "contributions":
        return "Give authors their CRediT roles in review.yaml (key roles)."
    return f"Its place is the key {_key(code)} in review.yaml."


def _key(code: str) -> str:
    """The key of review.yaml that has the words of a statement."""
    return "authors" if code == "contributions" else code


def _in_manuscript(tree: Tree) -> list[tuple[str, str]]:
    """The names of sections of the body with their first paragraph, and the bold words that begin paragraphs with the rest of these."""
    found = []
    above = ""
    for block in _paragraphs(split(tree).body):
        if block["t"] == "Header":
            above = heading(block["c"][2])
            found.append((above, ""))
            continue
        name, rest = beginning(block), block["c"][1:]
        if name and rest:
            found.append((name, _uncited(rest)))
        elif above and found[-1] == (above, ""):
            found[-1] = (above, _uncited(block["c"]))
    return found


def _words(tree: Tree) -> str:
    """The letters and digits of all paragraphs of the body, in their order."""
    paragraphs = (b["c"] for b in _paragraphs(split(tree).body) if b["t"] != "Header")
    return squeezed(" ".join(plain(content) for content in paragraphs))


def _uncited(rest: list[Any]) -> str:
    """The words without citations, which lead nowhere outside the manuscript."""
    words = plain([i for i in rest if i["t"] != "Cite"]).strip()
    return re.sub(r"\s+(?=[.,;:])", "", words)


def _paragraphs(blocks: Blocks) -> Iterator[Block]:
    """Paragraphs and headings, those in boxes too."""
    for block in blocks:
        if block["t"] in ("Para", "Plain", "Header") and block["c"]:
            yield block
        elif block["t"] == "Div":
            yield from _paragraphs(block["c"][1])


def _strong(words: str) -> Block:
    return {"t": "Para", "c": [{"t": "Strong", "c": inlines(words)}]}
