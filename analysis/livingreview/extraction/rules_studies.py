"""Rules on studies, arms and search records."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from livingreview.errors import Problem
from livingreview.extraction.ruling import Review, Row, grouped, others, rule, told, unread

NEEDS_REASON = ("excluded", "awaiting_classification")
MAY_HAVE_REASON = (*NEEDS_REASON, "ongoing", "linked_report")


@rule("studies")
def exclusion_reason_exactly_when_not_included(review: Review) -> Iterator[Problem]:
    """An excluded report and one awaiting classification have a reason, an included study has none."""
    for row in review.tables["studies"]:
        if unread(row, "eligibility", "exclusion_reason"):
            continue
        status, reason = row["eligibility"], row["exclusion_reason"]
        if status in NEEDS_REASON and reason is None:
            word = status.replace("_", " ")
            yield told(
                row,
                "exclusion_reason",
                f"{word}, but no reason is given",
                suggestion="say why in a few words",
            )
        elif status not in MAY_HAVE_REASON and reason is not None:
            yield told(
                row,
                "exclusion_reason",
                f"a reason for exclusion, but eligibility is `{status}`",
                suggestion="empty the reason, or set eligibility to excluded",
            )


@rule("studies")
def linked_report_names_its_study(review: Review) -> Iterator[Problem]:
    """A linked report, and nothing else, names in linked_to the first report, which is itself linked to none."""
    for row in review.tables["studies"]:
        if unread(row, "eligibility", "linked_to"):
            continue
        status, target = row["eligibility"], row["linked_to"]
        if status == "linked_report" and target is None:
            yield told(row, "linked_to", "a linked report must name the study that it belongs to")
        elif status != "linked_report" and target is not None:
            yield told(
                row,
                "linked_to",
                f"names a study, but eligibility is `{status}`",
                suggestion="set eligibility to linked_report, or empty linked_to",
            )
        elif target is not None and target == row["study_id"]:
            yield told(row, "linked_to", "a report cannot be linked to itself")
        elif target in review.studies and (further := review.studies[target]["linked_to"]) is not None:
            hint = (
                f"name {further}"
                if further != row["study_id"]
                else "decide which of the two is the first report"
            )
            yield told(row, "linked_to", "names a report that is itself linked to another", suggestion=hint)


@rule("studies", protocol="data_date")
def years_are_plausible(review: Review) -> Iterator[Problem]:
    """A year lies not after the data date; publication date and year differ by one year at most (online and in print)."""
    latest = review.protocol.data_date.year
    for table in ("studies", "records"):
        for row in review.tables[table]:
            if row["year"] is not None and row["year"] > latest:
                yield told(row, "year", "lies after the data date", allowed=f"{latest} or earlier")
    for row in review.tables["studies"]:
        year, published = row["year"], row["publication_date"]
        if year is not None and published is not None and abs(int(published[:4]) - year) > 1:
            yield told(
                row,
                "publication_date",
                f"more than a year away from the year {year}",
                suggestion="check both",
                severity="warning",
            )


@rule("studies", protocol="data_date")
def dates_not_after_data_date(review: Review) -> Iterator[Problem]:
    """No date in any table lies after the protocol's data date."""
    latest = review.protocol.data_date.isoformat()
    for table, schema in review.schemas.items():
        columns = [name for name, spec in schema.fields.items() if spec.extras.get("notAfter") == "data_date"]
        for row in review.tables[table]:
            for column in columns:
                value = row[column]
                if value is not None and str(value) > latest[: len(str(value))]:
                    yield told(row, column, "lies after the data date", allowed=f"{latest} or earlier")


@rule("studies")
def status_has_date_and_notice(review: Review) -> Iterator[Problem]:
    """A corrected or retracted report tells the date and the place of the notice; an active one has neither."""
    for row in review.tables["studies"]:
        if unread(row, "status", "status_date", "status_notice"):
            continue
        status = row.get("status") or "active"
        for column, what in (("status_date", "date"), ("status_notice", "notice")):
            if status != "active" and row.get(column) is None:
                hint = (
                    "give the day of the notice" if what == "date" else "say where it stands and what it says"
                )
                yield told(row, column, f"{status}, but the {what} is missing", suggestion=hint)
            elif status == "active" and row.get(column) is not None:
                yield told(
                    row,
                    column,
                    f"a {what} of a correction or retraction, but the status is `active`",
                    suggestion=f"set status to corrected or retracted, or empty the {what}",
                )


