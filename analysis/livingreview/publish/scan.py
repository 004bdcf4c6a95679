"""A last look at what was rendered: nothing unresolved may be published."""

from __future__ import annotations

import re
from pathlib import Path

from livingreview.errors import Problem

# Both engines print a hole in bold; text of people that merely looks like one is not bold, or not alone in it.
_HOLE = re.compile(
    r"<strong[^>]*>\s*(\?(?:var|meta|env|invalid|brand)\b[^<]*|\?@[\w-]+|\?(?:fig|tbl|eq|sec)-[\w-]+)\s*</strong>"
    r'|<span class="citation"[^>]*>[^<]*<strong>([^<]+\?)</strong>'
)


def unresolved(html: Path, shown: str) -> list[Problem]:
    """Every mark of an unresolved name in a rendered HTML document."""
    text = html.read_text(encoding="utf-8")
    marks = sorted({first or second for first, second in _HOLE.findall(text)})
    return [
        Problem(f"the rendered document contains the unresolved `{mark.strip()}`", shown) for mark in marks
    ]
