"""Variants of a review's data for the claims gate: rows dropped, counts changed, cells blanked, a protocol varied; all still valid."""

from __future__ import annotations

import csv
import json
import random
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.claims.build import Sources
from livingreview.errors import ReviewError
from livingreview.steps import extract
from livingreview.synthesis.therapy import synthesise

ROOT = Path(__file__).resolve().parents[2]
REVIEWS = {"real": ROOT, "synthetic": ROOT / "tests/review"}
TABLES = ("studies", "arms", "outcomes", "participants", "appraisals", "certainty")
Rows = list[dict[str, str]]


@dataclass
class Variant:
    """The tables and the protocol's text of a review, and what was done to them."""

    rng: random.Random
    tables: dict[str, Rows]
    protocol: str
    done: list[str] = field(default_factory=list)

    def drop(self, studies: set[str]) -> None:
        """Exclude studies and take their rows out of the other tables."""
        for row in self.tables["studies"]:
            if row["study_id"] in studies:
                row["eligibility"], row["exclusion_reason"] = "excluded", "no data"
        for name in TABLES[1:]:
            self.tables[name] = [r for r in self.tables[name] if r.get("study_id") not in studies]
        for row in self.tables["arms"]:
            if row.get("shares_patients_with") in studies:
                row["shares_patients_with"] = ""

    def included(self) -> list[str]:
        return [r["study_id"] for r in self.tables["studies"] if r["eligibility"] == "included"]

    def by_therapy(self) -> dict[str, set[str]]:
        included = set(self.included())
        found: dict[str, set[str]] = {}
        for row in self.tables["arms"]:
            if row["study_id"] in included:
                found.setdefault(row["therapy"], set()).add(row["study_id"])
        return found

    def counted(self) -> Rows:
        """Outcomes with a count of a total."""
        return [r for r in self.tables["outcomes"] if r["events"].isdigit() and r["total"].isdigit()]

    def cells(self, rows: Rows, share: float) -> Rows:
        """Some of the rows, at least one."""
        chosen = [r for r in rows if self.rng.random() < share]
        return chosen or ([self.rng.choice(rows)] if rows else [])


def few_studies(v: Variant) -> None:
    included = v.included()
    v.drop(set(v.rng.sample(included, v.rng.randint(0, len(included)))))


def one_study_a_therapy(v: Variant) -> None:
    kept = {v.rng.choice(sorted(studies)) for studies in v.by_therapy().values()}
    v.drop(set(v.included()) - kept)


def no_study_of_some_therapies(v: Variant) -> None:
    found = v.by_therapy()
    for code in v.rng.sample(sorted(found), v.rng.randint(0, len(found))):
        v.drop(found[code])


def no_or_all_events(v: Variant) -> None:
    share = v.rng.choice([0.1, 0.5, 1.0])
    for row in v.cells(v.counted(), share):
        row["events"] = v.rng.choice(["0", row["total"]])


def other_events(v: Variant) -> None:
    for row in v.cells(v.counted(), v.rng.choice([0.1, 0.5, 1.0])):
        row["events"] = str(v.rng.randint(0, int(row["total"])))


def large_counts(v: Variant) -> None:
    by_arm: dict[tuple[str, str], int] = {}
    for row in v.tables["arms"]:
        if v.rng.random() < 0.5:
            factor = by_arm[row["study_id"], row["arm_id"]] = v.rng.choice([2, 3, 7, 40])
            for column in ("n_patients", "n_lesions", "n_female"):
                if row[column].isdigit():
                    row[column] = str(int(row[column]) * factor)
    for row in v.counted():
        factor = by_arm.get((row["study_id"], row["arm_id"]), 1)
        row["events"], row["total"] = str(int(row["events"]) * factor), str(int(row["total"]) * factor)


def single_patients(v: Variant) -> None:
    arms = v.cells(v.tables["arms"], v.rng.choice([0.2, 0.6]))
    chosen = {(r["study_id"], r["arm_id"]) for r in arms}
    for row in v.tables["outcomes"]:
        if row in v.counted() and (row["study_id"], row["arm_id"]) in chosen:
            row["events"], row["total"] = v.rng.choice(["0", "1"]), "1"


def no_totals(v: Variant) -> None:
    for row in v.cells(v.counted(), 0.4):
        row["total"] = ""


def no_events(v: Variant) -> None:
    for row in v.cells(v.counted(), 0.4):
        row["events"] = ""


