"""The files of a revision: the manuscript with tracked changes, and what changed as lines for the answer to reviewers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from livingreview.changes import wording
from livingreview.publish import snapshot
from livingreview.publish.snapshot import Passage
from livingreview.releases.slice import difference
from livingreview.submission import documents, words
from livingreview.submission.arrange import PEOPLE, Block, Blocks, Item, Tree, item, style
from livingreview.submission.blinding import load
from livingreview.submission.docx_layout import with_breaks
from livingreview.submission.layout import Layout
from livingreview.submission.masking import Identity, identity
from livingreview.submission.revision_base import Base, studies_now
from livingreview.submission.write import Written, write
from livingreview.tracked.blocks import merge
from livingreview.tracked.words import Signature

NEUTRAL = "Authors"
"""Whom the revisions of a blinded file name."""
_ELSEWHERE = {"title": "Title", "front": "First page", "abstract": "Abstract", "reference": "References"}
_DEPTH = 2  # levels of headings that a line names


def tracked_copy(
    given: documents.Source,
    base: Base,
    layout: Layout,
    stem: Path,
    *,
    counts: Mapping[str, int | str] | None = None,
    further: Mapping[str, Sequence[str]] | None = None,
    then: Blocks | None = None,
) -> Written:
    """The manuscript as ``layout`` wants it, as ``stem`` + ``.docx``, with what changed since ``base`` as revisions of Word.

    Accepting all of them gives the text of :func:`livingreview.submission.documents.manuscript`, rejecting all that of ``base`` in the same
    arrangement. A title page that comes first (``counts``, ``further``) is compared with that of ``then``; where nobody knows it (None),
    the present one stands in both, and a warning says so. Pictures are those of now. The revisions have the date of the
    review; in a blinded file they name nobody, and nobody stands in what they delete.
    """
    who = everybody(given, base) if layout.blinded else given.who
    new, properties = documents.laid_out(given, layout, who=who, counts=counts, further=further)
    page = documents.first_page(given.protocol, layout, counts, further)
    old = documents.placed(
        replace(given, tree=base.tree), layout, page if then is None or not page else then, who=who
    )
    sign = signature(given, blind=layout.blinded)
    merged = merge(_broken(old), _broken(new), sign, base.version)
    written = write(
        merged.tree, layout, properties, given.project, given.document, stem, ("docx",), revisions=sign
    )
    warnings = [*written.warnings]
    if not merged.changes:
        warnings.append(
            f"no word and no table differs from {base.description}: nothing is marked in the copy with changes"
        )
    if layout.blinded and base.protocol is None:
        warnings.append(
            f"the review.yaml of {base.description} cannot be read: who was an author then only cannot be hidden"
        )
    if page and then is None:
        warnings.append(
            f"the title page of {base.description} is not known: the present one stands there in both, and no change of it is marked (authors, affiliations, keywords, counts)"
        )
    return Written(written.files, tuple(warnings))


def signature(given: documents.Source, *, blind: bool) -> Signature:
    """Whom and when revisions name: the version, or nobody where the file is blinded; midnight (UTC) of the date of the review."""
    author = NEUTRAL if blind else f"Version {given.protocol.version}"
    return Signature(author, f"{given.protocol.date.isoformat()}T00:00:00Z")


def response_changes(
    base: Base,
    tree: Tree,
    review: Path,
    root: Path | None = None,
    *,
    pages: tuple[Sequence[Block], Sequence[Block]] = ((), ()),
) -> tuple[str, ...]:
    """What changed since ``base``, a line each: by section, tables, figures, references, studies.

    They are for :func:`livingreview.submission.documents.response_file`, with ``base.since``. Numbers of citations, figures and tables are no words here:
    a new one shifts those of all that follow. ``pages`` are the title pages that print before the text, then and now: the authors' lines of
    the trees print in no manuscript, and do not count. ``root`` is the repository (default: that of this package). Raises ReviewError for tables that are not valid.
    """
    from livingreview.pipeline.fingerprint import repository

    old, new = _divided(base.tree), _divided(tree)
    compared = wording.compare(
        [*_first_page(pages[0]), *_passages(base.tree, old.text)],
        [*_first_page(pages[1]), *_passages(tree, new.text)],
    )
    lines = [*_sections(compared["sentences"], compared["rows"]), *_items(old.items, new.items)]
    references = {what: len(found) for what, found in compared["references"].items() if found}
    if references:
        lines.append(f"References: {_listed(f'{n} {what}' for what, n in references.items())}.")
    if compared["renumbered"]:
        lines.append(
            f"Only numbers of citations, figures, tables or sections differ in {_many(compared['renumbered'], 'further paragraph')}."
        )
    lines += _studies(base.studies, studies_now(review, root or repository()))
    return tuple(lines) or ("Nothing differs.",)


def everybody(given: documents.Source, base: Base) -> Identity:
    """Everybody whom the present protocol names or the one of the base did."""
    if base.protocol is None:
        return given.who
    return given.who | identity(base.protocol, load(given.project.review))


def _broken(tree: Tree) -> Tree:
    """Page breaks as raw mark-up, which the merge takes from the new version alone."""
    return {**tree, "blocks": with_breaks(tree["blocks"])}


@dataclass(slots=True)
class _Divided:
    """Blocks without figures and tables, and these by identifier (else label)."""

    text: Blocks = field(default_factory=list)
    items: dict[str, Item] = field(default_factory=dict)


def _divided(tree: Tree) -> _Divided:
    found = _Divided()

    def walked(blocks: Blocks) -> Iterator[dict[str, Any]]:
        for block in blocks:
            one = item(block)
            if style(block) in PEOPLE:
                continue
            if one is not None:
                found.items[_identifier(block) or one.label or f"{one.kind} {len(found.items)}"] = one
            elif block["t"] == "Div":
                yield {"t": "Div", "c": [block["c"][0], list(walked(block["c"][1]))]}
            else:
                yield block

    found.text = list(walked(tree["blocks"]))
    return found


def _identifier(block: dict[str, Any]) -> str:
    return str(block["c"][0][0])


def _passages(tree: Tree, blocks: Blocks) -> list[Passage]:
    return snapshot.text({"meta": tree["meta"], "blocks": blocks})


def _first_page(page: Sequence[Block]) -> list[Passage]:
    """The lines of a title page; its headings are no sections of the text."""
    return [Passage("front", (), p.text) for p in snapshot.text({"meta": {}, "blocks": list(page)})]


@dataclass(slots=True)
class _Change:
    inserted: int = 0
    deleted: int = 0
    sentences: int = 0

    def add(self, pieces: Sequence[Sequence[str]]) -> None:
        self.sentences += 1
        for sign, text in pieces:
            if sign == "+":
                self.inserted += words.count(text, "lexical")
            elif sign == "-":
                self.deleted += words.count(text, "lexical")

    @property
    def told(self) -> str:
        parts = [
            f"{_many(n, 'word')} {what}"
            for n, what in ((self.inserted, "inserted"), (self.deleted, "deleted"))
            if n
        ]
        return _listed(parts) or "signs changed"


def _sections(*changes: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each section, in the order of the text."""
    found: dict[str, _Change] = {}
    for entry in (e for part in changes for e in part):
        found.setdefault(_section(entry), _Change()).add(entry["pieces"])
    return [f"{name}: {c.told} ({_many(c.sentences, 'place')})." for name, c in found.items()]


