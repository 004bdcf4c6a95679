"""Data between two versions: what the review would have been with only some of the changes.

The factors are taken one after the other, each on top of those before it (:data:`FACTORS` states the order). Changes that cannot
stand without each other (a study with its arms, a record with the study that it found) belong to one factor.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from livingreview import canonical
from livingreview.changes.tables import RAW, STUDY, Cells, Copy, Table, key_columns, keyed
from livingreview.extraction.schema import FOLDER, TableSchema
from livingreview.releases.ledger import FOLDER as LEDGER

CODE, METHOD, CORRECTED, WITHDRAWN, NEW, SIGNED = "code", "method", "corrected", "withdrawn", "new", "signed"
FACTORS: Mapping[str, str] = {
    CODE: "changed code or versions",
    METHOD: "changed method (review.yaml)",
    CORRECTED: "corrected data",
    WITHDRAWN: "studies withdrawn",
    NEW: "new studies and search",
    SIGNED: "signed judgements",
}
"""The factors in the order in which they are applied, with their names for print. The first needs no change of data: it is the
earlier version's data under today's code."""

PROTOCOL = "review.yaml"
SIGNATURES = ("certainty", "acknowledgements")


@dataclass(frozen=True)
class Between:
    """Everything between an earlier state of the data (``before``) and a later one (``after``)."""

    before: Copy
    after: Copy
    included_before: frozenset[str]
    included_after: frozenset[str]
    schemas: Mapping[str, TableSchema]

    def write(self, folder: Path, applied: Collection[str]) -> None:
        """Lay a review into an empty folder: the earlier data with the changes of the ``applied`` factors.

        Schemas and ledger are those of the later state.
        """
        source = self.after if METHOD in applied else self.before
        canonical.write_bytes(folder / PROTOCOL, (source.folder / PROTOCOL).read_bytes())
        for part in (FOLDER, LEDGER):
            there = (self.after.folder / part).resolve()
            if there.is_dir():
                (folder / part).parent.mkdir(parents=True, exist_ok=True)
                (folder / part).symlink_to(there, target_is_directory=True)
        for name, text in self.texts(applied).items():
            canonical.write_text(folder / RAW / f"{name}.csv", text)

    def texts(self, applied: Collection[str]) -> dict[str, str]:
        """Raw tables by name as CSV, with the changes of the ``applied`` factors."""
        found = {}
        for name in sorted({*self.before.tables, *self.after.tables}):
            old, new = self.before.tables.get(name), self.after.tables.get(name)
            one = new or old
            assert one is not None
            rows = list(self._rows(one, old, new, applied))
            if rows or new is not None:
                found[name] = _csv(one.header, rows)
        return found

    def _rows(
        self, one: Table, old: Table | None, new: Table | None, applied: Collection[str]
    ) -> Iterable[Cells]:
        columns = key_columns(one, self.schemas)
        was, now = keyed(old, columns), keyed(new, columns)
        if one.kind in SIGNATURES:
            return (now if SIGNED in applied else was).values()
        if one.of_studies:
            return [
                row
                for rows, applies in ((was, False), (now, True))
                for row in rows.values()
                if (self.factor(row.get(STUDY, "")) in applied) == applies
            ]
        if one.kind in ("records", "queries"):
            keys = dict.fromkeys([*was, *now])
            chosen = [
                (now if self._record_factor(was.get(k), now.get(k)) in applied else was).get(k) for k in keys
            ]
            return [row for row in chosen if row is not None]
        return (now if CORRECTED in applied else was).values()

    def factor(self, study: str) -> str:
        """To which factor all changes of a study's rows belong."""
        if study in self.included_before:
            return CORRECTED if study in self.included_after else WITHDRAWN
        if study in self.included_after or study not in self.before.studies:
            return NEW
        return CORRECTED if study in self.after.studies else WITHDRAWN

    def _record_factor(self, old: Cells | None, new: Cells | None) -> str:
        """A record goes with the change of the study that it points to where that study left or was corrected."""
        study = (old or {}).get(STUDY) or (new or {}).get(STUDY) or ""
        found = self.factor(study) if study else NEW
        return found if found == WITHDRAWN else NEW


def _csv(header: Collection[str], rows: Iterable[Cells]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(header), restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
