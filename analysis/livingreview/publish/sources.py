"""Reading of Quarto sources: front matter, shortcodes, labels, references and images, each with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

LABEL_KINDS = ("fig", "tbl", "eq", "sec")
_KINDS = "|".join(LABEL_KINDS)
# `{{{< … >}}}` is Quarto's way to print a shortcode; what escape.markdown makes never matches.
SHORTCODE = re.compile(r"(?<![{\\])\{\{<\s*([A-Za-z][\w-]*)((?:\s+[^\n]*?)?)\s*>\}\}(?!\})")
_CODE = re.compile(
    r"(?ms)^[ ]{0,3}(?P<fence>`{3,}|~{3,})[^\n]*\n.*?(?:^[ ]{0,3}(?P=fence)[`~]*[ \t]*$|\Z)"
    r"|(?<![\\`])(?P<tick>`+)(?!`)(?:(?!\n[ \t]*\n).)*?(?<!`)(?P=tick)(?!`)"
    r"|<!--.*?-->"
)
_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$\n?", re.S | re.M)
_LABEL = re.compile(rf"(?<!\\)\{{[^{{}}]*?(?<![\\\w])#((?:{_KINDS})-[\w-]+)[^{{}}]*\}}")
_CITATION = re.compile(r"(?<![\w\\./])@(?:\{([^}\s]+)\}|(\w(?:\w|[:.#$%&\-+?<>~/](?=\w))*))")


@dataclass(frozen=True, slots=True)
class Found:
    """Something found in a source: its name and the line (from 1) where it stands."""

    name: str
    line: int
    detail: str = ""


class Source:
    """One Markdown file: the document itself or a file that it includes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        match = _FRONT.match(self.text)
        self.front_text = match.group(1) if match else ""
        self.body_start = match.end() if match else 0

    @property
    def body(self) -> str:
        """The text below the front matter."""
        return self.text[self.body_start :]

    def front(self) -> dict[str, Any]:
        """The front matter; raises ``yaml.YAMLError`` when it cannot be read."""
        loaded = load_yaml(self.front_text)
        return loaded if isinstance(loaded, dict) else {}

    @cached_property
    def masked(self) -> str:
        """The text with code and comments as blanks: same length, same lines."""
        return masked(self.text)

    @cached_property
    def plain(self) -> str:
        """``masked`` with the shortcodes as blanks too, so that braces pair."""
        return SHORTCODE.sub(lambda m: " " * len(m.group()), self.masked)

    def line(self, position: int) -> int:
        """The line of a character position."""
        return self.text.count("\n", 0, position) + 1

    def shortcodes(self) -> Iterator[Found]:
        """Every shortcode outside code: name, line and its argument as ``detail``."""
        for match in SHORTCODE.finditer(self.masked):
            yield Found(match.group(1), self.line(match.start()), argument(match.group(2)))

    def labels(self) -> Iterator[Found]:
        """Every label (``fig-…``, ``tbl-…``, ``eq-…``, ``sec-…``) that the file defines."""
        for match in _LABEL.finditer(self.plain, self.body_start):
            yield Found(match.group(1), self.line(match.start(1)))

    def citations(self) -> Iterator[Found]:
        """Every ``@key`` of the body, cross-references included."""
        for match in _CITATION.finditer(self.plain, self.body_start):
            yield Found(match.group(1) or match.group(2), self.line(match.start()))

    def images(self) -> Iterator[Found]:
        """Every image of the body: its path, its line and its attribute block as ``detail``."""
        text = self.plain
        position = self.body_start
        while (position := text.find("![", position)) >= 0:
            start, position = position, position + 2
            if start and text[start - 1] == "\\":
                continue
            end = _closing(text, start + 1)
            match = (
                re.compile(r"\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)(\{[^{}]*\})?").match(text, end)
                if end
                else None
            )
            if match:
                yield Found(match.group(1), self.line(start), match.group(2) or "")


def load_yaml(text: str) -> Any:
    """YAML with dates and decimals left as text, so that ``2026-11-22`` and ``2026.10`` print as they were written."""
    return yaml.load(text, Loader=_Loader)


_KEPT_AS_TEXT = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:float")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe loader without the implicit types that would change what prints."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _KEPT_AS_TEXT]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}


def masked(text: str) -> str:
    """The text with code blocks, inline code and comments as blanks: same length, same lines."""
    return _CODE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def argument(raw: str) -> str:
    """The first argument of a shortcode, without its quotes."""
    text = raw.strip()
    if text[:1] in "\"'" and len(text) > 1 and text[-1] == text[0]:
        return text[1:-1]
    return text


def include_path(name: str, folder: Path) -> Path:
    """Where an included file lies: as in Quarto, relative to the folder of the *document* (``/`` is that folder too)."""
    return folder / name.lstrip("/")


def files(document: Path) -> list[Source]:
    """The document and every file it includes, nested ones too, each once; missing files are left out."""
    found: dict[Path, Source] = {}

    def visit(path: Path) -> None:
        if path in found or not path.is_file():
            return
        source = found[path] = Source(path)
        for code in source.shortcodes():
            if code.name == "include":
                visit(include_path(code.detail, document.parent))

    visit(document)
    return list(found.values())


def dependencies(qmd: Path) -> list[Path]:
    """Files that a document is made of, besides itself, whether or not they exist yet.

    Included files (nested too), images (of an SVG also the PNG beside it), ``_variables.yml`` where a ``var`` is
    used, and the bibliographies its front matter names. Sorted; reads text only, so that it costs milliseconds.
    """
    folder = qmd.parent
    found: set[Path] = set()
    for source in files(qmd):
        for code in source.shortcodes():
            if code.name == "include":
                found.add(include_path(code.detail, folder))
            elif code.name == "var":
                found.add(folder / "_variables.yml")
        for image in source.images():
            if "://" not in image.name:
                path = folder / image.name
                found.add(path)
                if path.suffix == ".svg":
                    found.add(path.with_suffix(".png"))
    try:
        front = Source(qmd).front() if qmd.is_file() else {}
    except yaml.YAMLError:
        front = {}
    named = front.get("bibliography") or []
    found.update(folder / str(name) for name in ([named] if isinstance(named, str) else named))
    return sorted(found)


def _closing(text: str, opening: int) -> int:
    """Position after the bracket that closes the one at ``opening``; 0 when there is none."""
    depth = 0
    position = opening
    while position < len(text):
        character = text[position]
        if character == "\\":
            position += 1
        elif character == "[":
            depth += 1
        elif character == "]":
            depth -= 1
            if not depth:
                return position + 1
        position += 1
    return 0