def _title(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", " ", plain).strip()


def _first_report(row: Row) -> str:
    return str(row["linked_to"] or row["study_id"])


@rule("studies")
def identifiers_shared(review: Review) -> Iterator[Problem]:
    """Two studies with the same DOI, PubMed number or title may be one (a warning); linked reports may share them (a note)."""
    noted: set[tuple[str, ...]] = set()
    for column, plain in (("doi", str.casefold), ("pmid", str), ("title", _title)):
        held = [r for r in review.tables["studies"] if r[column] is not None and plain(r[column])]
        for rows in grouped(held, lambda r, c=column, p=plain: p(r[c])).values():  # type: ignore[misc]
            for i, row in enumerate(rows[1:], 1):
                before = rows[:i]
                linked = all(_first_report(r) == _first_report(row) for r in before)
                pair = tuple(str(r["study_id"]) for r in rows[: i + 1])
                if linked and pair in noted:
                    continue  # one note a pair is enough
                noted.add(pair)
                yield told(
                    row,
                    column,
                    f"the same {column} as {', '.join(str(r['study_id']) for r in before)} ({others(before)})"
                    + (", to which it is linked" if linked else ""),
                    suggestion=""
                    if linked
                    else "one study in two reports: set eligibility to linked_report and linked_to; a slip: mend it",
                    severity="note" if linked else "warning",
                )


@rule("studies", against="arms", protocol="therapies designs")
def included_study_has_arm_and_design(review: Review) -> Iterator[Problem]:
    """An included study has a design and at least one arm of a therapy in scope; without them it would appear nowhere."""
    scope = {t.code for t in review.protocol.therapies}
    treated = {
        row["study_id"]
        for row in review.tables["arms"]
        if row["therapy"] in scope or unread(row, "therapy", "study_id")
    }
    for row in review.tables["studies"]:
        if row["eligibility"] != "included" or unread(row, "study_id"):
            continue
        if row["study_id"] not in treated:
            yield told(
                row,
                "study_id",
                "included, but arms.csv has no arm of it with a therapy in scope",
                allowed=", ".join(t.code for t in review.protocol.therapies),
                suggestion="add its arm to arms.csv",
            )
        if row["design"] is None and not unread(row, "design"):
            yield told(
                row, "design", "an included study needs a design", allowed=", ".join(review.protocol.designs)
            )


@rule("studies", against="records")
def study_stands_in_records(review: Review) -> Iterator[Problem]:
    """Every report was found by the search: some record carries its study_id."""
    found = {row["study_id"] for row in review.tables["records"]}
    if any(unread(row, "study_id") for row in review.tables["records"]):
        return
    for row in review.tables["studies"]:
        if row["study_id"] is not None and row["study_id"] not in found:
            yield told(
                row,
                "study_id",
                "no search record leads to this study, so the flow diagram would not add up",
                suggestion="write the id into the column study_id of its record in data/raw/search/records_….csv, or add the record",
            )


@rule("arms")
def females_within_patients(review: Review) -> Iterator[Problem]:
    """Not more women than patients."""
    for row in review.tables["arms"]:
        if (
            row["n_female"] is not None
            and row["n_patients"] is not None
            and row["n_female"] > row["n_patients"]
        ):
            yield told(
                row, "n_female", "more women than patients", allowed=f"0 to {row['n_patients']} (n_patients)"
            )


@rule("arms")
def ranges_in_order(review: Review) -> Iterator[Problem]:
    """Minimum ≤ median and mean ≤ maximum, in every table whose schema names such columns."""
    for table, schema in review.schemas.items():
        for low, centres, high in schema.ranges:
            for row in review.tables[table]:
                least, most = row[low], row[high]
                if least is not None and most is not None and least > most:
                    yield told(row, low, f"greater than {high}, which is {most}")
                    continue
                for centre in centres:
                    value = row[centre]
                    if value is None:
                        continue
                    if least is not None and value < least:
                        yield told(row, centre, f"less than {low}, which is {least}")
                    elif most is not None and value > most:
                        yield told(row, centre, f"greater than {high}, which is {most}")


@rule("arms")
def shared_patients_lead_somewhere(review: Review) -> Iterator[Problem]:
    """shares_patients_with names another arm of the study, and following it never leads back."""
    for row in review.tables["arms"]:
        target = row["shares_patients_with"]
        if target is None:
            continue
        if target == row["arm_id"]:
            yield told(row, "shares_patients_with", "an arm cannot share its patients with itself")
            continue
        passed = [row["arm_id"]]
        while target is not None and target not in passed:
            passed.append(target)
            arm = review.arms.get((row["study_id"], target))
            target = arm["shares_patients_with"] if arm else None
        if target == row["arm_id"]:
            yield told(
                row,
                "shares_patients_with",
                f"leads round in a circle: {' → '.join([*passed, target])}",
                suggestion="leave it empty for the arm that counts the patients",
            )


@rule("records")
def record_decision_is_whole(review: Review) -> Iterator[Problem]:
    """A record without study was excluded with a reason, is unclear or awaits screening; one that was included has its study."""
    for row in review.tables["records"]:
        if row["decision"] == "awaiting" and row["study_id"] is not None:
            yield told(
                row,
                "decision",
                f"names the study {row['study_id']}, but has not been screened",
                allowed="include, exclude, unclear",
                suggestion="set the decision and the stage",
            )
        if unread(row, "decision", "study_id", "reason") or row["study_id"] is not None:
            continue
        if row["decision"] == "include":
            yield told(
                row,
                "study_id",
                "included at screening, but no study is named",
                suggestion="add the study to studies.csv and its id here, or change the decision",
            )
        elif row["decision"] == "exclude" and row["reason"] is None:
            yield told(row, "reason", "excluded, but no reason is given", suggestion="say why in a few words")


@rule("records", against="studies")
def included_study_passed_screening(review: Review) -> Iterator[Problem]:
    """A study that is included was not excluded by every record that leads to it (a warning)."""
    leading = grouped((r for r in review.tables["records"] if r["study_id"]), lambda r: r["study_id"])
    for name, rows in leading.items():
        study = review.studies.get(name)
        if study is None or study["eligibility"] != "included" or unread(study, "eligibility"):
            continue
        if all(r["decision"] == "exclude" for r in rows):
            yield told(
                rows[0],
                "decision",
                f"excluded here, but {name} is included in studies.csv (row {study['_row']})",
                suggestion="change the decision, or the eligibility of the study",
                severity="warning",
            )
