"""How the change report marks things up: insertions and deletions, numbers with signs, names of studies; all in markdown.

An insertion is underlined and green, a deletion struck through and red, in HTML (``<ins>``, ``<del>``) and in the PDF alike, so that
neither rests on colour alone.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from livingreview.changes.wording import Piece, words
from livingreview.claims import wording as w
from livingreview.publish.escape import markdown

SETUP = """\
```{=html}
<style>
ins { color: #1b6e3c; text-decoration: underline; text-underline-offset: .15em; background: #eef7f1; }
del { color: #9b2c2c; text-decoration: line-through; background: #fbf0f0; }
.context { color: var(--quiet); }
.where { font-family: "Fira Sans", "Segoe UI", system-ui, sans-serif; font-size: .8rem; color: var(--quiet); margin-bottom: .1rem; }
details { margin: 1rem 0; } summary { cursor: pointer; font-weight: 600; }
</style>
```

```{=typst}
// In a report figures stand where they are spoken of.
#show figure.where(kind: image): it => block(width: 100%, breakable: false, above: 1.2em, below: 1.2em)[
  #pad(x: -12mm, it.body)
  #it.caption
]
#set par(justify: false)
#let lr-ins(body) = text(fill: rgb("#1b6e3c"), underline(body))
#let lr-del(body) = text(fill: rgb("#9b2c2c"), strike(body))
#let lr-context(body) = text(fill: rgb("#5b6675"), body)
#let lr-where(body) = block(above: 1.1em, below: 0.5em, sticky: true, text(size: 8.5pt, fill: rgb("#5b6675"), font: "Fira Sans", body))
```
"""
"""Styles that the marks need; stands once, at the beginning."""
_HTML = {"+": ("<ins>", "</ins>"), "-": ("<del>", "</del>")}
_TYPST = {"+": "#lr-ins[", "-": "#lr-del["}
_KEPT = 60  # characters of unchanged text on either side of a change, where it is shortened
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_EMPHASIS = re.compile(r"(?<!\\)\*+")


def marked(pieces: Iterable[Piece], *, shortened: bool = False) -> str:
    """The pieces of a comparison as markdown; ``shortened`` leaves out the middle of long unchanged stretches."""
    pieces = list(pieces)
    out = []
    for n, (sign, text) in enumerate(pieces):
        if sign == "=":
            out.append(_outside(_short(text, n > 0, n < len(pieces) - 1) if shortened else text))
            continue
        # Spaces stay outside the marks, where they cannot upset the markup.
        head, tail = text[: len(text) - len(text.lstrip(" "))], text[len(text.rstrip(" ")) :]
        inner = text.strip(" ")
        if inner:
            opened, closed = _HTML[sign]
            out.append(
                f"{head}`{opened}`{{=html}}`{_TYPST[sign]}`{{=typst}}{markdown(inner)}`]`{{=typst}}`{closed}`{{=html}}{tail}"
            )
        else:
            out.append(text)
    return "".join(out)


def _outside(text: str) -> str:
    """Literal text with the spaces at its ends, which the escaping would drop."""
    if not text.strip(" "):
        return text
    head, tail = text[: len(text) - len(text.lstrip(" "))], text[len(text.rstrip(" ")) :]
    return f"{head}{markdown(text)}{tail}"


def _short(text: str, before: bool, after: bool) -> str:
    if len(text) <= 2 * _KEPT + 10:
        return text
    head = text[:_KEPT].rsplit(" ", 1)[0] if before else ""
    tail = text[-_KEPT:].split(" ", 1)[-1] if after else ""
    return f"{head} … {tail}".lstrip() if before else f"… {tail}"


def context(text: str, *, before: bool) -> str:
    """A neighbouring sentence, in grey and at most a dozen words of it: its end ``before`` a change, its beginning after one."""
    parts = text.split(" ")
    if len(parts) > 14:
        text = "… " + " ".join(parts[-12:]) if before else " ".join(parts[:12]) + " …"
    if not text:
        return ""
    return f'`<span class="context">`{{=html}}`#lr-context[`{{=typst}}{markdown(text)}`]`{{=typst}}`</span>`{{=html}}'


def where(text: str) -> str:
    """A small grey line that says where the next paragraph stands, on the same page as that."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'```{{=html}}\n<p class="where">{html.escape(text)}</p>\n```\n\n```{{=typst}}\n#lr-where("{quoted}")\n```\n'


def plain(text: str) -> str:
    """What a claim's markdown prints, roughly: escapes undone, emphasis dropped."""
    return html.unescape(_ESCAPED.sub(r"\1", _EMPHASIS.sub("", text)))


def texts_differ(before: str, after: str) -> str:
    """Two texts of claims (markdown) as one marked text, shortened."""
    return marked(words(plain(before), plain(after)), shortened=True)


def signed(value: float, claim: Mapping[str, Any]) -> str:
    """A difference of a claim's values with its sign, in percentage points where the claim prints as a percentage: ``+3``, ``−4 points``."""
    share = any(_in_per_cent(side) for side in (claim.get("before"), claim.get("after")) if side)
    size = value * 100 if share else value
    text = w.number(size, 1 if share else 2)
    sign = "+" if size > 0 and text != "0" else ""
    return f"{sign}{text}{' points' if share else ''}"


def _in_per_cent(side: Mapping[str, Any]) -> bool:
    """Whether a share between 0 and 1 prints as a percentage, with the sign or without it."""
    value, text = side.get("value"), str(side.get("text", "")).strip()
    if not isinstance(value, float) or abs(value) > 1:
        return False
    if "%" in text:
        return True
    try:
        printed = float(text.replace("\u2212", "-").lstrip("<>"))
    except ValueError:
        return False
    return abs(printed) > 1 and abs(printed - 100 * value) <= 1


def studies(names: Sequence[str], most: int = 6) -> str:
    """Names of studies as a list; of very many the first and how many more."""
    shown = [markdown(n) for n in names[:most]]
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    return w.listed(shown)
