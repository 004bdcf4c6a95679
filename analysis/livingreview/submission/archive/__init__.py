"""The archive of a built review: one ZIP with data, code, lock, executed notebooks, results, figures and documents.

It is a Workflow Run RO-Crate, ready to be deposited, and the same bytes for the same build: whoever has it can check every file and
rebuild the review from it alone.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.submission import packing
from livingreview.submission.archive import citation, crate, evidence, facts, members, readme

_MADE = {
    readme.NAME: "What is in this archive, how to check it and how to rebuild the review",
    "CITATION.cff": "How to cite the review",
    "codemeta.json": "The code in this archive, as CodeMeta",
    packing.SUMS: "SHA-256 of every other file of this archive, for sha256sum -c",
}


@dataclass(frozen=True)
class Archive:
    """A written archive: name of the file, its size in bytes and its SHA-256, number of files in it, and what of the review it tells
    (figures and claims with their studies, steps of the build)."""

    name: str
    bytes: int
    sha256: str
    files: int
    studies: int
    claims: int
    figures: int
    steps: int

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def write(review: Path, root: Path, out: Path) -> Archive:
    """Write the archive of the built ``review`` to the file ``out``; ``root`` is the repository of the code.

    Raises ReviewError with every reason against it: no finished build, outputs or inputs that changed since, inputs that git does not
    know.
    """
    found, told, inside, everything = _gather(review, root)
    archived = packing.pack(everything, told.seconds)
    out.parent.mkdir(parents=True, exist_ok=True)
    canonical.write_bytes(out, archived)
    return Archive(
        name=out.name,
        bytes=len(archived),
        sha256=hashlib.sha256(archived).hexdigest(),
        files=len(everything),
        studies=len(inside.studies),
        claims=len(inside.claims),
        figures=len(inside.figures),
        steps=len(found.steps),
    )


def content(review: Path, root: Path) -> dict[str, bytes | Path]:
    """Every file of the archive by its name: its content, or the file that it is a copy of. Raises as :func:`write` does."""
    return _gather(review, root)[3]


def name(review: Path) -> str:
    """Name of the archive of a review: ``archive-VERSION.zip``. Raises ReviewError for a protocol that is not valid."""
    from livingreview import protocol as protocols

    return f"archive-{protocols.load(review / protocols.FILE).version}.zip"


def _gather(
    review: Path, root: Path
) -> tuple[members.Members, facts.Facts, evidence.Evidence, dict[str, bytes | Path]]:
    found = members.gather(review, root)
    told = facts.read(review, root, found.prefix)
    inside = evidence.read(review, found)
    everything: dict[str, bytes | Path] = dict(found.files)
    everything["CITATION.cff"] = citation.cff(told)
    everything["codemeta.json"] = citation.codemeta(told)
    everything[readme.NAME] = readme.text(told, found, crate.VERSION)
    everything[crate.METADATA] = crate.metadata(told, found, inside, _MADE)
    everything[packing.SUMS] = packing.sums(everything)
    return found, told, inside, everything