def fewer_patients_than_lesions(v: Variant) -> None:
    for row in v.cells([r for r in v.tables["arms"] if r["n_patients"].isdigit()], 0.5):
        row["n_lesions"] = str(int(row["n_patients"]) * v.rng.randint(2, 5))
        for other in v.counted():
            same = (other["study_id"], other["arm_id"]) == (row["study_id"], row["arm_id"])
            if same and v.rng.random() < 0.7:
                other["unit"], other["total"] = "lesion", row["n_lesions"]
                other["events"] = str(v.rng.randint(0, int(row["n_lesions"])))


def no_head_counts(v: Variant) -> None:
    for row in v.cells(v.tables["arms"], 0.4):
        row["n_patients"] = row["n_female"] = ""
        row["n_lesions"] = v.rng.choice(["", row["n_lesions"]])


def no_ages_and_doses(v: Variant) -> None:
    columns = [
        c for c in v.tables["arms"][0] if c.startswith(("age", "sessions", "follow", "treatment", "interval"))
    ]
    for row in v.cells(v.tables["arms"], 0.6):
        for column in v.rng.sample(columns, 4):
            row[column] = ""


def no_years(v: Variant) -> None:
    for row in v.cells(v.tables["studies"], 0.4):
        row["year"] = ""


def other_timepoints(v: Variant) -> None:
    for row in v.cells(v.tables["outcomes"], 0.5):
        row["timepoint_months"] = v.rng.choice(["", "0.5", "1", "3", "6", "12", "24", "36.5"])


def other_scores(v: Variant) -> None:
    for row in v.cells([r for r in v.tables["outcomes"] if r["before"] or r["after"]], 0.5):
        for column in ("before", "after", "change"):
            if row[column] and v.rng.random() < 0.4:
                row[column] = v.rng.choice(["", "0", "5", "2.25"])
    people = [r for r in v.tables["participants"] if r["pain_before"] or r["pain_after"]]
    for row in v.cells(people, 0.5):
        row[v.rng.choice(["pain_before", "pain_after"])] = v.rng.choice(["", "0", "3", "10"])


def other_participants(v: Variant) -> None:
    for row in v.cells(v.tables["participants"], 0.6):
        column = v.rng.choice(["response", "recurrence", "adverse_events", "follow_up_months", "age", "sex"])
        values = sorted({r[column] for r in v.tables["participants"]})
        row[column] = v.rng.choice(["", *values])


def no_participants(v: Variant) -> None:
    v.tables["participants"] = v.cells(v.tables["participants"], 0.3)


def lost_outcomes(v: Variant) -> None:
    v.tables["outcomes"] = v.cells(v.tables["outcomes"], v.rng.choice([0.1, 0.5, 0.9]))


def lost_harms(v: Variant) -> None:
    kinds = sorted({r["outcome"] for r in v.tables["outcomes"]})
    gone = set(v.rng.sample(kinds, v.rng.randint(0, len(kinds))))
    v.tables["outcomes"] = [r for r in v.tables["outcomes"] if r["outcome"] not in gone]


def no_appraisals(v: Variant) -> None:
    gone = {r["study_id"] for r in v.cells(v.tables["studies"], 0.3)}
    v.tables["appraisals"] = [r for r in v.tables["appraisals"] if r["study_id"] not in gone]


def other_appraisals(v: Variant) -> None:
    values = sorted({r["judgement"] for r in v.tables["appraisals"]})
    for row in v.cells(v.tables["appraisals"], 0.5):
        row["judgement"] = v.rng.choice(values)


def other_designs(v: Variant) -> None:
    values = sorted({r["design"] for r in v.tables["studies"] if r["design"]})
    for row in v.cells(v.tables["studies"], 0.4):
        row["design"] = v.rng.choice(values)


def other_level(v: Variant) -> None:
    level = v.rng.choice(["0.9", "0.99", "0.8", "0.975", "0.999"])
    v.protocol = re.sub(r"(?m)^(confidence_level:\s*)[\d.]+", rf"\g<1>{level}", v.protocol)
    v.done.append(level)


