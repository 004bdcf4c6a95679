"""Statements and letters: what is stated is printed, what is not is said to be missing."""

from __future__ import annotations

from pathlib import Path

import pytest
import submission_source
from pydantic import ValidationError

from livingreview.claims import review
from livingreview.publish import snapshot
from livingreview.submission import letters, statements, title_page


def text(blocks: list[dict[str, object]]) -> str:
    return "\n".join(p.text for p in snapshot.text({"meta": {}, "blocks": blocks}))


def test_the_words_of_the_protocol_go_before_those_of_the_manuscript() -> None:
    own = submission_source.people(ethics="From the protocol.", data_availability="On request.")
    found = {s.code: s for s in statements.statements(own, submission_source.tree())}
    assert (found["ethics"].text, found["ethics"].source) == ("From the protocol.", "review.yaml: ethics")
    assert found["data_availability"].text == "On request. Repository: https://example.org/repo"
    own = submission_source.people()
    found = {s.code: s for s in statements.statements(own, submission_source.tree())}
    assert (found["ethics"].text, found["ethics"].source) == ("Nothing was needed.", "manuscript")
    assert found["contributions"].text == "Ada Example: Software."
    assert [s.code for s in found.values() if s.missing] == [
        "data_availability", "code_availability", "ai_use", "relation_to_continued_review",
    ]  # fmt: skip
    assert "acknowledgements" not in found and "guarantor" not in found
    asked = {
        s.code: s for s in statements.statements(own, submission_source.tree(), ("guarantor", "consent"))
    }
    assert asked["guarantor"].missing and asked["consent"].missing and "transparency" not in asked
    own = submission_source.people(guarantor="The first author.", registration="PROSPERO 1.")
    given = {s.code: s for s in statements.statements(own)}
    assert (given["guarantor"].text, given["guarantor"].source) == (
        "The first author.",
        "review.yaml: guarantor",
    )
    assert given["registration"].text == "PROSPERO 1."
    assert asked["registration"].text == "The review has not been registered."
    alone = statements.statements(submission_source.people(previous_version=None))
    assert "relation_to_continued_review" not in [s.code for s in alone]


def test_whether_the_manuscript_prints_a_statement() -> None:
    own = submission_source.people(
        guarantor="The first author.", transparency="Words of the text are these: A. E.", ethics="Other words.",
        consent="Nobody can be recognised.", funding="Paid by the Fund.",
    )  # fmt: skip
    body = submission_source.TEXT.replace(
        "# Discussion",
        "# Consent for publication {.unnumbered}\n\nOf nobody.\n\n# Discussion\n\nWords of the text are these: A. E.",
    )
    found = {s.code: s for s in statements.statements(own, submission_source.tree(body))}
    # by its name before a paragraph or above a section, or by its words
    printed = {code for code, s in found.items() if s.text and s.printed}
    assert printed >= {"ethics", "funding", "consent", "transparency"} and "guarantor" not in printed
    without = submission_source.people(consent=None)
    sections = {s.code: s for s in statements.statements(without, submission_source.tree(body))}
    assert (sections["consent"].text, sections["consent"].source) == ("Of nobody.", "manuscript")


def test_what_the_manuscript_prints_of_review_yaml() -> None:
    own = submission_source.people(
        ai_use="A machine read *nothing*", data_availability="All of it is public."
    )
    text = review.statements(own.model_dump(mode="json"))
    assert [line for line in text.splitlines() if line] == [
        r"**Data availability.** All of it is public\. Repository: <https://example.org/repo>.",
        r"**Use of artificial intelligence.** A machine read \*nothing\*.",
    ]
    tree = submission_source.tree("# Statements\n\n" + text)
    found = {s.code: s for s in statements.statements(own, tree)}
    assert all(found[code].printed for code in ("ai_use", "data_availability"))
    assert review.statements({}) == ""


