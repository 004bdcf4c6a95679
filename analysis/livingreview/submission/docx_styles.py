"""Formats of a Word file as they take effect: what the defaults, styles and direct formats together say.

Order of precedence by ECMA-376 Part 1, 17.7.2: document defaults, table style, paragraph style, character style, direct
format. Formats that a table style keeps for its first row and the like are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from livingreview.submission.docx_types import Spacing

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_PROPERTIES = (f"{W}pPr", f"{W}rPr")
# Word's own defaults where a file says nothing (ECMA-376 17.3.2.26, 17.3.2.38: Times New Roman, 10 pt).
_FONT, _SIZE = "Times New Roman", 10.0
_OFF = ("0", "false", "off", "none")


def on(element: Any) -> bool:
    """Whether a switch (``w:titlePg`` and its like) is set; None is not."""
    return element is not None and element.get(f"{W}val", "true") not in _OFF


class Styles:
    """The styles of a file and what follows from them."""

    def __init__(self, styles: Any, theme: Any) -> None:
        self._by_id: dict[str, Any] = {}
        self._default: dict[str, str] = {}
        self._defaults: list[Any] = []
        self._chains: dict[str, list[Any]] = {}
        self._theme = _theme_fonts(theme)
        if styles is None:
            return
        for style in styles.iter(f"{W}style"):
            identifier = style.get(f"{W}styleId", "")
            self._by_id[identifier] = style
            if style.get(f"{W}default") in ("1", "true", "on"):
                self._default[style.get(f"{W}type", "")] = identifier
        self._defaults = list(styles.iter(f"{W}pPrDefault", f"{W}rPrDefault"))

    def name(self, paragraph: Any) -> str:
        """The name of a paragraph's style, in small letters ("heading 1", "body text")."""
        style = self._by_id.get(self._of(paragraph, "pPr", "pStyle", "paragraph"))
        name = style.find(f"{W}name") if style is not None else None
        return name.get(f"{W}val", "").lower() if name is not None else ""

    def spacing(self, paragraph: Any, table: Any = None) -> Spacing:
        """The distance of lines of a paragraph (in ``table``)."""
        line, rule = "240", "auto"
        for found in self._found(paragraph, table, "pPr", "spacing"):
            line, rule = found.get(f"{W}line", line), found.get(f"{W}lineRule", rule)
        value = abs(float(line))
        if rule == "auto":
            return Spacing("multiple", round(value / 240, 3))
        return Spacing("exact" if rule == "exact" else "at_least", round(value / 20, 2))

    def level(self, paragraph: Any) -> int:
        """Level of a heading, 1 for the highest; 0 for text."""
        level = 9
        for found in self._found(paragraph, None, "pPr", "outlineLvl"):
            level = int(found.get(f"{W}val", "9"))
        return level + 1 if level < 9 else 0

    def switched(self, paragraph: Any, name: str) -> bool:
        """Whether a switch of paragraphs takes effect."""
        state = False
        for found in self._found(paragraph, None, "pPr", name):
            state = on(found)
        return state

    def font(self, run: Any, paragraph: Any, table: Any = None) -> tuple[str, float]:
        """Font and size in pt of a run."""
        name, size = _FONT, _SIZE
        for properties in self._of_run(run, paragraph, table):
            for fonts in properties.findall(f"{W}rFonts"):
                # a theme's font outweighs one that is named beside it (17.3.2.26)
                theme = fonts.get(f"{W}asciiTheme") or fonts.get(f"{W}hAnsiTheme")
                name = (
                    self._theme.get((theme or "")[:5])
                    or fonts.get(f"{W}ascii")
                    or fonts.get(f"{W}hAnsi")
                    or name
                )
            for half_points in properties.findall(f"{W}sz"):
                size = float(half_points.get(f"{W}val", size * 2)) / 2
        return name, size

    def language(self, run: Any, paragraph: Any, table: Any = None) -> str:
        """Language tag of a run; empty where none is set."""
        tag = ""
        for properties in self._of_run(run, paragraph, table):
            for found in properties.findall(f"{W}lang"):
                tag = found.get(f"{W}val") or tag
        return tag

    def hidden(self, run: Any, paragraph: Any) -> bool:
        """Whether a run does not print."""
        state = False
        for properties in self._of_run(run, paragraph, None):
            for found in properties.findall(f"{W}vanish"):
                state = on(found)
        return state

    def default_language(self) -> str:
        """Language tag of the defaults and the default style; empty where none is set."""
        tag = ""
        for holder in (*self._defaults, *self._chain(self._default.get("paragraph", ""))):
            for found in holder.iter(f"{W}lang"):
                tag = found.get(f"{W}val") or tag
        return tag

    def _of(self, element: Any, properties: str, name: str, kind: str) -> str:
        """Identifier of the style that an element names, else of the default one."""
        found = element.find(f"{W}{properties}/{W}{name}") if element is not None else None
        return str(found.get(f"{W}val")) if found is not None else self._default.get(kind, "")

    def _chain(self, identifier: str) -> list[Any]:
        """A style and those it is based on, the most distant first."""
        if identifier not in self._chains:
            chain: list[Any] = []
            name = identifier
            while name in self._by_id and self._by_id[name] not in chain:
                chain.insert(0, self._by_id[name])
                base = self._by_id[name].find(f"{W}basedOn")
                name = base.get(f"{W}val", "") if base is not None else ""
            self._chains[identifier] = chain
        return self._chains[identifier]

    def _holders(self, paragraph: Any, table: Any) -> Iterator[Any]:
        yield from self._defaults
        if table is not None:
            yield from self._chain(self._of(table, "tblPr", "tblStyle", "table"))
        yield from self._chain(self._of(paragraph, "pPr", "pStyle", "paragraph"))

    def _found(self, paragraph: Any, table: Any, properties: str, name: str) -> Iterator[Any]:
        for holder in (*self._holders(paragraph, table), paragraph):
            for found in holder.findall(f"{W}{properties}"):
                yield from found.findall(f"{W}{name}")

    def _of_run(self, run: Any, paragraph: Any, table: Any) -> Iterator[Any]:
        character = self._of(run, "rPr", "rStyle", "character")
        for holder in (*self._holders(paragraph, table), *self._chain(character), run):
            yield from holder.findall(f"{W}rPr")


def _theme_fonts(theme: Any) -> dict[str, str]:
    """Latin fonts of a theme by the first letters of the names that formats use (``minorHAnsi``, ``majorAscii``)."""
    fonts: dict[str, str] = {}
    if theme is not None:
        for kind in ("major", "minor"):
            latin = theme.find(f".//{A}{kind}Font/{A}latin")
            if latin is not None and latin.get("typeface"):
                fonts[kind] = latin.get("typeface")
    return fonts
