"""A copy of the review's own protocol and tables that a test may break."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

from livingreview.errors import Problem, ReviewError
from livingreview.extraction import dataset
from livingreview.extraction.dataset import Dataset

ROOT = Path(__file__).parents[2]
TABLES = sorted(p.relative_to(ROOT / "data/raw").as_posix() for p in (ROOT / "data/raw").rglob("*.csv"))


class Copy:
    """A review in a temporary folder, with small verbs to change it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "data/raw", folder / "data/raw")
        shutil.copytree(ROOT / "data/releases", folder / "data/releases")
        shutil.copy(ROOT / "review.yaml", folder)

    def path(self, table: str) -> Path:
        return self.folder / "data/raw" / f"{table}.csv"

    def rows(self, table: str) -> list[list[str]]:
        return list(csv.reader(io.StringIO(self.path(table).read_text(encoding="utf-8"), newline="")))

    def write(self, table: str, rows: list[list[str]], **dialect: str) -> None:
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\n", **dialect).writerows(rows)  # type: ignore[arg-type]
        self.path(table).write_text(out.getvalue(), encoding="utf-8", newline="")

    def row_of(self, table: str, **where: str) -> int:
        """Spreadsheet row of the first record with these cells."""
        header, *rows = self.rows(table)
        for number, row in enumerate(rows, 2):
            if all(row[header.index(c)] == v for c, v in where.items()):
                return number
        raise LookupError(f"{table}: no row with {where}")

    def set(self, table: str, row: int, **cells: str) -> None:
        """Change cells of a row; a column that the table does not have yet is added, empty in the other rows."""
        rows = self.rows(table)
        for column in [c for c in cells if c not in rows[0]]:
            rows = [[*r, column if i == 0 else ""] for i, r in enumerate(rows)]
        for column, value in cells.items():
            rows[row - 1][rows[0].index(column)] = value
        self.write(table, rows)

    def add(self, table: str, like: int, **cells: str) -> int:
        """Append a row like another one, with some cells changed; returns its number."""
        rows = self.rows(table)
        rows.append(list(rows[like - 1]))
        self.write(table, rows)
        self.set(table, len(rows), **cells)
        return len(rows)

    def drop(self, table: str, row: int) -> None:
        rows = self.rows(table)
        del rows[row - 1]
        self.write(table, rows)

    def protocol(self, old: str, new: str) -> None:
        path = self.folder / "review.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def load(self) -> Dataset:
        return dataset.load(self.folder, ROOT)

    def problems(self) -> list[Problem]:
        """All problems, whether the review is valid or not."""
        try:
            return self.load().problems
        except ReviewError as error:
            return error.problems

    def errors(self) -> list[Problem]:
        return [p for p in self.problems() if p.severity == "error"]
