"""Agreement of two extractions of a review, and which outputs a disputed field keeps from release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from livingreview.errors import Problem
from livingreview.extraction import dataset
from livingreview.extraction import double_extraction as double
from livingreview.extraction.dataset import Dataset
from livingreview.extraction.double_extraction import ABSENT, ROW, Agreement, Difference

OUTPUTS = {
    "characteristics.json": "the table of included studies and the timeline",
    "appraisal.json": "the critical appraisal",
    "certainty.json": "the certainty of evidence",
    "flow.json": "the flow diagram",
    "documents.json": "the documents",
    "supplement.json": "the supplement",
    "bibliography.json": "the references",
}
"""What is made from each slice."""


def compare(review: Path, root: Path) -> Agreement:
    """Compare the two extractions of a review; raises ReviewError where its tables are not valid."""
    return of(dataset.load(review, root))


def of(data: Dataset) -> Agreement:
    """Compare the two extractions of a valid dataset."""
    return double.compare(data.tables, data.second, data.schemas)


def blocking(review: Path, root: Path | None = None) -> list[Problem]:
    """One problem for each open difference that some output of the review depends on, naming these outputs.

    Whether an output depends on a field is tried: the outputs' slices are made with the first extractor's value and with the
    second's, and where they do not differ nothing is blocked. ``root`` is the repository (default: the one of this
    package). Raises ReviewError where the tables are not valid.
    """
    if root is None:
        from livingreview.pipeline.fingerprint import repository

        root = repository()
    data = dataset.load(Path(review), root)
    found = of(data)
    if not found.open:
        return []
    bare = replace(data, second={})
    before = _digests(bare, root, Path(review))
    problems = []
    for difference in found.open:
        used = _uses(bare, data.second, (root, Path(review)), difference, before)
        if used:
            problems.append(
                Problem(
                    f"the two extractions differ in `{difference.field}` of {difference.row}, {difference.why_open}; it bears on {', '.join(used)}",
                    file=difference.file,
                    row=difference.line,
                    column="" if difference.field == ROW else difference.field,
                    value=f"{difference.first or 'empty'} (first), {difference.second or 'empty'} (second)",
                    suggestion="decide it in data/raw/adjudications.csv, and put the value into the table",
                )
            )
    return problems


def _uses(
    data: Dataset,
    second: Mapping[str, Any],
    folders: tuple[Path, Path],
    difference: Difference,
    before: Mapping[str, str] | None,
) -> list[str]:
    """The outputs that would come out otherwise with the second extractor's value (or the decided one), in words."""
    schema = data.schemas[difference.table]

    def here(row: Mapping[str, Any]) -> bool:
        return double.row_key(schema, row) == difference.row

    other = next((r for r in second[difference.table] if here(r)), None)
    rows = list(data.tables[difference.table])
    if difference.field != ROW:
        value = other.get(difference.field) if other else None
        rows = [{**r, difference.field: value} if here(r) else r for r in rows]
    elif difference.first == ABSENT and other is not None:
        rows = [*rows, other]
    else:
        rows = [r for r in rows if not here(r)]
    after = _digests(replace(data, tables={**data.tables, difference.table: rows}), *folders)
    if before is None or after is None:
        return ["the whole review"]  # it cannot even be told what would come out
    names = sorted(n for n in {*before, *after} if before.get(n) != after.get(n))
    return list(dict.fromkeys(_words(data, names)))


def _digests(data: Dataset, root: Path, folder: Path) -> dict[str, str] | None:
    """Digest of every slice by name; None where the dataset does not make sense as it is."""
    from livingreview.canonical import digest
    from livingreview.slices import Review
    from livingreview.steps.extract import all_slices

    try:
        return {name: digest(content) for name, content in all_slices(Review(data), root, folder).items()}
    except Exception:  # a value that nobody validated may break anything; that is an answer, not a fault
        return None


def _words(data: Dataset, names: list[str]) -> Iterator[str]:
    therapies = {t.code: t.name for t in data.protocol.therapies}
    for name in names:
        if name.startswith("therapy/"):
            code = name.removeprefix("therapy/").removesuffix(".json")
            yield f"results, figures and statements of {therapies.get(code, code)}"
        elif name in OUTPUTS:
            yield OUTPUTS[name]


def lines(found: Agreement, width: int = 46) -> list[str]:
    """The comparison for people at a terminal."""
    if not found.exists:
        return [
            "No study has been extracted a second time: there is no table in data/raw/second.",
            "To begin: livingreview template --study ID --second",
        ]
    n = len(found.studies)
    said = [f"{n} stud{'y' if n == 1 else 'ies'} extracted twice: {', '.join(found.studies)}", ""]
    said.append(f"{'column':{width}} {'cells':>6} {'agree':>7} {'kappa':>7} {'AC1':>7}")
    for f in [*found.fields, *([found.overall] if found.overall else [])]:
        name = f"{f.table}.{f.field}" if f.table else f.title
        said.append(
            f"{name:{width}} {f.n:>6} {_percent(f.percent):>7} {_number(f.kappa):>7} {_number(f.ac1):>7}"
        )
    said.append("")
    for d in found.differences:
        state = f"settled as {d.value or 'empty'} by {d.adjudicator}" if d.settled else f"OPEN: {d.why_open}"
        said.append(
            f"{d.row} {d.field}: {d.first or 'empty'} (first), {d.second or 'empty'} (second); {state}"
        )
    n = len(found.differences)
    said.append(f"{n} difference{'' if n == 1 else 's'}, {len(found.open)} open.")
    return said


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f} %"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
