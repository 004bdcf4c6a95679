"""The page of two versions: one HTML file with what was inserted and deleted, and where."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any

from livingreview.errors import Problem
from livingreview.publish import html, pandoc, snapshot
from livingreview.publish.project import Project
from livingreview.tracked.blocks import MARKER, NOTE, Merged
from livingreview.tracked.words import Signature

_CHANGES = ("insertion", "deletion")
_TAGS = {"insertion": "ins", "deletion": "del"}


def write(
    merged: Merged,
    title: str,
    about: str,
    sign: Signature,
    project: Project,
    document: Path,
    target: Path,
    scratch: Path,
) -> list[Problem]:
    """Write the page of a merged document; it needs no other file. ``about`` is the line above the title.

    Returns what pandoc said and every picture that cannot be shown.
    """
    turn = _Turn(sign, document.parent)
    meta = {
        **turn.value(merged.tree["meta"]),
        "pagetitle": {"t": "MetaString", "c": title},
        "lr-about": {"t": "MetaString", "c": about},
        "lr-count": {"t": "MetaString", "c": counted(merged)},
        "lr-places": {"t": "MetaBlocks", "c": _places(merged.tree["blocks"])},
    }
    tree = {**merged.tree, "meta": meta, "blocks": turn.value(merged.tree["blocks"])}
    wanted = pandoc.Target(
        "html5",
        "html5",
        target,
        template=project.resource("templates/tracked.html"),
        css=tuple(str(project.resource(f"templates/{name}.css")) for name in ("article", "tracked")),
    )
    said = pandoc.convert(project, document, tree, wanted, epoch=0, scratch=scratch)
    if not any(p.severity == "error" for p in said):
        said += html.embed(target, document.parent, project.shown(document))
    return said


def counted(merged: Merged) -> str:
    """What is marked, in words: ``12 insertions, 3 deletions, 1 row new``."""
    if not merged.changes:
        return "No word, table or figure differs."
    parts = [
        _number(merged.insertions, "insertion"),
        _number(merged.deletions, "deletion"),
        f"{merged.rows_inserted} table row{'' if merged.rows_inserted == 1 else 's'} new"
        if merged.rows_inserted
        else "",
        f"{merged.rows_deleted} table row{'' if merged.rows_deleted == 1 else 's'} gone"
        if merged.rows_deleted
        else "",
        f"{_number(len(merged.pictures), 'figure')} new, redrawn or gone" if merged.pictures else "",
    ]
    return ", ".join(p for p in parts if p)


def _number(n: int, word: str) -> str:
    return f"{n} {word}{'' if n == 1 else 's'}" if n else ""


class _Turn:
    """Rewrites the merged tree for the HTML writer."""

    def __init__(self, sign: Signature, folder: Path) -> None:
        self.sign, self.folder = sign, folder
        self.count = 0

    def value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [x for item in value for x in self._several(item)]
        if not isinstance(value, dict):
            return value
        kind, content = value.get("t"), value.get("c")
        if kind == "Div":
            return {"t": kind, "c": [self._styled(content[0]), self.value(content[1])]}  # type: ignore[index]
        if kind == "Image":
            return self._image(content)
        return {key: self.value(item) for key, item in value.items()}

    def _several(self, item: Any) -> list[Any]:
        if isinstance(item, dict) and item.get("t") == "Span":
            (_, classes, pairs), inside = item["c"]
            if MARKER in classes:
                return []
            if NOTE in classes:
                return [{"t": "Span", "c": [["", ["note"], []], snapshot.inlines(dict(pairs)["text"])]}]
            if classes[:1] and classes[0] in _CHANGES:
                return self._change(classes[0], inside)
        return [self.value(item)]

    def _change(self, state: str, inside: list[Any]) -> list[Any]:
        self.count += 1
        tag = _TAGS[state]
        day = escape(self.sign.date[:10])
        opening = f'<{tag} datetime="{day}" data-change="{self.count}">'
        return [_raw(opening), *self.value(inside), _raw(f"</{tag}>")]

    def _styled(self, attributes: list[Any]) -> list[Any]:
        """A style of the Word file as a class of the page."""
        identifier, classes, pairs = attributes
        styles = [
            "style-" + re.sub(r"\W+", "-", value.lower()) for name, value in pairs if name == "custom-style"
        ]
        return [identifier, [*classes, *styles], [p for p in pairs if p[0] != "custom-style"]]

    def _image(self, content: Any) -> dict[str, Any]:
        (identifier, classes, pairs), words, (address, title) = content
        drawn = re.sub(r"\.png$", ".svg", address)
        if (self.folder / drawn).is_file():  # sharp at any size
            address = drawn
        kept = [p for p in pairs if p[0] != "digest"]
        return {"t": "Image", "c": [[identifier, classes, kept], self.value(words), [address, title]]}


def _places(blocks: list[Any]) -> list[Any]:
    """Contents: the sections in which something changed, with how many places."""
    found: list[tuple[str, str, int]] = [("", "Before the first section", 0)]
    for block in blocks:
        if block["t"] == "Header" and block["c"][0] <= 2:
            words = snapshot.plain(_present(block["c"][2]))
            found.append((block["c"][1][0], words, 0))
        anchor, words, count = found[-1]
        found[-1] = (anchor, words, count + _changes(block))
    items = [
        [{"t": "Plain", "c": [_link(anchor, words), *snapshot.inlines(f" ({count})")]}]
        for anchor, words, count in found
        if count
    ]
    return [{"t": "BulletList", "c": items}] if items else []


def _link(anchor: str, words: str) -> dict[str, Any]:
    target = f"#{anchor}" if anchor else "#main"
    return {"t": "Link", "c": [["", [], []], snapshot.inlines(words), [target, ""]]}


def _present(inlines: list[Any]) -> list[Any]:
    """A heading as it reads now; one that has gone keeps its words."""
    kept = [i for i in inlines if not (i["t"] == "Span" and i["c"][0][1] == ["deletion"])]
    return kept if snapshot.plain(kept).strip() else inlines


def _changes(value: Any) -> int:
    """Places that are marked in a block."""
    if isinstance(value, list):
        return sum(_changes(item) for item in value)
    if not isinstance(value, dict):
        return 0
    own = value.get("t") == "Span" and value["c"][0][1][:1] in (["insertion"], ["deletion"], [NOTE])
    return int(own) + _changes(value.get("c"))


def _raw(text: str) -> dict[str, Any]:
    return {"t": "RawInline", "c": ["html", text]}
