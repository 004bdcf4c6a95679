"""What the documents print of the living mode: schedule, versions, "What is new", first page."""

from __future__ import annotations

from typing import Any

import living_cases as cases
import pytest

from livingreview.claims import frontmatter, living
from livingreview.claims.marks import Marks, plain
from livingreview.claims.model import Claims
from livingreview.living.update import history
from livingreview.tables import whats_new

SECTION: dict[str, Any] = {
    "mode": "active", "ended": None, "proposed": True, "decided_by": None, "decided_on": None,
    "schedule": {"search": 6, "streams": {}, "screening": 1, "classification": None, "version": 3},
    "triggers": ["An event", "Another event, with a comma"],
    "retirement": {"unchanged_searches": 4, "overdue_months": 12, "reasons": ["No team is left"]},
    "people": {"Search": "A person", "Statistics": None},
    "versions": [{"version": "2027.02", "trigger": "Time had passed", "methods": ["One stream was added"], "searched": None}],
}  # fmt: skip
STREAMS = [
    {"code": "a", "name": "One stream", "months": 6, "searched": "2027-02-20", "due": "2027-08-20"},
    {"code": "b", "name": "Other stream", "months": 1, "searched": "2027-02-20", "due": "2027-03-20"},
]
PLAN = {"searched": "2027-02-20", "due": "2027-08-20", "months": 6, "streams": STREAMS[:1], "steps": {}}


def documents(section: dict[str, Any] | None = None, plan: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "title": "A review", "short_title": "A review", "version": "2027.02", "date": "2027-02-28", "status": "Draft: not reviewed",
        "authors": [], "living": {**SECTION, **(section or {})}, "schedule": plan or PLAN, "search": {"date": "2027-02-20"},
        "units": {"patient": {"singular": "person", "plural": "people"}}, "conclusions": {"declared": [{"id": "one"}]},
    }  # fmt: skip


def releases(n: int, **more: Any) -> dict[str, Any]:
    return {
        "version": "2027.02", "look": n or 1, "base": None, "changed_since_release": False, "since_base": None,
        "releases": cases.ENTRIES[:n], **more,
    }  # fmt: skip


def update(n: int, rows: dict[str, Any] | None = None) -> dict[str, Any]:
    return history(cases.FLOWS["2027.02"], cases.PRESENT, cases.ENTRIES[:n], rows or {})


def made(n: int, section: dict[str, Any] | None = None, plan: dict[str, Any] | None = None) -> Claims:
    claims = Claims()
    living.add_living(claims, documents(section, plan), releases(n), update(n))
    return claims


def said(claims: Claims, key: str) -> str:
    return claims[key].text.replace("\u00a0", " ")


def test_the_schedule_in_sentences_and_that_nobody_has_adopted_it() -> None:
    claims = made(1)
    assert said(claims, "living.summary") == (
        "What follows, schedule and plan for retirement, is a proposal; no review team has adopted it so far. The search is to be repeated "
        "every 6 months; the next search is due on 20 August 2027. After a search, its records are to be screened within 1 month and a "
        "version with its results released within 3 months."
    )
    assert claims["living.schedule.search"].value == 6
    assert set(claims["living.summary"].parts) >= {"living.schedule.search", "living.next_search_due"}


def test_an_adopted_schedule_names_who_and_single_streams() -> None:
    plan = {**PLAN, "streams": STREAMS, "due": "2027-03-20"}
    decided = {"proposed": False, "decided_by": "The *team*", "decided_on": "2027-01-05"}
    told = said(made(1, decided, plan), "living.summary")
    assert "and the stream other stream every month; the next search is due on 20 March 2027" in told
    assert "were adopted by The \\*team\\* on 5 January 2027." in told


def test_without_a_schedule_and_after_its_end_the_review_says_so() -> None:
    plan = {**PLAN, "due": None}
    assert "No schedule has been set" in said(made(1, {"schedule": None}, plan), "living.summary")
    ended = {"mode": "retired", "ended": {"date": "2027-02-01", "reason": "The question is settled"}}
    assert (
        said(made(1, ended, plan), "living.summary")
        == "The review has been retired since 1 February 2027: the question is settled."
    )
    assert said(made(1, {"schedule": None}, plan), "living.next_search_due") == "not scheduled"


def test_triggers_retirement_and_people() -> None:
    claims = made(1)
    assert said(claims, "living.triggers").endswith("when an event; or another event, with a comma.")
    assert "when 4 versions in a row have brought no new study; or no team is left." in said(
        claims, "living.retirement"
    )
    assert "overdue by 12 months" in said(claims, "living.retirement")
    assert said(claims, "living.people") == "Search: A person. Nobody is named yet for statistics."
    bare = made(1, {"triggers": [], "people": {}, "retirement": {"unchanged_searches": None, "overdue_months": None, "reasons": []}})  # fmt: skip
    assert said(bare, "living.retirement") == "There is no plan for retirement."
    assert "has not been declared" in said(bare, "living.people")
    assert "Nothing has been declared" in said(bare, "living.triggers")


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (0, "This is the first version."),
        (
            1,
            "Version 2015 had 9 studies and this version has 21; which of them are the same is not known, so that together they are "
            "between 21 and 30.",
        ),
        (
            2,
            "Since version 2026.02, 13 studies were added and 1 is no longer included; the review now includes 21.",
        ),
        (3, "Since version 2026.08, 1 study was added; the review now includes 21."),
    ],
)
def test_this_version_beside_the_one_before(n: int, text: str) -> None:
    claims = made(n)
    assert said(claims, "releases.summary") == text
    assert claims["releases.earlier"].value == n


