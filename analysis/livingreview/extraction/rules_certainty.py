"""Rules on the signatures under the certainty of evidence."""

from __future__ import annotations

from collections.abc import Iterator

from livingreview.errors import Problem
from livingreview.extraction.ruling import Review, grouped, others, rule, told, unread
from livingreview.nearest import did_you_mean
from livingreview.protocol_grade import JUDGEMENTS, OVERALL


@rule("certainty", protocol="therapies out_of_scope")
def certainty_of_a_therapy_in_scope(review: Review) -> Iterator[Problem]:
    """Certainty is signed for therapies of the review, not for those out of its scope."""
    codes = [t.code for t in review.protocol.therapies]
    for row in review.tables["certainty"]:
        if row["therapy"] in review.protocol.out_of_scope:
            yield told(
                row,
                "therapy",
                "out of the scope of this review, so its certainty is not rated",
                allowed=", ".join(codes),
                suggestion="delete the row",
            )


@rule("certainty")
def certainty_judgement_of_its_domain(review: Review) -> Iterator[Problem]:
    """The judgement is one of those that its domain knows."""
    for row in review.tables["certainty"]:
        if unread(row, "domain", "judgement") or row["domain"] not in JUDGEMENTS:
            continue
        allowed = JUDGEMENTS[row["domain"]]
        if row["judgement"] not in (None, *allowed):
            yield told(
                row,
                "judgement",
                f"no judgement of the domain {row['domain']}",
                allowed=", ".join(allowed),
                suggestion=did_you_mean(str(row["judgement"]), allowed),
            )


@rule("certainty", columns="rated_up_for")
def certainty_rated_up_as_a_whole(review: Review) -> Iterator[Problem]:
    """A reason for rating up stands with the certainty itself (domain overall), never with a domain that rates down."""
    for row in review.tables["certainty"]:
        if row["rated_up_for"] is not None and row["domain"] not in (None, OVERALL):
            yield told(
                row,
                "rated_up_for",
                f"nothing is rated up in the domain {row['domain']}",
                suggestion=f"empty the cell, or give the reason in the row of the domain {OVERALL}",
            )


@rule("certainty")
def certainty_signed_once(review: Review) -> Iterator[Problem]:
    """Each domain of an outcome of a therapy is signed once; who judges anew replaces the row."""
    whole = [r for r in review.tables["certainty"] if not unread(r, "therapy", "outcome", "domain")]
    for cell, rows in grouped(whole, lambda r: (r["therapy"], r["outcome"], r["domain"])).items():
        if None in cell:
            continue
        for row in rows[1:]:
            yield told(
                row,
                "domain",
                f"signed twice: {' / '.join(cell)} is also in {others(rows[:1])}",
                suggestion="keep the row that holds and delete the other",
            )
