"""Collect gate: the results of all therapies as one canonical file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from livingreview import canonical


def run(out: Path, results: Iterable[Path]) -> list[Path]:
    """Write ``{"therapies": {code: result}}`` to ``out`` from the result files of the therapies; returns ``[out]``.

    A file that holds no therapy result (an overview's) is left out. The same results give the same bytes, whatever
    the order of the files.
    """
    therapies = {}
    for path in sorted(Path(p) for p in results):
        if path.suffix != ".json" or path.parent.name != "therapy":
            continue
        result = canonical.read_json(path)
        therapies[result["therapy"]["code"]] = result
    canonical.write_json(out, {"therapies": therapies})
    return [Path(out)]