def test_studies_that_are_later_for_certain_raise_the_lower_end() -> None:
    rows = {i: {"year": 2026} for i in cases.INCLUDED["2027.02"][:15]}
    claims = Claims()
    living.add_living(claims, documents(), releases(1), update(1, rows))
    assert said(claims, "releases.total.text") == "between 24 and 30"
    assert "21, 15 of which were published after it" in said(claims, "releases.summary")
    assert (claims["releases.total.least"].value, claims["releases.total.most"].value) == (24, 30)


def test_a_single_total_prints_as_a_number() -> None:
    assert plain(living.total_text({"least": 3, "most": 3}, Marks("x"))) == "3"


def table(n: int, **more: Any) -> list[list[str]]:
    claims = made(n)
    claims.add("included.patients.n", 90, "at least 90", unit="patients", definition="patients")
    claims.add("conclusions.one.state", more.pop("state", "holds"), "holds", unit="text", definition="state")
    found = whats_new.table(documents(), releases(n, **more), update(n), claims)
    assert found.markdown().endswith("{#tbl-whats-new}\n")
    return [[cell.replace("\u00a0", " ") for cell in row] for row in found.rows]


SINCE = {
    "added": [{"study_id": "s021", "label": "Author [2026]"}],
    "removed": [],
    "corrected": [{"study_id": "s002", "label": "Other 2020", "tables": ["outcomes"]}],
}


def test_what_is_new_has_a_row_a_version_the_newest_first() -> None:
    rows = table(3, since_base=SINCE, base="2026.08")
    assert [row[0] for row in rows] == ["2027.02 (look 3)", "2026.08 (look 2)", "2026.02 (look 1)", "2015"]
    assert [row[1] for row in rows][::3] == ["28 February 2027", "30 June 2015"]
    assert rows[0][2] == "New search has been performed; conclusions have changed."
    assert rows[1][2] == "New search has been performed; conclusions have not changed."
    assert rows[2][2] == "New search has been performed; conclusions cannot be compared."
    assert rows[3][2] == "Published review"
    newest = rows[0][3]
    for part in (
        "Time had passed.", "Search of 20 February 2027: 10 new records, 14 screened, 5 reports assessed.",
        "1 study newly included (Author &#91;2026&#93;).", "1 study with corrected data (Other 2020).",
        "21 studies with at least 90 people in all.", "Changes of method: one stream was added.",
    ):  # fmt: skip
        assert part in newest, newest
    assert "9 studies and 40 people, from A database, as published." in rows[3][3]
    assert "between 9 and 18 together with those of version 2015" in rows[2][3]


def test_conclusions_that_hold_as_before_have_not_changed() -> None:
    assert "have not changed" in table(3, since_base=SINCE, state="cannot_be_judged")[0][2]


def test_the_same_search_is_an_amendment() -> None:
    before = [*cases.ENTRIES[:2], {**cases.ENTRIES[2], "search_date": "2027-02-20"}]
    assert table(3, since_base=SINCE, releases=before)[0][2].startswith(
        "Amended: studies or their data have changed;"
    )
    nothing = {"added": [], "removed": [], "corrected": []}
    assert table(3, since_base=nothing, releases=before)[0][2].startswith("Amended; conclusions")


def test_a_first_version_and_one_changed_since_its_release() -> None:
    assert table(0)[0][2] == "First version"
    assert table(1, changed_since_release=True)[0][0] == "2027.02 (look 1), with changes since its release"


def test_the_first_page_gives_search_next_search_and_status() -> None:
    found = frontmatter.front_matter(documents())
    assert [(f["name"], f["text"].replace("\u00a0", " ")) for f in found["facts"]] == [
        ("Last search", "20 February 2027"),
        ("Next search due", "20 August 2027 (proposed)"),
    ]
    assert found["status"] == "Draft\\: not reviewed"
    assert found["version"] == "2027.02"
    changed = frontmatter.front_matter(documents(), changed_since_release=True)
    assert changed["version"] == "2027.02, with changes since release 2027.02"
    adopted = documents({"proposed": False, "decided_by": "x", "decided_on": "2027-01-01"})
    assert "proposed" not in str(frontmatter.front_matter(adopted)["facts"])
    ended = documents({"mode": "paused", "ended": {"date": "2027-02-01", "reason": "x"}})
    assert frontmatter.front_matter(ended)["facts"][1]["name"] == "Paused since"
    none = frontmatter.front_matter(documents({"schedule": None}, {**PLAN, "due": None}))
    assert none["facts"][1]["text"] == "not scheduled"


def test_what_came_with_this_search_is_told_apart_from_what_was_carried_over() -> None:
    assert said(made(1), "releases.search") == "The records came with the search of this version."
    claims = made(3)
    assert said(claims, "releases.search") == (
        "Of these, 10 records came with the search of this version, for which 14 records (4 carried over from version 2026.08) were screened "
        "and 5 reports (3 carried over from version 2026.08) were assessed; the diagram shows this version beside the one before."
    )
    assert claims["releases.searched.screening_carried_over"].value == 4


def test_a_version_that_brought_no_study_says_so() -> None:
    claims = Claims()
    same = {**cases.PRESENT, "included": cases.INCLUDED["2026.08"]}
    found = history(cases.FLOWS["2026.08"], same, cases.ENTRIES, {})
    living.add_living(claims, documents(), releases(3), found)
    assert (
        said(claims, "releases.summary")
        == "Since version 2026.08, no study was added; the review now includes 20."
    )
    assert claims[living.version_key("2026.02")].text == "2026.02"
