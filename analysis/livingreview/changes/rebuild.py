"""The cheap steps in memory: extract, synthesis, collect and claims of a review in a folder, without notebooks, figures and documents.

The gates speak through files, which are written below a temporary folder; nothing of a review is touched.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.claims.build import Sources, build
from livingreview.steps import extract
from livingreview.synthesis.therapy import synthesise

Claims = dict[str, dict[str, Any]]


@dataclass
class Rebuilder:
    """Rebuilds claims with the code that runs. ``root`` is the repository. Results of a therapy are remembered by the bytes of its
    slice, so that a change reruns only the syntheses that it touches."""

    root: Path
    _results: dict[str, str] = field(default_factory=dict)

    def claims(self, review: Path) -> Claims:
        """All claims of the review in folder ``review``, in the form of ``build/claims/claims.json``.

        Raises :class:`livingreview.errors.ReviewError` where the data do not pass the gates.
        """
        with tempfile.TemporaryDirectory(prefix="livingreview-") as scratch:
            built = Path(scratch)
            with contextlib.redirect_stdout(io.StringIO()):
                extract.run(review, self.root, built / "extract")
            results = [
                f"{json.dumps(path.stem)}:{self._result(path)}"
                for path in sorted((built / "extract/therapy").glob("*.json"))
            ]
            collected = built / "collect/results.json"
            canonical.write_text(collected, f'{{"therapies":{{{",".join(results)}}}}}')
            claims = build(Sources.read(built), checked=False).to_json()
        # through the form of a file, so that numbers compare with those of one
        return dict(json.loads(canonical.compact(claims)))

    def remember(self, slice_file: Path, result_file: Path) -> None:
        """Take a therapy's result from an earlier run of the same code; missing files are passed over."""
        if slice_file.is_file() and result_file.is_file():
            self._results[_digest(slice_file)] = result_file.read_text(encoding="utf-8")

    def _result(self, path: Path) -> str:
        name = _digest(path)
        if name not in self._results:
            self._results[name] = canonical.compact(synthesise(canonical.read_json(path)).to_json())
        return self._results[name]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
