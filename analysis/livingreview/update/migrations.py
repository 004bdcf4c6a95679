"""Older layouts of the tables brought to the present one.

What changed in the layout, and when, is data: ``data/schema/migrations.yaml``, a list of versions with steps. A step says what
it does to one table and is carried out where it is still needed, so that a table that is up to date stays byte for byte::

    - version: 2
      why: "Reports can be corrected or retracted"
      steps:
        - {table: studies, add: status, value: ""}
        - {table: arms, rename: duration, to: treatment_duration_months}
        - {table: outcomes, drop: old_column}
        - {table: studies, column: design, code: cohort, to: prospective_cohort}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livingreview import yaml_source
from livingreview.canonical import write_bytes
from livingreview.errors import Problem, ReviewError
from livingreview.extraction.dataset import RAW, STREAMED
from livingreview.extraction.schema import CORE, FOLDER
from livingreview.extraction.table_file import TableFile
from livingreview.extraction.writing import copy_review, write_all
from livingreview.nearest import did_you_mean

FILE = "migrations.yaml"
_KINDS: Mapping[str, frozenset[str]] = {
    "add": frozenset(["table", "add", "value"]),
    "rename": frozenset(["table", "rename", "to"]),
    "drop": frozenset(["table", "drop"]),
    "code": frozenset(["table", "column", "code", "to"]),
}
_OPTIONAL = frozenset(["value"])


@dataclass(frozen=True, slots=True)
class Step:
    """One change of layout: ``kind`` is add, rename, drop or code; ``column`` what it is about; ``to`` what it becomes."""

    version: str
    why: str
    kind: str
    table: str
    column: str
    to: str
    code: str = ""

    def __str__(self) -> str:
        return {
            "add": f"new column {self.column}" + (f", `{self.to}` in every row" if self.to else ""),
            "rename": f"column {self.column} is now {self.to}",
            "drop": f"column {self.column} is no longer used",
            "code": f"{self.column}: code `{self.code}` is now `{self.to}`",
        }[self.kind]


def steps(review: Path, root: Path) -> list[Step]:
    """The steps that hold for a review: its own list if it has one, else the repository's; in the order of the versions.

    Raises ReviewError for an unknown table or kind of step, with its line.
    """
    paths = [folder / FOLDER / FILE for folder in (review, root)]
    path = next((p for p in paths if p.is_file()), None)
    if path is None:
        return []
    name = f"{FOLDER.as_posix()}/{FILE}"
    source = yaml_source.read(path, name)
    problems = list(source.problems)
    found: list[Step] = []
    for place, entry in enumerate(source.data if isinstance(source.data, list) else []):
        for number, step in enumerate((entry or {}).get("steps") or []):
            line = source.line((place, "steps", number))
            kind = next((k for k in ("add", "rename", "drop", "code") if k in step), "")
            keys = set(step)
            if not kind or keys - _KINDS[kind] or _KINDS[kind] - keys - _OPTIONAL:
                allowed = "; ".join(", ".join(sorted(k)) for k in _KINDS.values())
                problems.append(
                    Problem(
                        "not a step of a migration",
                        file=name,
                        row=line,
                        value=", ".join(sorted(keys)),
                        allowed=allowed,
                    )
                )
            elif step["table"] not in CORE:
                problems.append(
                    Problem(
                        "no table of this name",
                        file=name,
                        row=line,
                        value=step["table"],
                        suggestion=did_you_mean(step["table"], CORE),
                    )
                )
            else:
                found.append(_step(entry, kind, step))
    if problems:
        raise ReviewError(problems)
    return sorted(found, key=lambda s: int(s.version) if s.version.isdigit() else 0)


def _step(entry: Mapping[str, Any], kind: str, step: Mapping[str, str | None]) -> Step:
    column = step["column"] if kind == "code" else step[kind]
    to = step.get("value") if kind == "add" else step.get("to")
    return Step(
        str(entry.get("version")), str(entry.get("why") or ""), kind, step["table"] or "", column or "", to or "",
        (step.get("code") or "") if kind == "code" else "",
    )  # fmt: skip


def plan(review: Path, root: Path, raw: Path | None = None) -> dict[Path, tuple[bytes, list[Step]]]:
    """What a migration would write: path → (new content, the steps carried out). Empty where the layout is up to date.

    ``raw``: the folder of the tables (default: ``data/raw`` of the review), such as the copy in an old release. Raises
    ReviewError for a table that cannot be read whole or is open in a spreadsheet.
    """
    folder = raw or review / RAW
    listed = steps(review, root)
    found: dict[Path, tuple[bytes, list[Step]]] = {}
    problems: list[Problem] = []
    for path, table in _tables(folder):
        own = [s for s in listed if s.table == table]
        if not own:
            continue
        try:
            file = TableFile.read(path, path.relative_to(folder.parent.parent).as_posix())
        except ReviewError as error:
            problems += error.problems
            continue
        done = [step for step in own if _carry_out(file, step)]
        if done:
            found[path] = (file.content(), done)
    if problems:
        raise ReviewError(problems)
    return found


def _tables(folder: Path) -> Iterator[tuple[Path, str]]:
    for place in (folder, folder / "second"):
        for table in CORE:
            if table not in STREAMED and (place / f"{table}.csv").is_file():
                yield place / f"{table}.csv", table
    for table in STREAMED:
        for path in sorted((folder / "search").glob(f"{table}_*.csv")):
            yield path, table


def _carry_out(file: TableFile, step: Step) -> bool:
    """Carry out a step where it is needed; whether it was."""
    if step.kind == "add" and step.column not in file.header:
        file.add_column(step.column, step.to)
    elif step.kind == "rename" and step.column in file.header and step.to not in file.header:
        file.rename_column(step.column, step.to)
    elif step.kind == "drop" and step.column in file.header:
        if kept := [i for i, line in enumerate(file.lines) if line.cells.get(step.column)]:
            raise ReviewError(
                Problem(
                    f"the column {step.column} is no longer used, but {len(kept)} rows fill it (first in this one)",
                    file=file.shown,
                    row=file.row(kept[0]),
                    column=step.column,
                    suggestion="move what it holds into another column first, then empty it and call again",
                )
            )
        file.drop_column(step.column)
    elif step.kind == "code" and step.column in file.header:
        rows = [i for i, line in enumerate(file.lines) if line.cells.get(step.column) == step.code]
        for index in rows:
            file.update(index, {step.column: step.to})
        return bool(rows)
    else:
        return False
    return True


def migrate(review: Path, root: Path, raw: Path | None = None, dry: bool = False) -> list[str]:
    """Bring the tables to the present layout and say what was done, one line a step.

    With ``dry`` nothing is written. The tables of the review (not an old copy) must be valid afterwards, else nothing is
    written and ReviewError tells why.
    """
    planned = plan(review, root, raw)
    if raw is not None and planned and not dry and "releases" in raw.resolve().parts:
        raise ReviewError(
            Problem(
                "a release is never changed",
                file=str(raw),
                suggestion="copy its data/raw elsewhere and migrate the copy, or look with --dry-run",
            )
        )
    if raw is None and planned:
        _validate(review, root, planned)
    folder = raw or review / RAW
    said = []
    if not dry:
        contents = {path.relative_to(folder): content for path, (content, _) in planned.items()}
        write_all(folder, contents, {path: (folder / path).read_bytes() for path in contents})
    for path, (_, done) in planned.items():
        shown = path.relative_to(folder).as_posix()
        said += [f"{shown}: {step} (version {step.version}: {step.why})" for step in done]
    return said


def _validate(review: Path, root: Path, planned: Mapping[Path, tuple[bytes, list[Step]]]) -> None:
    import tempfile

    from livingreview.extraction import dataset

    with tempfile.TemporaryDirectory(prefix="livingreview-") as folder:
        copy_review(review, Path(folder))
        for path, (content, _) in planned.items():
            write_bytes(Path(folder) / path.relative_to(review), content)
        dataset.load(Path(folder), root)


def pending(review: Path, root: Path) -> list[Problem]:
    """A warning for each table that has an older layout; empty where the layout is up to date or cannot be told."""
    try:
        planned = plan(review, root)
    except ReviewError:
        return []  # reading the tables tells what is wrong with them
    return [
        Problem(
            f"the table has an older layout: {'; '.join(str(s) for s in done)}",
            file=path.relative_to(review).as_posix(),
            suggestion="call `livingreview migrate` (with --dry-run to see first)",
            severity="warning",
        )
        for path, (_, done) in planned.items()
    ]
