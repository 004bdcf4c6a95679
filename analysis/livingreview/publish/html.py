"""HTML in one file: style sheets and pictures become part of the page."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

from livingreview.errors import Problem

_TYPES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
_STYLE = re.compile(r'<link rel="stylesheet" href="([^"]*)"\s*/?>')
_PICTURE = re.compile(r'(<img\b[^>]*?\bsrc=")(?!data:)([^"]*)(")')
_OUTSIDE = re.compile(
    r'<(?:img|script|iframe|audio|video|source|embed|object|link)\b[^>]*?\b(?:src|data|srcset|href)="(?!data:|#)([^"]*)"'
    r"|<style[^>]*>[^<]*?(?:url\(\s*[\"']?(?!data:)|@import\s+[\"']?)([^\"')\s]*)"
)


def embed(page: Path, folder: Path, shown: str) -> list[Problem]:
    """Rewrite a page so that it needs no other file; addresses are relative to ``folder``.

    Returns a problem for everything that would still be loaded from elsewhere, and for pictures that are none.
    """
    problems: list[Problem] = []
    text = page.read_text(encoding="utf-8")
    text = _STYLE.sub(lambda m: f"<style>\n{_sheet(folder / html.unescape(m.group(1)))}</style>", text)
    text = _PICTURE.sub(_inline(folder, shown, problems), text)
    for match in _OUTSIDE.finditer(text):
        name = html.unescape(match.group(1) or match.group(2) or "")
        if not any(name in problem.message for problem in problems):
            problems.append(Problem(f"the HTML would load {name} from outside its one file", shown))
    page.write_text(text, encoding="utf-8")
    return problems


def _sheet(path: Path) -> str:
    return path.read_text(encoding="utf-8").rstrip("\n") + "\n"


def _inline(folder: Path, shown: str, problems: list[Problem]) -> Callable[[re.Match[str]], str]:
    done: dict[str, str] = {}

    def replacement(match: re.Match[str]) -> str:
        before, address, after = match.groups()
        if address not in done:
            path = folder / unquote(html.unescape(address))
            kind = _TYPES.get(path.suffix.lower())
            content = path.read_bytes() if kind and path.is_file() else b""
            if not _is_picture(content):
                problems.append(Problem(f"the image {html.unescape(address)} cannot be shown", shown))
                return match.group()
            done[address] = f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
        return before + done[address] + after

    return replacement


def _is_picture(content: bytes) -> bool:
    start = content[:2048]
    return start.startswith((b"\x89PNG", b"\xff\xd8", b"GIF8", b"RIFF")) or b"<svg" in start
