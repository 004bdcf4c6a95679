"""Reviews of any size, made from a seed: every study, person and number in them is invented.

``python benchmarks/synthetic.py DIR --studies 40 --therapies 4`` writes one. A study depends on the seed, its therapy and
its number alone, so that the first therapy's data are the same however many other therapies the review has.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.synthetic_texts import DATA_DATE, TOOLS, author, choice, manuscript, protocol, title

ROOT = Path(__file__).resolve().parents[1]
STREAMS = ("first", "second")
QUERIES = 20  # a stream
# Shares of what a search brings besides an included study; each is a chance a study.
EXCLUDED, AWAITING, ONGOING, LINKED, SCREENED, TWICE = 0.5, 0.03, 0.02, 0.05, 1.5, 0.25
REASONS = (
    "other disease",
    "treatment outside the review",
    "no own patients",
    "animals or laboratory",
    "surgery",
)

Row = dict[str, Any]


@dataclass
class Tables:
    """Rows of the raw tables by name; records and queries carry their stream in ``stream``."""

    rows: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, table: str, **cells: Any) -> None:
        """Add a row; a cell that is None stays empty."""
        self.rows.setdefault(table, []).append({k: v for k, v in cells.items() if v is not None})


def write(folder: Path, studies: int, therapies: int, seed: int = 1) -> Path:
    """Write a review with so many included studies, spread evenly over the therapies; returns ``folder``.

    Beside them come excluded, awaiting, ongoing and linked reports and the records of two search streams, with
    duplicates: about four records an included study.
    """
    if studies < therapies:
        raise ValueError("each therapy needs a study")
    tables = Tables()
    for number in range(studies):
        _study(tables, number % therapies + 1, number // therapies + 1, seed)
    for number in range(round(studies * SCREENED)):
        _screened(tables, number, seed)
    for stream in STREAMS:
        for number in range(QUERIES):
            query = f"{choice(_rng(seed, stream, number), 'conditions')} treatment {number + 1}"
            tables.add(
                "queries", stream=stream, date=DATA_DATE, source="invented pages", query=query, hits=number
            )
    for tool, items in TOOLS.values():
        for item in range(1, items + 1):
            tables.add(
                "appraisal_tools",
                tool=tool,
                item_number=item,
                item_label=f"Item {item}",
                signalling="Invented.",
            )
    _save(tables, folder)
    text = yaml.safe_dump(protocol(therapies), allow_unicode=True, sort_keys=False, width=120)
    (folder / "review.yaml").write_text(text, encoding="utf-8")
    manuscript(folder / "manuscript", therapies)
    return folder


def _rng(seed: int, *place: object) -> random.Random:
    return random.Random("/".join(map(str, (seed, *place))))


def _study(tables: Tables, therapy: int, number: int, seed: int) -> None:
    """One included study of a therapy, with all that the search found beside it."""
    rng = _rng(seed, therapy, number)
    kind = rng.choices(("case", "series", "trial"), (45, 45, 10))[0]
    serial = therapy * 10_000 + number
    first_author = author(rng) if rng.random() < 0.97 else None
    year = rng.randint(1990, 2025) if rng.random() < 0.97 else None
    study: Row = {
        "study_id": f"t{therapy}n{number:04}",
        "first_author": first_author,
        "year": year,
        "title": title(rng, f"therapy {therapy}", number),
        "journal": f"Invented Journal of {choice(rng, 'conditions').capitalize()}",
        "doi": f"10.5555/synthetic.{serial}" if rng.random() < 0.7 else None,
        "pmid": str(90_000_000 + serial) if rng.random() < 0.6 else None,
    }
    tables.add(
        "studies",
        **study,
        country=choice(rng, "countries"),
        design=kind,
        language="en",
        source_url=f"https://example.org/{serial}",
        source_kind=rng.choice(("paper", "summary")),
        eligibility="included",
        unverified_criteria="treatment given alone" if rng.random() < 0.3 else None,
        extraction_note="invented",
    )
    _record(tables, rng, study, "include", "full_text")
    tool, items = TOOLS[kind]
    for item in range(1, items + 1):
        judgement = rng.choices(("yes", "no", "unclear"), (4, 1, 3))[0]
        tables.add(
            "appraisals",
            study_id=study["study_id"],
            tool=tool,
            item_number=item,
            item_label=f"Item {item}",
            judgement=judgement,
            reason="Invented.",
            appraiser="nobody",
            date=DATA_DATE,
        )
    _data(tables, rng, study["study_id"], f"t{therapy}", kind)
    _reports(tables, rng, study, therapy, number)


def _reports(tables: Tables, rng: random.Random, study: Row, therapy: int, number: int) -> None:
    """Reports that were assessed beside an included study, and did not become one."""
    others = (
        (EXCLUDED, "excluded", rng.choice(REASONS)),
        (AWAITING, "awaiting_classification", "report not retrieved"),
        (ONGOING, "ongoing", None),
        (LINKED, "linked_report", None),
    )
    for share, eligibility, reason in others:
        if rng.random() >= share:
            continue
        key = f"{eligibility[0]}{therapy}n{number:04}"
        year = study["year"] if eligibility == "linked_report" else rng.randint(1990, 2025)
        report: Row = {
            "study_id": key,
            "first_author": study["first_author"] if eligibility == "linked_report" else author(rng),
            "year": year,
            "title": title(rng, f"therapy {therapy} ({eligibility.replace('_', ' ')})", number),
            "journal": "Invented Proceedings",
        }
        tables.add(
            "studies",
            **report,
            language="en",
            source_url=f"https://example.org/{key}",
            source_kind="summary",
            eligibility=eligibility,
            exclusion_reason=reason,
            linked_to=study["study_id"] if eligibility == "linked_report" else None,
        )
        _record(tables, rng, report, "include", "full_text")


def _record(
    tables: Tables, rng: random.Random, report: Row, decision: str, stage: str, reason: str | None = None
) -> None:
    """The record of a report in one stream and, for some, in the other stream too."""
    streams = rng.sample(STREAMS, 2)[: 2 if rng.random() < TWICE else 1]
    for stream in streams:
        again = stream != streams[0]
        cells = {k: v for k, v in report.items() if k != "pmid" or not again}
        if again and cells.get("doi"):
            cells["doi"] = cells["doi"].upper()
        number = len(tables.rows.get("records", ())) + 1
        tables.add(
            "records",
            stream=stream,
            record_id=f"R{number:06}",
            title_kind="published",
            **cells,
            url=f"https://example.org/records/{number}",
            decision=decision,
            stage=stage,
            reason=reason,
        )


def _screened(tables: Tables, number: int, seed: int) -> None:
    """A record that ended at title and abstract."""
    rng = _rng(seed, "screened", number)
    report = {
        "first_author": author(rng),
        "year": rng.randint(1990, 2025),
        "title": title(rng, "something else", f"of record {number + 1}"),
        "journal": "Invented Archives",
        "doi": f"10.5555/screened.{number}" if rng.random() < 0.5 else None,
    }
    decision = "unclear" if rng.random() < 0.1 else "exclude"
    _record(
        tables,
        rng,
        report,
        decision,
        "title_abstract",
        rng.choice(REASONS) if decision == "exclude" else None,
    )


def _data(tables: Tables, rng: random.Random, study: str, therapy: str, kind: str) -> None:
    """Arms, outcomes and participants of one included study."""
    patients = 1 if kind == "case" else rng.randint(3, 12) if kind == "series" else rng.randint(10, 40)
    lesions = patients + rng.randint(0, 2 * patients)
    ages = sorted(round(rng.uniform(15, 85)) for _ in range(min(patients, 9)))
    arm = {
        "study_id": study,
        "sessions_median": 3,
        "sessions_min": 1,
        "sessions_max": rng.randint(3, 12),
        "treatment_duration_months": rng.randint(1, 12),
        "n_patients": patients,
        "n_lesions": lesions,
        "n_female": rng.randint(0, patients),
        "age_median": ages[len(ages) // 2],
        "age_min": ages[0],
        "age_max": ages[-1],
        "aetiology": rng.choice(("primary", "secondary")),
        "site": choice(rng, "places"),
        "follow_up_months": rng.randint(1, 36),
    }
    tables.add("arms", **arm, arm_id="a", therapy=therapy, agent_detail="invented agent")
    _outcomes(tables, rng, study, "a", patients, lesions)
    if kind == "trial":
        tables.add("arms", **arm, arm_id="b", therapy="untreated", comparator="arm a")
        _outcomes(tables, rng, study, "b", patients, lesions)
    if patients <= 4 and rng.random() < 0.5:
        for number in range(1, patients + 1):
            tables.add(
                "participants",
                study_id=study,
                patient_id=f"p{number}",
                arm_id="a",
                age=ages[number - 1],
                therapy=therapy,
                duration_months=arm["treatment_duration_months"],
                pain_before=rng.randint(4, 10),
                pain_after=rng.randint(0, 6),
                adverse_events=None,  # harms are counted in the outcomes, which a described patient may not contradict
            )


def _outcomes(tables: Tables, rng: random.Random, study: str, arm: str, patients: int, lesions: int) -> None:
    """Responses in exclusive categories, or `any` alone; a score, harms, recurrence."""
    made = sum(row["study_id"] == study for row in tables.rows.get("outcomes", ())[-20:])

    def add(**cells: Any) -> None:
        nonlocal made
        made += 1
        tables.add(
            "outcomes", study_id=study, outcome_id=f"o{made}", arm_id=arm, basis="results_section", **cells
        )

    unit, total = rng.choice((("patient", patients), ("patient", patients), ("lesion", lesions)))
    construct = rng.choice(("look", "comfort"))
    response = {
        "outcome": "improvement",
        "construct": construct,
        "unit": unit,
        "total": total,
        "timepoint_months": 3,
    }
    complete = rng.randint(0, total)
    partial = rng.randint(0, total - complete)
    if rng.random() < 0.2:
        add(**response, category="any", events=complete + partial)
    else:
        for category, events in (
            ("complete", complete),
            ("partial", partial),
            ("none", total - complete - partial),
        ):
            add(**response, category=category, events=events)
    if rng.random() < 0.4:
        before, after = rng.randint(5, 10), rng.randint(0, 5)
        add(
            outcome="pain",
            unit="patient",
            total=patients,
            before=before,
            after=after,
            change=after - before,
            mean=after - before,
            sd=1.5 if patients > 1 else None,
        )
    for harm in rng.sample(("soreness", "blister", "infection"), rng.randint(0, 2)):
        add(outcome="harm", unit="patient", category=harm, events=rng.randint(0, patients), total=patients)
    if complete + partial and rng.random() < 0.5:
        events = rng.randint(0, complete + partial)
        add(
            outcome="recurrence",
            unit=unit,
            category="any",
            events=events,
            total=complete + partial,
            timepoint_months=12,
        )


def _save(tables: Tables, folder: Path) -> None:
    """Write the tables with the columns of the repository's schemas."""
    for table in ("studies", "arms", "outcomes", "participants", "appraisals", "appraisal_tools"):
        _csv(folder / f"data/raw/{table}.csv", _columns(table), tables.rows.get(table, []))
    for table in ("queries", "records"):
        for stream in STREAMS:
            rows = [r for r in tables.rows[table] if r["stream"] == stream]
            _csv(folder / f"data/raw/search/{table}_{stream}.csv", _columns(table), rows)


def _columns(table: str) -> list[str]:
    schema = json.loads((ROOT / f"data/schema/{table}.json").read_text(encoding="utf-8"))
    return [f["name"] for f in schema["fields"]]


def _csv(path: Path, columns: list[str], rows: list[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: v for k, v in row.items() if k != "stream"} for row in rows)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write a synthetic review: invented studies, valid tables.")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--studies", type=int, default=40)
    parser.add_argument("--therapies", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    write(given.directory, given.studies, given.therapies, given.seed)


if __name__ == "__main__":
    main()
