"""Claims in the HTML: their records and the script that shows them become part of the page."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable
from pathlib import Path

from livingreview import canonical
from livingreview.publish.project import Project

RECORDS = Path("_built/claims.json")
SCRIPT = Path("templates/claims.js")
_KEY = re.compile(r'\bdata-claim="([^"]*)"')


def keys(page: str) -> list[str]:
    """Keys of the claims that an HTML page prints, in its order, each once."""
    return list(dict.fromkeys(html.unescape(key) for key in _KEY.findall(page)))


def add(page: Path, project: Project) -> None:
    """Put the records of the printed claims, and the script, at the end of a page. A page without claims stays as it is."""
    text = page.read_text(encoding="utf-8")
    printed = keys(text)
    records = project.folder / RECORDS
    script = project.resource(str(SCRIPT))
    if not printed or not records.is_file() or not script.is_file():
        return
    found = canonical.read_json(records)
    shown = {key: found[key] for key in sorted(printed) if key in found}
    end = text.rfind("</body>")
    code = script.read_text(encoding="utf-8").strip()
    block = f'<script type="application/json" id="claims-data">{_embedded(shown)}</script>\n<script>\n{code}\n</script>\n'
    page.write_text(text[:end] + block + text[end:], encoding="utf-8")


def _embedded(records: dict[str, dict[str, str]]) -> str:
    """JSON that cannot end its script element."""
    text = json.dumps(records, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def unknown(page: str, known: Iterable[str]) -> list[str]:
    """Keys that a page names and that are no claims."""
    there = set(known)
    return [key for key in keys(page) if key not in there]
