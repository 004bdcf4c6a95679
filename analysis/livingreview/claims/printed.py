"""Which claims a document prints: what its text names, their parts, and those that built captions and paragraphs name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.publish.sources import files

_SPAN = re.compile(r'\{data-claim="([^"]+)"\}')


def printed(source: Path, claims: Mapping[str, Mapping[str, Any]], texts: Iterable[str]) -> list[str] | None:
    """Keys of the claims that a document prints, sorted; None where its source cannot be read, so that all may be printed.

    ``texts`` are the built files that it may include. The source decides here only which changes of claims matter to a document
    that is there; a document whose own text changes is rendered for that.
    """
    if not source.is_file():
        return None
    named = {code.detail for part in files(source) for code in part.shortcodes() if code.name == "var"}
    named |= {key for text in texts for key in _SPAN.findall(text)}
    parts = {part for key in named if key in claims for part in claims[key]["parts"]}
    return sorted((named | parts) & set(claims))


def digests(
    keys: Iterable[str], claims: Mapping[str, Mapping[str, Any]], records: Mapping[str, Any]
) -> dict[str, str]:
    """Digests of ``_variables.yml`` and ``_built/claims.json`` as far as a document prints them."""
    wanted = list(keys)
    # where a part stands within the text decides what the document prints, as the text does
    texts = {key: [claims[key]["text"], claims[key]["marked"]] for key in wanted}
    shown = {key: records[key] for key in wanted}
    return {"_variables.yml": _digest(texts), "_built/claims.json": _digest(shown)}


def _digest(value: Any) -> str:
    return sha256(canonical.dumps(value).encode("utf-8")).hexdigest()
