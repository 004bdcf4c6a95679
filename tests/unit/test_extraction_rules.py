"""Every row rule: real data broken in one place is told with file, row, column and value; what is allowed passes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from extraction_review import Copy

from livingreview.extraction.ruling import RULES
from livingreview.extraction.schema import load_schemas

Change = Callable[[Copy], int]
"""Breaks (or changes) a review and returns the row where that must be told."""


@pytest.fixture
def review(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def set_(table: str, where: dict[str, str], **cells: str) -> Change:
    def change(review: Copy) -> int:
        row = review.row_of(table, **where)
        review.set(table, row, **cells)
        return row

    return change


def add(table: str, like: dict[str, str], **cells: str) -> Change:
    return lambda review: review.add(table, review.row_of(table, **like), **cells)


def drop(table: str, where: dict[str, str], told: dict[str, str], told_table: str = "studies") -> Change:
    def change(review: Copy) -> int:
        review.drop(table, review.row_of(table, **where))
        return review.row_of(told_table, **told)

    return change


def both(*changes: Change) -> Change:
    return lambda review: [change(review) for change in changes][-1]


def sign(*signed: tuple[str, str, str, str], up: str = "") -> Change:
    """Rows of certainty.csv: therapy, outcome, domain, judgement; ``up`` is why it is rated up."""

    def change(review: Copy) -> int:
        more = [[*cells, up, "Few patients.", "Ada", "2026-11-01", "0123456789abcdef"] for cells in signed]
        review.write("certainty", [review.rows("certainty")[0], *more])
        return 1 + len(signed)

    return change


def study(name: str) -> dict[str, str]:
    return {"study_id": name}


def arm(name: str, of: str = "a") -> dict[str, str]:
    return {"study_id": name, "arm_id": of}


def result(name: str, of: str) -> dict[str, str]:
    return {"study_id": name, "outcome_id": of}


BOTTOMLEY, BAIR, BLUMHARDT = "bottomley1996", "bair2011", "blumhardt2016"
NEW_PARTICIPANT = {"patient_id": "p9", "age": "", "sex": "", "response": ""}
MRA, BAUMGARTNER = "mra2096_nd", "baumgartnernielsen2016"
LASERED = {**NEW_PARTICIPANT, "study_id": BOTTOMLEY, "therapy": "laser"}

BROKEN: list[tuple[str, Change, str, str, str | None, str]] = [
    # rule, change, table, column, value, message
    ("exclusion_reason_exactly_when_not_included", set_("studies", study("badawi2020"), exclusion_reason=""), "studies", "exclusion_reason", None, "excluded, but no reason"),
    ("exclusion_reason_exactly_when_not_included", set_("studies", study("bhattarai2022"), exclusion_reason=""), "studies", "exclusion_reason", None, "awaiting classification, but no reason"),
    ("exclusion_reason_exactly_when_not_included", set_("studies", study(BAIR), exclusion_reason="surgery"), "studies", "exclusion_reason", "surgery", "eligibility is `included`"),
    ("linked_report_names_its_study", set_("studies", study("traineau2020"), linked_to=""), "studies", "linked_to", None, "must name the study"),
    ("linked_report_names_its_study", set_("studies", study("traineau2020"), linked_to="traineau2020"), "studies", "linked_to", "traineau2020", "to itself"),
    ("linked_report_names_its_study", set_("studies", study("badawi2020"), linked_to=BAIR), "studies", "linked_to", BAIR, "eligibility is `excluded`"),
    ("linked_report_names_its_study", set_("studies", study("traineau2019"), linked_to="traineau2020", eligibility="linked_report"), "studies", "linked_to", "traineau2020", "itself linked"),
    ("linked_to exists", set_("studies", study("traineau2020"), linked_to="traineau2018"), "studies", "linked_to", "traineau2018", "no such study_id"),
    ("years_are_plausible", set_("studies", study(BAIR), year="2027"), "studies", "year", "2027", "after the data date"),
    ("years_are_plausible", set_("records_", {"record_id": "STS002"}, year="2027"), "search/records_sts", "year", "2027", "after the data date"),
    ("dates_not_after_data_date", set_("studies", study(BAIR), publication_date="2026-12"), "studies", "publication_date", "2026-12", "after the data date"),
    ("dates_not_after_data_date", set_("appraisals", {"study_id": BAIR, "item_number": "3"}, date="2026-11-23"), "appraisals", "date", "2026-11-23", "after the data date"),
    ("dates_not_after_data_date", set_("queries_", {"hits": "12"}, date="2027-01-01"), "search/queries_sts", "date", "2027-01-01", "after the data date"),
    ("status_has_date_and_notice", set_("studies", study(BAIR), status="retracted", status_date="2026-05-01"), "studies", "status_notice", None, "retracted, but the notice is missing"),
    ("status_has_date_and_notice", set_("studies", study(BAIR), status="corrected", status_notice="J Test 2026"), "studies", "status_date", None, "corrected, but the date is missing"),
    ("status_has_date_and_notice", set_("studies", study(BAIR), status_date="2026-05-01"), "studies", "status_date", "2026-05-01", "but the status is `active`"),
    ("status_has_date_and_notice", set_("studies", study(BAIR), status="", status_notice="J Test 2026"), "studies", "status_notice", "J Test 2026", "but the status is `active`"),
    ("dates_not_after_data_date", set_("studies", study(BAIR), status="retracted", status_date="2026-11-23", status_notice="x"), "studies", "status_date", "2026-11-23", "after the data date"),
    ("included_study_has_arm_and_design", drop("arms", arm("tajalli2019"), study("tajalli2019")), "studies", "study_id", "tajalli2019", "no arm of it with a therapy in scope"),
    ("included_study_has_arm_and_design", both(set_("participants", study("tajalli2019"), therapy="other_local"), set_("arms", arm("tajalli2019"), therapy="other_local"), set_("studies", study("tajalli2019"))), "studies", "study_id", "tajalli2019", "no arm of it with a therapy in scope"),
    ("included_study_has_arm_and_design", set_("studies", study("tajalli2019"), design=""), "studies", "design", None, "needs a design"),
    ("study_stands_in_records", both(set_("records_", {"study_id": "tajalli2019"}, study_id="", decision="unclear"), set_("studies", study("tajalli2019"))), "studies", "study_id", "tajalli2019", "no search record"),
    ("females_within_patients", set_("arms", arm("mra2096_nd"), n_female="39"), "arms", "n_female", "39", "more women than patients"),
    # with its patient described: fewer than no men are left
    ("females_within_patients", set_("arms", arm("wolf2008"), n_female="2"), "arms", "n_female", "2", "more women than patients"),
    ("ranges_in_order", set_("arms", arm(BOTTOMLEY), follow_up_months_min="50"), "arms", "follow_up_months_min", "50", "greater than follow_up_months_max, which is 40"),
    ("ranges_in_order", set_("arms", arm(BOTTOMLEY), follow_up_months="41"), "arms", "follow_up_months", "41", "greater than follow_up_months_max"),
    ("ranges_in_order", set_("arms", arm("yildirimjdm"), age_mean="3"), "arms", "age_mean", "3", "less than age_min, which is 3.5"),
    ("ranges_in_order", set_("outcomes", result("mra2096_nd", "o1"), median="-9", min="-5"), "outcomes", "median", "-9", "less than min, which is -5"),
    ("shared_patients_lead_somewhere", set_("arms", arm(BLUMHARDT, "b"), shares_patients_with="b"), "arms", "shares_patients_with", "b", "with itself"),
    ("shared_patients_lead_somewhere", set_("arms", arm(BLUMHARDT), shares_patients_with="b"), "arms", "shares_patients_with", "b", "circle: a → b → a"),
    ("shares_patients_with exists", set_("arms", arm(BLUMHARDT, "b"), shares_patients_with="c"), "arms", "shares_patients_with", "c", "no such arm_id of blumhardt2016"),
    ("record_decision_is_whole", set_("records_", {"record_id": "STS090"}, decision="include"), "search/records_sts", "study_id", None, "no study is named"),
    ("record_decision_is_whole", set_("records_", {"record_id": "STS090"}, decision="exclude", reason=""), "search/records_sts", "reason", None, "no reason is given"),
    ("study of record exists", set_("records_", {"record_id": "STS002"}, study_id="bair2010"), "search/records_sts", "study_id", "bair2010", "no such study_id in studies"),
    ("events_within_total", set_("outcomes", result(BOTTOMLEY, "o5"), events="7"), "outcomes", "events", "7", "more events than the total"),
    ("total_within_arm", set_("outcomes", result(BOTTOMLEY, "o5"), total="7"), "outcomes", "total", "7", "more than the patients of arm a"),
    ("total_within_arm", set_("outcomes", result(BOTTOMLEY, "o4"), total="22"), "outcomes", "total", "22", "more than the lesions of arm a"),
    ("total_within_arm", set_("outcomes", result(BAIR, "o1"), events="3", total=""), "outcomes", "events", "3", "more than the patients of arm a"),
    ("response_is_coded", set_("outcomes", result(BAIR, "o1"), category="complet"), "outcomes", "category", "complet", "no category of response"),
    ("response_is_coded", set_("outcomes", result(BAIR, "o1"), category=""), "outcomes", "category", None, "needs a category"),
    ("response_is_coded", set_("outcomes", result(BAIR, "o1"), construct=""), "outcomes", "construct", None, "needs a construct"),
    ("exclusive_categories_fit", set_("outcomes", result(BOTTOMLEY, "o3"), events="5"), "outcomes", "events", "5", "sum to 22 of 21"),
    ("exclusive_categories_fit", set_("outcomes", result(BOTTOMLEY, "o2"), total="20"), "outcomes", "total", "20", "another total than in row"),
    ("exclusive_categories_fit", add("outcomes", result(BOTTOMLEY, "o3"), outcome_id="o6"), "outcomes", "category", "none", "stands already in row"),
    ("recurrence_fits_response", set_("outcomes", result(BOTTOMLEY, "o4"), events="20"), "outcomes", "events", "20", "more recurrences than units that responded"),
    ("any_not_beside_degrees", add("outcomes", result(BOTTOMLEY, "o1"), outcome_id="o6", category="any"), "outcomes", "category", "any", "stands beside complete or partial"),
    ("any_not_beside_degrees", both(add("outcomes", result(BAIR, "o1"), outcome_id="o2", category="none"), set_("outcomes", result(BAIR, "o1"))), "outcomes", "events", "2", "with none"),
    ("alternative_is_of_same_arm", set_("outcomes", result(BLUMHARDT, "o4"), alternative_to="o4"), "outcomes", "alternative_to", "o4", "of itself"),
    ("alternative_is_of_same_arm", set_("outcomes", result(BLUMHARDT, "o3"), alternative_to="o4"), "outcomes", "alternative_to", "o4", "itself a second reading"),
    ("alternative_is_of_same_arm", set_("outcomes", result(BLUMHARDT, "o4"), alternative_to="o2"), "outcomes", "alternative_to", "o2", "another arm_id (b, not a)"),
    ("alternative_is_of_same_arm", set_("outcomes", result(BLUMHARDT, "o4"), alternative_to="o1"), "outcomes", "alternative_to", "o1", "another outcome"),
    ("alternative_to exists", set_("outcomes", result(BLUMHARDT, "o4"), alternative_to="o33"), "outcomes", "alternative_to", "o33", "no such outcome_id of blumhardt2016"),
    ("participant_has_therapy_of_arm", set_("participants", study("wolf2008"), therapy="laser"), "participants", "therapy", "laser", "not the therapy of arm a"),
    ("participants_fit_arm", add("participants", study("wolf2008"), **NEW_PARTICIPANT), "participants", "patient_id", "p9", "2 participants of an arm with 1 patient"),
    ("participants_fit_arm", set_("participants", study("wolf2008"), sex="M"), "participants", "sex", "M", "1 participant of sex M in an arm that has 0"),
    ("participants_fit_arm", set_("participants", study("wolf2008"), age="42"), "participants", "age", "42", "outside the ages of arm a"),
    ("participants_agree_with_counts", set_("participants", study("bozzi2023"), response="partial"), "participants", "response", "partial", "the arm counts 1 with response complete, but its participants allow 0"),
    ("participants_agree_with_counts", set_("participants", study("tajalli2019"), response="none"), "participants", "response", "none", "the arm counts 1 with response any, but its participants allow 0"),
    ("participants_agree_with_counts", both(set_("outcomes", result("bozzi2023", "o1"), events="0"), set_("participants", study("bozzi2023"))), "participants", "response", "complete", "1 participant with response complete, but the arm counts 0"),
    ("harms_are_named_or_none", set_("participants", study("wolf2008"), adverse_events="no adverse events"), "participants", "adverse_events", "no adverse events", "would be counted as a harm"),
    ("harms_are_named_or_none", set_("participants", study("wolf2008"), adverse_events="n/r"), "participants", "adverse_events", "n/r", "would be counted as a harm"),
    ("harms_are_named_or_none", set_("participants", study("wolf2008"), adverse_events="none; burning"), "participants", "adverse_events", "none; burning", "none stands beside a harm"),
    ("nothing_is_counted_as_events", set_("outcomes", result("clinrheumatol2021", "o2"), category="none"), "outcomes", "category", "none", "would be counted as harms"),
    ("nothing_is_counted_as_events", set_("outcomes", result(BOTTOMLEY, "o4"), category="no recurrence"), "outcomes", "category", "no recurrence", "would be counted as recurrences"),
    ("participants_agree_on_events", both(set_("outcomes", result("clinrheumatol2021", "o2"), events="0"), set_("participants", study("clinrheumatol2021"))), "participants", "adverse_events", "transient burning during injection", "it is described in 1 participant, but the arm counts 0"),
    ("participants_agree_on_events", both(set_("outcomes", result("clinrheumatol2021", "o2"), category="any"), set_("participants", study("clinrheumatol2021"), adverse_events="none")), "participants", "adverse_events", "none", "the arm counts 1 of 1, but 1 participant had none"),
    ("appraisal_item_agrees_with_tool", set_("appraisals", {"study_id": BAIR, "item_number": "10"}, item_number="11"), "appraisals", "item_number", "11", "jbi_case_series has no such item"),
    ("appraisal_item_agrees_with_tool", set_("appraisals", {"study_id": BAIR, "item_number": "2"}, item_label="Another"), "appraisals", "item_label", "Another", "another label"),
    ("appraisal_complete_for_included", drop("appraisals", {"study_id": BAIR, "item_number": "4"}, study(BAIR)), "studies", "study_id", BAIR, "items of jbi_case_series are not appraised in appraisals.csv: 4"),
    ("appraisal_complete_for_included", set_("appraisals", {"study_id": BAIR, "item_number": "4"}, tool="jbi_case_report"), "appraisals", "tool", "jbi_case_report", "not the tool for the design case_series"),
    ("appraisal_complete_for_included", set_("studies", study(BAIR), design="randomised_trial"), "studies", "design", "randomised_trial", "no appraisal tool is for this design"),
    ("each item once", set_("appraisals", {"study_id": BAIR, "item_number": "4"}, item_number="3", item_label="Valid way of identifying the condition"), "appraisals", "item_number", "bair2011 / 3", "the same study_id and item_number as in row"),
    ("key is unique", add("studies", study(BAIR)), "studies", "study_id", BAIR, "the same study_id as in row"),
    ("arm of outcome exists", set_("outcomes", result(BAIR, "o1"), arm_id="b"), "outcomes", "arm_id", "b", "no such arm_id of bair2011 in arms"),
    ("study of arm exists", add("arms", arm(BAIR), study_id="bair2012"), "arms", "study_id", "bair2012", "no such study_id in studies"),
    ("safe ids", set_("studies", study("badawi2020"), study_id="../../x"), "studies", "study_id", "../../x", "not written as it must be"),
    ("scale_has_two_ends", set_("outcomes", result(MRA, "o1"), scale_max="100"), "outcomes", "scale_max", "100", "stands without scale_min"),
    ("scale_has_two_ends", set_("outcomes", result(MRA, "o1"), scale_min="10", scale_max="1"), "outcomes", "scale_min", "10", "not lower than scale_max"),
    ("scores_lie_on_scale", set_("outcomes", result(BAUMGARTNER, "o5"), before="62"), "outcomes", "before", "62", "not on the scale"),
    ("scores_lie_on_scale", set_("outcomes", result(BAUMGARTNER, "o5"), change="-11"), "outcomes", "change", "-11", "longer than the scale"),
    ("scores_lie_on_scale", set_("outcomes", result(MRA, "o1"), scale_min="7", scale_max="10"), "outcomes", "before", "6.4", "not on the scale"),
    ("scores_lie_on_scale", set_("outcomes", result(MRA, "o1"), scale_min="1", scale_max="10", before_sd="9.5"), "outcomes", "before_sd", "9.5", "longer than the scale"),
    ("spread_belongs_to_values", set_("outcomes", result(BAUMGARTNER, "o5"), after_sd="2"), "outcomes", "after_sd", "2", "stands without the values"),
    ("spread_belongs_to_values", set_("outcomes", result("tajalli2019", "o1"), before="5", before_sd="2"), "outcomes", "before_sd", "2", "a single unit has no standard deviation"),
    ("individual_scores_lie_on_scale", set_("participants", study("wolf2008"), pain_before="80", pain_after="1"), "participants", "pain_before", "80", "not on the scale"),
    ("responding_units_are_evaluated", set_("participants", study("wolf2008"), lesions_evaluated="2", lesions_responded="3"), "participants", "lesions_responded", "3", "more than lesions_evaluated"),
    ("responding_units_are_evaluated", set_("participants", study("wolf2008"), lesions_responded="3"), "participants", "lesions_responded", "3", "stands without lesions_evaluated"),
    ("units_of_participants_fit_arm", add("participants", study("wolf2008"), **LASERED, lesions_evaluated="22"), "participants", "lesions_evaluated", "22", "have 22 together, but the arm has 21"),
    ("units_of_participants_agree_with_counts", add("participants", study("wolf2008"), **LASERED, lesions_evaluated="20", lesions_responded="18"), "participants", "lesions_responded", "18", "sum to 18 with response, but the arm counts 17"),
    ("units_of_participants_agree_with_counts", both(set_("arms", arm(BOTTOMLEY), n_patients="1"), add("participants", study("wolf2008"), **LASERED, lesions_evaluated="20", lesions_responded="17")), "participants", "lesions_evaluated", "20", "sum to 20 evaluated, but the arm counts 21"),
    ("certainty_of_a_therapy_in_scope", sign(("conventional", "harms", "imprecision", "serious")), "certainty", "therapy", "conventional", "out of the scope"),
    ("certainty_judgement_of_its_domain", sign(("laser", "harms", "publication_bias", "serious")), "certainty", "judgement", "serious", "no judgement of the domain"),
    ("certainty_rated_up_as_a_whole", sign(("laser", "harms", "imprecision", "serious"), up="large_effect"), "certainty", "rated_up_for", "large_effect", "nothing is rated up"),
    ("certainty_signed_once", sign(("laser", "harms", "imprecision", "serious"), ("laser", "harms", "imprecision", "serious")), "certainty", "domain", "imprecision", "signed twice"),
]  # fmt: skip


def _in_stream(change: Change, table: str) -> Change:
    """`records_` and `queries_` above stand for the table of the stream that the problem is expected in."""

    def run(review: Copy) -> int:
        stream = table if table.startswith("search/") else "search/records_sts"
        row_of, set__ = review.row_of, review.set
        review.row_of = lambda name, **w: row_of(stream if name.endswith("_") else name, **w)  # type: ignore[method-assign]
        review.set = lambda name, row, **c: set__(stream if name.endswith("_") else name, row, **c)  # type: ignore[method-assign]
        return change(review)

    return run


@pytest.mark.parametrize(
    ("change", "table", "column", "value", "message"),
    [pytest.param(*case, id=f"{i}-{rule}") for i, (rule, *case) in enumerate(BROKEN)],
)
def test_violation_is_told(review, change, table, column, value, message):
    row = _in_stream(change, table)(review)
    place = (f"data/raw/{table}.csv", row, column, value)
    found = [
        p for p in review.errors() if (p.file, p.row, p.column, p.value) == place and message in p.message
    ]
    assert len(found) == 1, "\n".join(str(p) for p in review.errors())


def test_every_rule_is_tested_and_used():
    tested = {rule for rule, *_ in BROKEN}
    assert set(RULES) - tested == {
        "identifiers_shared",
        "included_study_passed_screening",
        "participants_are_counted",
    }  # they do not stop: see below
    used = {
        name
        for schema in load_schemas(Path(__file__).parents[2] / "data/schema").values()
        for name in schema.rules
    }
    assert used == set(RULES)
    assert all(rule.says.endswith(".") for rule in RULES.values())


PASSES: list[tuple[str, Change]] = [
    ("ongoing without reason", set_("studies", study("nct03582800"), exclusion_reason="")),
    ("linked report without reason", set_("studies", study("traineau2020"), exclusion_reason="")),
    ("year a year after online publication", set_("studies", study(BAIR), publication_date="2010-12")),
    ("published in the month of the data date", set_("studies", study(BAIR), publication_date="2026-11", year="2026")),
    ("all women", set_("arms", arm("mra2096_nd"), n_female="38")),
    ("median at the edge", set_("arms", arm(BOTTOMLEY), follow_up_months="40")),
    ("all responded", set_("outcomes", result(BLUMHARDT, "o1"), events="4")),
    ("number of patients unknown", set_("arms", arm(BAIR), n_patients="")),
    ("sites are not counted by arms", set_("outcomes", result(BAIR, "o1"), unit="site", events="9", total="9")),
    ("any at another time", add("outcomes", result(BOTTOMLEY, "o1"), outcome_id="o6", category="any", timepoint_months="12")),
    ("any of another construct", add("outcomes", result(BOTTOMLEY, "o1"), outcome_id="o6", category="any", construct="deposit")),
    ("any as a second reading", add("outcomes", result(BOTTOMLEY, "o1"), outcome_id="o6", category="any", alternative_to="o1")),
    ("any and none", add("outcomes", result(BAIR, "o1"), outcome_id="o2", category="none", events="0")),
    ("category known, events not", set_("outcomes", result(BOTTOMLEY, "o1"), events="")),
    ("recurrence among responders", set_("outcomes", result(BOTTOMLEY, "o4"), events="19")),
    ("partial is part of any", set_("participants", study("tajalli2019"), response="partial")),
    ("degree of a counted complete unknown", set_("participants", study("bozzi2023"), response="any")),
    ("harms by name", set_("participants", study("wolf2008"), adverse_events="No-reflow; nil-by-mouth stomatitis; none-healing ulcer")),
    ("no harm, as counted", both(set_("outcomes", result("clinrheumatol2021", "o2"), events="0", category="any"), set_("participants", study("clinrheumatol2021"), adverse_events="None"))),
    ("agrees with one of two constructs", add("outcomes", result("bozzi2023", "o1"), outcome_id="o2", construct="ulcer", events="0")),
    ("two arms share the patients of a third", add("arms", arm(BLUMHARDT, "b"), arm_id="c")),
    ("another scale", set_("outcomes", result(BAUMGARTNER, "o5"), before="62", scale_min="0", scale_max="100")),
    ("an outcome without a range", set_("outcomes", result(MRA, "o1"), before="640")),
    ("spread of a change", set_("outcomes", result(MRA, "o1"), sd="2", before_sd="1", after_sd="2")),
    ("words beside a count", set_("outcomes", result(BLUMHARDT, "o1"), as_reported="two of the fingers")),
    ("lesions of the one patient, as counted", both(set_("arms", arm(BOTTOMLEY), n_patients="1"), set_("outcomes", result(BOTTOMLEY, "o5"), events="1", total="1"), add("participants", study("wolf2008"), **LASERED, lesions_evaluated="21", lesions_responded="17"))),
    ("lesions of one of several patients", add("participants", study("wolf2008"), **LASERED, lesions_evaluated="5", lesions_responded="5")),
]  # fmt: skip


@pytest.mark.parametrize("change", [pytest.param(change, id=name) for name, change in PASSES])
def test_what_may_be_passes(review, change):
    change(review)
    assert review.errors() == []


@pytest.mark.parametrize(
    ("change", "column", "severity"),
    [
        (set_("studies", study(BAIR), doi="10.1001/ARCHDERM.144.12.1560"), "doi", "warning"),
        (
            set_(
                "studies",
                study(BAIR),
                title="Topical sodium thiosulfate therapy for leg ulcers, with dystrophic calcification.",
            ),
            "title",
            "warning",
        ),
        (set_("studies", study(BAIR), pmid="8881679"), "pmid", "warning"),
        (set_("studies", study("traineau2020")), "doi", "note"),
    ],
)
def test_shared_identifiers_only_warn(review, change, column, severity):
    change(review)
    review.load()
    found = [
        p
        for p in review.problems()
        if p.column == column and p.severity == severity and f"the same {column} as" in p.message
    ]
    assert len(found) == 1


def test_year_far_from_publication_date_warns(review):
    row = review.row_of("studies", study_id=BAIR)
    review.set("studies", row, publication_date="2007")
    (problem,) = [p for p in review.problems() if p.severity == "warning"]
    assert (problem.row, problem.column, problem.value) == (row, "publication_date", "2007")


def test_appraised_but_not_included_warns(review):
    row = review.row_of("studies", study_id="tajalli2019")
    review.set("studies", row, eligibility="excluded", exclusion_reason="surgery")
    assert [p.message for p in review.problems() if p.severity == "warning"] == [
        "appraised, but the study is not included"
    ]


UNCOUNTED: list[tuple[str, Change, str, str]] = [
    ("response", set_("participants", {"study_id": BAIR, "patient_id": "p1"}, response="any"), "", ""),
    ("recurrence", set_("participants", {"study_id": BAIR, "patient_id": "p1"}, recurrence="no"), "described in part (1 of 2 patients of the arm): these recurrences", "add a row to outcomes.csv, with total 1"),
    ("adverse_events", set_("participants", {"study_id": BAIR, "patient_id": "p2"}, adverse_events="none"), "described in part (1 of 2 patients of the arm): these harms", "add a row to outcomes.csv, with total 1"),
    ("adverse_events", both(set_("arms", arm("wolf2008"), n_patients="", n_female=""), set_("participants", study("wolf2008"), adverse_events="burning")), "1 patient of an arm whose n_patients is not known", "complete n_patients in arms.csv"),
    ("adverse_events", set_("participants", study("wolf2008"), adverse_events="none"), "", ""),
    ("adverse_events", both(set_("outcomes", result("clinrheumatol2021", "o2"), events=""), set_("participants", study("clinrheumatol2021"))), "described in 1 of 1 patient of the arm: these harms are not counted, because outcomes.csv names them without a count", "give events and total"),
    ("pain_before", set_("participants", study("wolf2008"), pain_before="8"), "stands without pain_after in 1 patient of the arm", "fill in pain_after"),
    ("pain_before", set_("participants", study("wolf2008"), pain_before="8", pain_after="0"), "", ""),
    ("adverse_events", both(set_("arms", arm("yildirimjdm"), n_patients="2"), set_("participants", study("yildirimjdm"), adverse_events="none")), "", ""),
    ("lesions_evaluated", set_("participants", study("wolf2008"), lesions_evaluated="2", lesions_responded="1"), "no response counted in lesions stands in outcomes.csv", "add rows to outcomes.csv"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("column", "change", "message", "hint"),
    [pytest.param(*case, id=f"{i}-{case[0]}") for i, case in enumerate(UNCOUNTED)],
)
def test_what_is_not_counted_is_noted(review, column, change, message, hint):
    row = change(review)
    found = [p for p in review.problems() if p.file == "data/raw/participants.csv"]
    if not message:
        assert found == []
        return
    (problem,) = found
    assert (problem.row, problem.column, problem.severity) == (row, column, "note")
    assert message in problem.message
    assert hint in problem.suggestion


def test_the_shipped_review_has_no_uncounted_participant(review):
    assert [p for p in review.problems() if p.file == "data/raw/participants.csv"] == []


def test_included_study_that_screening_excluded_warns(review):
    table = "search/records_sts"
    row = review.row_of(table, study_id=BAIR)
    review.set(table, row, decision="exclude", reason="surgery")
    (problem,) = [p for p in review.problems() if p.severity == "warning"]
    assert (problem.file, problem.row, problem.column) == (f"data/raw/{table}.csv", row, "decision")
    assert f"{BAIR} is included in studies.csv" in problem.message