def other_threshold(v: Variant) -> None:
    """Some threshold, or one just above or below an exact lower limit of the counts."""
    from livingreview.synthesis.proportions import clopper_pearson

    row = v.rng.choice([r for r in v.counted() if int(r["total"])] or [{"events": "1", "total": "3"}])
    near = clopper_pearson(int(row["events"]), int(row["total"]), 0.95)[0] + v.rng.choice(
        [-1, 1]
    ) * 10 ** -v.rng.randint(2, 5)
    value = v.rng.choice([round(near, 5), 0.333, 0.5, 0.9, 0.05, 0.605])
    value = min(max(value, 0.01), 0.99)
    v.protocol = re.sub(r"(?m)^(\s+threshold:\s*)[\d.]+", rf"\g<1>{value}", v.protocol, count=1)
    v.done.append(str(value))


CHANGES: tuple[Callable[[Variant], None], ...] = (
    few_studies, one_study_a_therapy, no_study_of_some_therapies, no_or_all_events, other_events, large_counts, single_patients,
    no_totals, no_events, fewer_patients_than_lesions, no_head_counts, no_ages_and_doses, no_years, other_timepoints, other_scores,
    other_participants, no_participants, lost_outcomes, lost_harms, no_appraisals, other_appraisals, other_designs, other_level,
    other_threshold,
)  # fmt: skip


def variant(name: str, seed: int) -> tuple[list[str], Sources | None]:
    """What was done to the review, and its gates before the claims; None where no valid variant came out of it."""
    rng = random.Random(f"{name}{seed}")
    chosen = rng.sample(CHANGES, rng.choice([1, 1, 2, 3, 4]))
    with tempfile.TemporaryDirectory(prefix="variant-") as scratch:
        folder = Path(scratch)
        _laid(name, folder)
        done: list[str] = []
        for change in chosen:
            if any(_changed(folder, change, rng, done) for _ in range(TRIES)):
                done.append(change.__name__)
        return done, _sources(folder) if done else None


def unchanged(name: str) -> Sources:
    """The review's gates before the claims, as it is."""
    with tempfile.TemporaryDirectory(prefix="variant-") as scratch:
        _laid(name, Path(scratch))
        found = _sources(Path(scratch))
    assert found is not None
    return found


def _laid(name: str, folder: Path) -> None:
    for part in ("data", "manuscript"):
        skip = shutil.ignore_patterns("_built", "_output", "_variables.yml")
        shutil.copytree(REVIEWS[name] / part, folder / part, ignore=skip)
    shutil.copy2(REVIEWS[name] / "review.yaml", folder / "review.yaml")


def _changed(folder: Path, change: Callable[[Variant], None], rng: random.Random, done: list[str]) -> bool:
    """Whether a change left the review valid; else it is undone."""
    from livingreview.extraction import dataset

    names = [n for n in TABLES if (folder / f"data/raw/{n}.csv").is_file()]
    paths = [*(folder / f"data/raw/{n}.csv" for n in names), folder / "review.yaml"]
    before = {p: p.read_bytes() for p in paths}
    tables, headers = {}, {}
    for n, path in zip(names, paths, strict=False):
        with path.open(encoding="utf-8", newline="") as source:
            reader = csv.DictReader(source)
            tables[n], headers[n] = list(reader), list(reader.fieldnames or ())
    v = Variant(rng, {n: tables.get(n, []) for n in TABLES}, paths[-1].read_text(encoding="utf-8"), done)
    change(v)
    for n, path in zip(names, paths, strict=False):
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, headers[n], lineterminator="\n")
            writer.writeheader()
            writer.writerows(v.tables[n])
    paths[-1].write_text(v.protocol, encoding="utf-8")
    try:
        dataset.load(folder, ROOT)
    except ReviewError as error:
        REFUSED.setdefault(change.__name__, []).append(
            str(next(p for p in error.problems if p.severity == "error"))[:200]
        )
        for path, content in before.items():
            path.write_bytes(content)
        return False
    return True


TRIES = 3
"""How often a change is tried, until the review is valid."""
REFUSED: dict[str, list[str]] = {}
"""Why changes were refused, for whoever adds one."""


@cache
def _result(text: str) -> Any:
    """A therapy's result, remembered by its slice."""
    return synthesise(json.loads(text)).to_json()


def _sources(folder: Path) -> Sources | None:
    try:
        extract.run(folder, ROOT, folder / "build/extract")
    except ReviewError as error:
        REFUSED.setdefault("extract", []).append(
            str(next(p for p in error.problems if p.severity == "error"))[:200]
        )
        return None
    results = {
        path.stem: _result(path.read_text(encoding="utf-8"))
        for path in sorted((folder / "build/extract/therapy").glob("*.json"))
    }
    canonical.write_json(folder / "build/collect/results.json", {"therapies": results})
    return Sources.read(folder / "build")
