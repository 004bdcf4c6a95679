"""The claims gate of the shipped review, run once for all tests that look at what it makes."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.claims.build import Sources
from livingreview.claims.figures import FAMILIES
from livingreview.steps import claims, collect, extract
from livingreview.synthesis.therapy import synthesise

ROOT = Path(__file__).resolve().parents[2]
PIXEL = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


def prepare(folder: Path) -> None:
    """Run the gates before the claims in a folder, with placeholders for figures."""
    extract.run(ROOT, ROOT, folder / "build/extract")
    results = []
    for path in sorted((folder / "build/extract/therapy").glob("*.json")):
        results.append(folder / "build/results/therapy" / path.name)
        canonical.write_json(results[-1], synthesise(canonical.read_json(path)).to_json())
    collect.run(folder / "build/collect/results.json", results)
    families = [f"{family}{p.stem}" for family in FAMILIES for p in results]
    for name in ["flow", "flow_releases", "responses", "appraisal", "timeline", *families]:
        canonical.write_bytes(folder / f"figures/{name}.svg", PIXEL)


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    made = tempfile.TemporaryDirectory(prefix="claims-")
    prepare(Path(made.name))
    claims.run(Path(made.name), ROOT, Path(made.name) / "build/claims")
    return made


def built() -> Path:
    """A folder in which the claims gate has run; not to be changed."""
    return Path(_folder().name)


@functools.cache
def sources() -> Sources:
    """The gates' canonical files of the shipped review."""
    return Sources.read(built() / "build")


def without_studies() -> Sources:
    """The same review with every included study gone."""
    slices = built() / "build/extract/therapy"
    empty = {}
    for path in sorted(slices.glob("*.json")):
        data = {**canonical.read_json(path), "studies": [], "arms": [], "outcomes": [], "participants": []}
        empty[path.stem] = synthesise(data).to_json()
    found = sources()
    return replace(
        found,
        results={"therapies": empty},
        characteristics={**found.characteristics, "studies": []},
        appraisal={**found.appraisal, "studies": []},
        supplement={
            **found.supplement,
            **{
                k: []
                for k in ("included", "awaiting", "ongoing", "excluded", "linked", "queries", "appraisal")
            },
        },
    )


def texts(value: Any) -> Iterator[str]:
    """Every string in nested data."""
    if isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value