def _section(entry: Mapping[str, Any]) -> str:
    if entry["section"] and entry["kind"] != "heading":
        return ", ".join(entry["section"][:_DEPTH])
    if entry["kind"] == "heading":
        return "Headings"
    return _ELSEWHERE.get(entry["kind"], "Before the first heading")


def _items(old: Mapping[str, Item], new: Mapping[str, Item]) -> list[str]:
    """A line for each table and figure that is new, gone or not the same; named as in the present text."""
    lines = []
    for kind in ("table", "figure"):
        for key, one in new.items():
            if one.kind != kind:
                continue
            was = old.get(key)
            told = ["new"] if was is None or was.kind != kind else _differences(was, one)
            if told:
                lines.append(f"{_name(one)}: {_listed(told)}.")
        lines += [
            f"{_name(was)} of the earlier version: left out."
            for key, was in old.items()
            if was.kind == kind and (key not in new or new[key].kind != kind)
        ]
    return lines


def _differences(old: Item, new: Item) -> list[str]:
    told = []
    compared = wording.compare(_of(old), _of(new))
    rows: dict[str, int] = {}
    for row in compared["rows"]:
        rows[row["what"]] = rows.get(row["what"], 0) + 1
    if rows:
        told += [f"{_many(n, 'row')} {what}" for what, n in sorted(rows.items())]
    if old.kind == "figure" and _pictures(old.block) != _pictures(new.block):
        told.append("redrawn")
    change = _Change()
    for sentence in compared["sentences"]:
        change.add(sentence["pieces"])
    if change.sentences:
        told.append(f"caption changed ({change.told})")
    return told


def _of(one: Item) -> list[Passage]:
    return snapshot.text({"meta": {}, "blocks": [one.block]})


def _pictures(value: Any) -> list[str]:
    """What the pictures in a block show: their digests, or else their addresses."""
    if isinstance(value, list):
        return [p for v in value for p in _pictures(v)]
    if not isinstance(value, dict):
        return []
    if value.get("t") == "Image":
        return [str(dict(value["c"][0][2]).get("digest") or value["c"][2][0])]
    return _pictures(value.get("c"))


def _name(one: Item) -> str:
    return one.label or f"{one.kind.capitalize()} without a number"


def _studies(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    if "included" not in before:
        return []
    found = difference(before, now)
    labels = {**before["labels"], **now["labels"]}
    retracted = sorted(labels.get(s, s) for s in set(now["retracted"]) - set(before.get("retracted", ())))
    told = {
        "Studies added": [s["label"] for s in found["added"]],
        "Studies no longer included": [s["label"] for s in found["removed"]],
        "Studies with corrected data": [s["label"] for s in found["corrected"]],
        "Studies marked as retracted": retracted,
    }
    return [f"{what} ({len(names)}): {'; '.join(names)}." for what, names in told.items() if names]


def _many(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"


def _listed(parts: Any) -> str:
    return ", ".join(parts)
