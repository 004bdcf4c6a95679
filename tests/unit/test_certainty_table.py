"""The table of signatures and the protocol's section on certainty: what is refused, and in which words."""

from __future__ import annotations

from pathlib import Path

import pytest
from extraction_review import ROOT, Copy

from livingreview import protocol
from livingreview.errors import Problem, ReviewError
from livingreview.extraction.schema import CORE, code_lists, load_schemas
from livingreview.protocol_grade import DOMAINS, DOWN, HARMS, JUDGEMENTS, LEVELS, OVERALL, RATED_UP

HEADER = list(CORE["certainty"])
REVIEW = protocol.load(ROOT / "review.yaml")
THERAPY = REVIEW.therapies[0].code
OUTCOME = next(iter(REVIEW.rated_outcomes()))


@pytest.fixture
def review(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def row(**changes: str) -> list[str]:
    cells = {
        "therapy": THERAPY,
        "outcome": OUTCOME,
        "domain": "imprecision",
        "judgement": "serious",
        "reason": "Few patients.",
        "signed_by": "Ada Synthetic",
        "date": REVIEW.data_date.isoformat(),
        "inputs_digest": "0123456789abcdef",
    }
    return list((cells | changes).values())


def problems(review: Copy, *rows: list[str]) -> list[Problem]:
    review.write("certainty", [HEADER, *rows])
    return review.errors()


def the_one(review: Copy, *rows: list[str]) -> Problem:
    (problem,) = problems(review, *rows)
    return problem


def test_signatures_are_read(review):
    review.write("certainty", [HEADER, row(), row(domain="overall", judgement="very low")])
    first, second = review.load().tables["certainty"]
    assert (first["therapy"], first["outcome"], first["judgement"]) == (THERAPY, OUTCOME, "serious")
    assert (second["domain"], second["judgement"]) == ("overall", "very_low")


def test_a_review_may_be_without_the_table(review):
    review.path("certainty").unlink()
    assert review.load().tables["certainty"] == []
    review.write("certainty", [HEADER])
    assert review.load().tables["certainty"] == []


def test_other_tables_may_not_be_missing(review):
    review.path("appraisals").unlink()
    assert any("the table is missing" in p.message for p in review.errors())


def test_every_outcome_that_can_be_rated_may_be_signed(review):
    codes = code_lists(REVIEW)["certainty_outcomes"]
    assert set(REVIEW.rated_outcomes()) <= set(codes)
    assert problems(review, *[row(outcome=code) for code in codes]) == []


@pytest.mark.parametrize(
    ("column", "value", "hint"),
    [
        ("therapy", THERAPY[:-1], THERAPY),
        ("outcome", OUTCOME[:-1], OUTCOME),
        ("outcome", "harm", HARMS),
        ("domain", "inprecision", "imprecision"),
        ("judgement", "seriuos", "serious"),
    ],
)
def test_an_unknown_code_is_told_with_the_nearest(review, column, value, hint):
    problem = the_one(review, row(**{column: value}))
    assert problem.place == f"data/raw/certainty.csv, row 2, column {column}"
    assert hint in problem.suggestion


@pytest.mark.parametrize("column", HEADER)
def test_no_cell_may_be_empty(review, column):
    problem = the_one(review, row(**{column: ""}))
    assert problem.column == column
    assert problem.message == "must not be empty"


def test_a_judgement_belongs_to_its_domain(review):
    problem = the_one(review, row(domain="publication_bias", judgement="serious"))
    assert problem.message == "no judgement of the domain publication_bias"
    assert problem.allowed == "undetected, strongly_suspected"
    assert the_one(review, row(domain="inconsistency", judgement="extremely_serious")).column == "judgement"
    assert the_one(review, row(domain="overall", judgement="serious")).allowed == ", ".join(LEVELS)


def test_a_reason_for_rating_up_stands_with_the_certainty_itself(review):
    header = [*HEADER, "rated_up_for"]
    up = [*row(domain="overall", judgement="moderate"), "large effect"]
    review.write("certainty", [header, up, [*row(), ""]])
    read = {r["domain"]: r["rated_up_for"] for r in review.load().tables["certainty"]}
    assert read == {"overall": "large_effect", "imprecision": None}
    review.write("certainty", [header, [*row(), "large_effect"]])
    (problem,) = review.errors()
    assert problem.message == "nothing is rated up in the domain imprecision"
    review.write("certainty", [header, [*up[:-1], "I like it"]])
    (problem,) = review.errors()
    assert problem.column == "rated_up_for"
    assert problem.allowed == ", ".join(RATED_UP)


def test_a_cell_is_signed_once(review):
    problem = the_one(review, row(), row(domain="overall", judgement="low"), row(judgement="not_serious"))
    assert problem.row == 4
    assert problem.message == f"signed twice: {THERAPY} / {OUTCOME} / imprecision is also in row 2"
    assert problem.suggestion == "keep the row that holds and delete the other"


def test_nobody_signs_in_the_future(review):
    later = REVIEW.data_date.replace(year=REVIEW.data_date.year + 1).isoformat()
    problem = the_one(review, row(date=later))
    assert problem.column == "date"
    assert problem.message == "lies after the data date"


def test_a_digest_that_a_spreadsheet_rewrote_is_told(review):
    problem = the_one(review, row(inputs_digest="1.23457E+15"))
    assert problem.column == "inputs_digest"
    assert "copied from the sheet to sign" in problem.allowed


def test_a_therapy_out_of_scope_is_not_rated(review):
    other = next(iter(REVIEW.out_of_scope))
    problem = the_one(review, row(therapy=other))
    assert "out of the scope of this review" in problem.message


def test_the_schema_knows_every_domain_and_judgement():
    schema = load_schemas(ROOT / "data/schema")["certainty"]
    assert schema.fields["domain"].constraints["enum"] == [*DOMAINS, OVERALL]
    assert schema.fields["rated_up_for"].constraints["enum"] == list(RATED_UP)
    assert set(schema.fields["judgement"].constraints["enum"]) == {
        j for of in JUDGEMENTS.values() for j in of
    }
    assert set(DOWN) | set(LEVELS) == set(schema.fields["judgement"].constraints["enum"])


# --- the protocol's section


def broken(review: Copy, old: str, new: str) -> list[Problem]:
    review.protocol(old, new)
    with pytest.raises(ReviewError) as caught:
        protocol.load(review.folder / "review.yaml")
    return caught.value.problems


def test_the_section_may_be_left_out(review):
    path = review.folder / "review.yaml"
    text = path.read_text(encoding="utf-8")
    start = text.index("certainty:")
    path.write_text(text[:start] + text[text.index("confidence_level:") :], encoding="utf-8")
    found = protocol.load(path)
    roles = {o.code: o.role for o in found.analyses.outcomes}
    expected = [code for code, role in roles.items() if role != "additional"]
    assert list(found.rated_outcomes()) == [*expected, *found.outcome_codes("score"), HARMS]
    assert found.certainty.thresholds == [0.25, 0.5, 0.75]
    assert found.certainty.start_otherwise == "low"


def test_rated_outcomes_come_in_the_order_of_the_section():
    assert list(REVIEW.rated_outcomes()) == REVIEW.certainty.outcomes


@pytest.mark.parametrize(
    ("old", "new", "column", "says"),
    [
        ("outcomes: [deposit_response,", "outcomes: [deposit_respons,", "certainty.outcomes[1]", "deposit_response"),
        ("outcomes: [deposit_response,", "outcomes: [harms,", "certainty.outcomes[8]", "delete one"),
        ("start: {randomised_trial:", "start: {randomized_trial:", "certainty.start.randomized_trial", "randomised_trial"),
        ("{code: pain_vas, change: 2}", "{code: pain_vass, change: 2}", "certainty.scores[1].code", "pain_vas"),
        ("basis: [title_or_introduction,", "basis: [title_or_intro,", "certainty.indirect.basis[1]", "title_or_introduction"),
        ("thresholds: [0.25, 0.5, 0.75]", "thresholds: [0.5, 0.25, 0.75]", "certainty", ""),
        ("start_otherwise: low", "start_otherwise: lowish", "certainty.start_otherwise", ""),
        ("code: ulcer_response,", "code: harms,", "analyses.outcomes[3].code", "take another code"),
    ],
)  # fmt: skip
def test_conflicts_are_told_where_they_stand(review, old, new, column, says):
    found = broken(review, old, new)
    problem = next((p for p in found if p.column == column), None)
    assert problem is not None, [str(p) for p in found]
    assert says in problem.suggestion
    assert problem.row is not None
