"""The record that a part leaves: its files, what was measured in them, what was said on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from livingreview import canonical
from livingreview.errors import Problem, ReviewError
from livingreview.submission import docx_measure, pdf_archival, pdf_measure, pdf_tags
from livingreview.submission.facts import Audience, File
from livingreview.submission.package_plan import WORK
from livingreview.submission.pdf_pages import Pages


@dataclass(frozen=True, slots=True)
class Record:
    """What a part made. ``measured`` are plain values by their name in :class:`livingreview.submission.facts.Facts`."""

    part: str
    files: tuple[File, ...]
    measured: dict[str, Any]
    notes: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def folder(package: str, part: str) -> Path:
    """Where the files of a part lie until the package is put together."""
    return WORK / package / part


def path(package: str, part: str) -> Path:
    """Where the record of a part lies."""
    return WORK / package / f"{part}.json"


def files(part: str, made: Iterable[tuple[Path, str]], audience: Audience) -> tuple[File, ...]:
    """Files with their titles as the record lists them. Names are those of the package, where all files lie in one folder."""
    return tuple(
        File(p.name, title, part, audience, p.stat().st_size, canonical.file_digest(p)) for p, title in made
    )


def measures(paths: Iterable[Path], *, places: bool = False) -> dict[str, dict[str, Any]]:
    """What documents really have, by kind of measure and name of file: ``docx``, ``pdf`` and ``conformance``; with ``places`` also
    ``tagged``, where everything stands in the PDFs (see :func:`tagged`)."""
    found: dict[str, dict[str, Any]] = {"docx": {}, "pdf": {}, "conformance": {}}
    if places:
        found["tagged"] = {}
    for p in paths:
        if p.suffix == ".docx":
            found["docx"][p.name] = docx_measure.measure(p).to_json()
        elif p.suffix == ".pdf":
            pages = Pages(p)
            found["pdf"][p.name] = pdf_measure.measure(pages).to_json()
            if places:
                found["tagged"][p.name] = asdict(pdf_tags.read(pages))
            found["conformance"][p.name] = asdict(pdf_archival.conformance(pages))
    return found


def tagged(made: Record, name: str) -> pdf_tags.Tagged:
    """Where everything stands in a PDF of a part, as it was read when the part was made."""
    return TypeAdapter(pdf_tags.Tagged).validate_python(made.measured["tagged"][name])


def write(package: str, record: Record) -> list[Path]:
    """Write a record and remove what an earlier run of the part left beside its files; returns the paths of all files."""
    place = folder(package, record.part)
    kept = {entry.name for entry in record.files}
    for stale in sorted(place.glob("*")):
        if stale.name not in kept:
            stale.unlink()
    canonical.write_json(path(package, record.part), record.to_json())
    return [place / entry.name for entry in record.files]


def read(package: str, part: str) -> Record:
    """The record of a part that was made. Raises ReviewError where there is none."""
    place = path(package, part)
    try:
        content: Mapping[str, Any] = canonical.read_json(place)
        return Record(
            content["part"],
            tuple(File(**entry) for entry in content["files"]),
            dict(content["measured"]),
            tuple(content["notes"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        raise ReviewError(
            Problem("a part of the package has not been made", place.as_posix(), suggestion="run it again")
        ) from None