def test_nothing_is_made_up(tmp_path: Path) -> None:
    (tmp_path / "appraisals.csv").write_text("study_id,appraiser\na,First\nb,First\nc,\n", encoding="utf-8")
    (tmp_path / "studies.csv").write_text("study_id\na\n", encoding="utf-8")
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "appraisals.csv").write_text("study_id,appraiser\na,Other\n", encoding="utf-8")
    work = statements.recorded_work(tmp_path)
    assert [(w.done, w.who, w.table, w.rows) for w in work] == [
        ("appraised", "", "appraisals.csv", 1),
        ("appraised", "First", "appraisals.csv", 2),
        ("appraised", "Other", "second/appraisals.csv", 1),
    ]
    assert statements.unrecorded(work) == ("screened", "extracted")
    own = submission_source.people()
    printed = text(statements.blocks(statements.statements(own), work, own))
    assert "First: appraised (appraisals.csv, 2 rows)." in printed
    assert "Nobody is named: appraised (appraisals.csv, 1 row)." in printed
    assert "No table says who screened." in printed and "No table says who extracted." in printed
    assert "MISSING: nobody has stated this. Its place is the key ai_use in review.yaml." in printed
    assert "Missing statements" in printed and "Ethics. Its place is the key ethics" in printed


def test_cover_letter() -> None:
    own = submission_source.people()
    stated = statements.statements(own)
    open_letter = text(letters.cover_letter(own, "A title", "The Journal", stated, ["m.docx"]))
    for words in (
        "“A title” for The Journal",
        "Dear Editor,",
        "MISSING: the message",
        "MISSING: the authors’ declarations",
    ):
        assert words in open_letter
    assert "m.docx" in open_letter and "Ada Example, ada@example.org" in open_letter
    assert "MISSING: the statement “Use of artificial intelligence”" in open_letter
    written = {
        "editor": "Dr Who",
        "message": "Why.",
        "declarations": ["All agree."],
        "suggested_reviewers": ["X"],
    }
    done = submission_source.people(
        cover_letter=written, ai_use="None.", relation_to_continued_review="None."
    )
    letter = text(letters.cover_letter(done, "A title", "The Journal", statements.statements(done)))
    assert (
        "MISSING" not in letter and "Dear Dr Who," in letter and "All agree." in letter and "Why." in letter
    )


def test_answer_to_reviewers() -> None:
    own = submission_source.people()
    empty = text(letters.response_to_reviewers(own, "A title", "The Journal"))
    assert empty.count("[Answer.]") == 3 and "Reviewer 2, comment 1" in empty
    asked = {"Reviewer 1": ["First\npoint", "Second"]}
    filled = text(letters.response_to_reviewers(own, "A title", "The Journal", asked, ["One study more."]))
    assert "First point" in filled and "Reviewer 1, comment 2" in filled and "One study more." in filled
    assert filled.count("Change in the manuscript.") == 2 and "Reviewer 2" not in filled


def test_what_a_title_page_lacks() -> None:
    own = submission_source.people()
    assert title_page.missing(own) == (
        "Bo Sample: no given and family name (a group, or authors still to be named)",
        "Bo Sample: no ORCID iD",
        "Bo Sample: no affiliation",
    )
    assert title_page.running_title(own) == own.short_title
    assert title_page.running_title(submission_source.people(running_title="R")) == "R"
    asked = title_page.short_texts(own, ["capsule_summary"])
    assert asked == {"Capsule summary": []} and title_page.missing(own, asked)[-1] == "no capsule summary"


@pytest.mark.parametrize(
    "wrong",
    [{"repository": "example.org"}, {"ai_use": " "}, {"cover_letter": {"salute": "x"}}, {"highlights": "x"}],
)
def test_keys_for_journals_are_checked(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        submission_source.people(**wrong)


def test_keys_for_journals_are_optional() -> None:
    own = submission_source.people(repository=None)
    for key in ("running_title", "data_availability", "code_availability", "ethics", "ai_use", "repository"):
        assert getattr(own, key) is None
