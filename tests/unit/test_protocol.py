"""review.yaml: what is accepted, and that every mistake is told with its line."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from livingreview import protocol
from livingreview.errors import Problem, ReviewError
from livingreview.nearest import did_you_mean, nearest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "review.yaml").read_text(encoding="utf-8")


@pytest.fixture
def write(tmp_path: Path):
    published = tmp_path / "data/releases/2021.06/published.yaml"
    published.parent.mkdir(parents=True)
    shutil.copy(ROOT / "data/releases/2021.06/published.yaml", published)

    def write(text: str) -> Path:
        path = tmp_path / "review.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def problems(path: Path) -> list[Problem]:
    with pytest.raises(ReviewError) as caught:
        protocol.load(path)
    return caught.value.problems


def changed(*pairs: tuple[str, str]) -> str:
    text = TEXT
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_own_protocol_is_valid():
    loaded = protocol.load(ROOT / "review.yaml")
    assert loaded.date == dt.date(2026, 11, 22)
    assert [t.code for t in loaded.therapies] == ["topical_sts", "intralesional_sts", "eswl", "laser"]
    assert loaded.previous_version is not None
    assert loaded.previous_version.published["n_studies"] == 40
    assert loaded.judgements.no.label == "No"  # the YAML word `no` is not False here
    assert loaded.outcome_codes("response") == ["remission"]


def test_slice_is_ready_for_json():
    loaded = protocol.load(ROOT / "review.yaml")
    part = loaded.slice("date", "therapies")
    assert part["date"] == "2026-11-22"
    assert part["therapies"][0]["colour"] == "#0072b2"
    assert set(loaded.slice()) == {*protocol.Protocol.model_fields, "design_plurals"}
    with pytest.raises(KeyError, match="no such_field"):
        loaded.slice("such_field")


def test_cannot_be_changed():
    loaded = protocol.load(ROOT / "review.yaml")
    with pytest.raises(ValueError, match="frozen"):
        loaded.title = "another"  # type: ignore[misc]


def test_scalars_are_kept_as_typed(write):
    assert protocol.load(write(changed(('"2026.11"', "2026.10")))).version == "2026.10"


def test_authors_with_identifiers(write):
    text = changed(
        (
            "affiliations: {}",
            "affiliations:\n  warsaw: {name: Institute, city: Warsaw, country: Poland, ror: 'https://ror.org/04p2y4s44'}",
        ),
        (
            '  - name: "The living review team (authors to be named)"\n    orcid: null',
            "  - given: Josiah\n    family: Carberry\n    orcid: https://orcid.org/0000-0002-1825-0097\n    email: j@example.org\n    affiliations: [warsaw]\n    corresponding: true",
        ),
        ("Writing – original draft", "Writing - review and editing"),
    )
    author = protocol.load(write(text)).authors[0]
    assert (author.name, author.orcid, author.corresponding) == (
        "Josiah Carberry",
        "0000-0002-1825-0097",
        True,
    )
    assert author.roles[-1] == "Writing – review & editing"


@pytest.mark.parametrize(
    ("old", "new", "marker", "message", "suggestion"),
    [
        (
            "short_title:",
            "short_titel:",
            "short_titel",
            "unknown key `short_titel`",
            "did you mean `short_title`?",
        ),
        (
            "singular: lesion",
            "singlar: lesion",
            "singlar",
            "unknown key `singlar`",
            "did you mean `singular`?",
        ),
        ("kind: harm", "kind: harms", "kind: harms", "not one of the allowed words", ""),
        ('"#0072b2"', "blue", "blue", "not written as it must be", ""),
        ("orcid: null", "orcid: 0000-0002-1825-0098", "orcid:", "check digit", ""),
        ("orcid: null", "orcid: 1825-0097", "orcid:", "0000-0002-1825-0097", ""),
        ("Data curation", "Data curating", "Data curating", "did you mean `Data curation`?", ""),
        ("data_date: 2026-11-22", "data_date: 22.11.2026", "data_date", "YYYY-MM-DD", ""),
        ("data_date: 2026-11-22", "data_date: 2026-11-23", "data_date", "after the release date", ""),
        ("data_date: 2026-11-22", "data_date: 1795305600", "data_date", "YYYY-MM-DD", ""),
        ("  date: 2026-11-22\n", "  date: 2026-12-01\n", "  date: 2026-12", "after the data date", ""),
        ("confidence_level: 0.95", "confidence_level: 95", "confidence_level", "below 1", ""),
        ("confidence_level: 0.95", "confidence_level: nan", "confidence_level", "finite", ""),
        (
            "designs: [case_report]",
            "designs: [case_reprt]",
            "case_reprt",
            "no design",
            "did you mean `case_report`?",
        ),
        (
            "designs: [case_report]",
            "designs: [case_series]",
            "designs: [case_series, pros",
            "already has the tool",
            "keep one",
        ),
        ("code: eswl", "code: laser", 'code: laser, name: "Laser"', "already used by therapies[3]", ""),
        ('"#cc79a7"', '"#E69F00"', '"#E69F00"', "colour `#e69f00` is already used", ""),
        ("  other_local:", "  laser:", "{code: laser", "also listed under out_of_scope", ""),
        (
            "  outcome: remission",
            "  outcome: recurence",
            "outcome: recurence",
            "no outcome of kind response",
            "",
        ),
        ("manuscript/supplement.qmd", "../supplement.qmd", "../supplement", "inside the review's folder", ""),
        ("csl: springer", "title: again\ncsl: springer", "title: again", "already in line 4", ""),
        ("    sts:", "    ../sts:", "../sts", "not written as it must be", ""),
        ("funding:", "fundign:", "fundign", "unknown key `fundign`", "did you mean `funding`?"),
        (
            "range: [0, 10]",
            "range: [10, 0]",
            "range: [10, 0]",
            "runs from the lowest to the highest value",
            "",
        ),
        ("range: [0, 10]", "range: [0, 5, 10]", "range: [0, 5, 10]", "at most 2", ""),
        (
            "kind: response}",
            "kind: response, range: [0, 1]}",
            "kind: response, range",
            "a range belongs to a score",
            "",
        ),
        (
            "data/releases/2021.06/published.yaml",
            "data/none.yaml",
            "published_file",
            "data/none.yaml is missing",
            "",
        ),
    ],
)
def test_mistake_is_told_with_its_line(write, old, new, marker, message, suggestion):
    text = changed((old, new))
    found = [p for p in problems(write(text)) if message in p.message and suggestion in p.suggestion]
    assert [(p.file, p.row) for p in found] == [("review.yaml", line_of(text, marker))]


def test_all_mistakes_at_once(write):
    text = changed(
        ("short_title:", "short_titel:"),
        ("kind: harm", "kind: harms"),
        ("designs: [case_report]", "designs: [case_reprt]"),
        ("version:", "version: 1\nversion:"),
    )
    found = problems(write(text))
    assert {p.column for p in found} >= {
        "short_titel",
        "short_title",
        "outcomes[6].kind",
        "appraisal_tools.jbi_case_report.designs[1]",
    }
    assert any("stands twice" in p.message for p in found)
    assert [p.row for p in found] == sorted(p.row or 0 for p in found)


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"", None, "the file is empty"),
        (b"title: a\n\tversion: b\n", 2, "not valid YAML"),
        (b"title: 'a\n", 2, "not valid YAML"),
        (b"title: [a, b\nversion: 1", 2, "not valid YAML"),
        (b"- a\n- b\n", 1, "`key: value`"),
        (b"title: \xe9\n", None, "not UTF-8"),
        (b"a: &x [*x]\n", 1, "endless"),
        (b"? [a, b]\n: 1\n", 1, "a key must be a single word"),
        (b"a: *unknown\n", 1, "not valid YAML"),
        (b"a: !!python/object/apply:os.system ['true']\n", None, "is missing"),
        (b"--- a\n--- b\n", 2, "not valid YAML"),
        (b"[" * 3000, None, ""),
    ],
)
def test_broken_yaml(tmp_path, content, line, message):
    path = tmp_path / "review.yaml"
    path.write_bytes(content)
    found = [p for p in problems(path) if message in p.message]
    assert found
    assert found[0].file == "review.yaml"
    if line is not None:
        assert found[0].row == line


def test_missing_file(tmp_path):
    (problem,) = problems(tmp_path / "review.yaml")
    assert (problem.place, problem.message) == ("review.yaml", "the file is missing")


def test_draft_keeps_what_is_valid(write):
    found = protocol.draft(write(changed(("kind: harm", "kind: harms"))))
    assert "outcomes" not in found.known
    assert {"therapies", "designs", "date", "search"} <= found.known
    assert found.protocol.therapies[0].code == "topical_sts"
    assert [p.column for p in found.problems] == ["outcomes[6].kind"]


def test_nearest():
    codes = ["topical_sts", "intralesional_sts", "eswl", "laser"]
    assert did_you_mean("topcal_sts", codes) == "`topcal_sts`: did you mean `topical_sts`?"
    assert nearest("Topical STS", codes) == "topical_sts"
    assert nearest("LASER", codes) == "laser"
    assert nearest("zzz", codes) is None
    assert nearest("", codes) is None
    assert did_you_mean("x", []) == ""


def test_designs_have_plurals(tmp_path):
    text = (ROOT / "review.yaml").read_text(encoding="utf-8")
    old = 'case_report: "Case report"'
    assert old in text
    path = tmp_path / "review.yaml"
    path.write_text(
        text.replace(old, "case_report: {singular: Case, plural: Cases in point}"), encoding="utf-8"
    )
    designs = protocol.draft(path).protocol.designs
    assert (designs["case_report"].singular, designs["case_report"].plural) == ("Case", "Cases in point")
    assert designs["retrospective_cohort"].plural == "Retrospective cohorts"
    sliced = protocol.load(ROOT / "review.yaml").slice("designs")
    assert sliced["designs"]["case_series"] == sliced["design_plurals"]["case_series"] == "Case series"
    assert sliced["design_plurals"]["nonrandomised_trial"] == "Non-randomised trials"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{plural: Cases}", "singular"),
        ("{singular: Case, plurall: Cases}", "plurall"),
        ("[Case]", ""),
        ('" "', ""),
    ],
)
def test_a_broken_design_is_told_with_its_line(tmp_path, given, message):
    text = (ROOT / "review.yaml").read_text(encoding="utf-8")
    path = tmp_path / "review.yaml"
    path.write_text(text.replace('case_report: "Case report"', f"case_report: {given}"), encoding="utf-8")
    hits = [
        p
        for p in protocol.draft(path).problems
        if p.column.startswith("designs.case_report") and message in p.message
    ]
    assert hits
    assert hits[0].row == line_of(text, 'case_report: "Case report"')
