"""The section `analyses` of review.yaml: every slip is told with its line, and no mandatory analysis can be left out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from livingreview import protocol
from livingreview.errors import Problem, ReviewError
from livingreview.extraction import dataset
from livingreview.protocol_analyses_conflicts import declared
from livingreview.protocol_codes import as_text

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "review.yaml").read_text(encoding="utf-8")


def problems(tmp_path: Path, text: str) -> list[Problem]:
    """Problems of the shipped review with this protocol, and of the protocol alone; they must be the same or more."""
    for folder in ("data/raw", "data/releases"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "review.yaml").write_text(text, encoding="utf-8")
    try:
        return dataset.load(tmp_path, ROOT).problems
    except ReviewError as error:
        return error.problems


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) == 1, old
    return TEXT.replace(old, new)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


SLIPS = [
    # codes of the protocol
    ("judged_on: ulcer", "judged_on: ulcr", "no construct `ulcr`", "did you mean `ulcer`?"),
    ("judged_on: ulcer, unit: patient", "judged_on: ulcer, unit: patients", "no unit `patients`", "`patient`?"),
    ("keep: {basis: [results]}", "keep: {basis: [result]}", "no basis `result`", "did you mean `results`?"),
    ("drop: {source_kind: [secondary]}", "drop: {source_kind: [blog]}", "no source kind `blog`", "the protocol has:"),
    ("drop: {aetiology: [iatrogenic]}", "drop: {aetiology: [iatrogen]}", "no aetiology `iatrogen`", "`iatrogenic`?"),
    ("keep: {design: [case_series, r", "keep: {design: [case_serie, r", "no design `case_serie`", "`case_series`?"),
    ("groups: {single: [case_report]", "groups: {single: [case_reports]", "no design `case_reports`", "`case_report`?"),
    ("jbi_case_report: {items: {3", "jbi_case: {items: {3", "no appraisal tool `jbi_case`", "the protocol has:"),
    ('{3: ["yes"], 4', '{3: ["yess"], 4', "no judgement `yess`", "did you mean `yes`?"),
    # within the section
    ("code: deposit_complete", "code: deposit_response", "the code `deposit_response` is already used", "another"),
    ("role: secondary", "role: primary", "another outcome is primary already", "keep one"),
    ("role: primary", "role: additional", "no outcome has the role `primary`", "`primary`"),
    ("[beta_binomial, ", "[binomial_normal, ", "`binomial_normal` stands there already", "take it out"),
    ("code: not_iatrogenic", "code: main", "`main` is the code of the main analysis", "another"),
    (
        "unreported: failures}",
        "unreported: failures, least_total: 2}",
        "counting unreported units as failures takes all studies of a therapy, so it stands alone",
        "a row of its own",
    ),
    ('{single: "Case reports"', '{singel: "Case reports"', "no group `singel`", "did you mean `single`?"),
    ("several: [case_series", "several: [case_report, case_series", "is already in the group `single`", "one group"),
    # columns and values of the tables
    ("keep: {monotherapy:", "keep: {monotherapie:", "has the column `monotherapie`", "did you mean `monotherapy`?"),
    ('monotherapy: ["yes"]', 'monotherapy: ["ja"]', "the column `monotherapy` cannot be `ja`", "it can be: no, yes"),
    ("by: aetiology}", "by: cause}", "has the column `cause`", ""),
    ("by: year, per", "by: country, per", "the column `country` holds no numbers", "a subgroup"),
    ('5: ["yes"], 6: ["yes"]}}\n', '5: ["yes"], 66: ["yes"]}}\n', "jbi_case_report has no item 66", "has: 1, 2"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message", "hint"), SLIPS, ids=[s[2] for s in SLIPS])
def test_a_slip_is_told_with_its_line(tmp_path, old, new, message, hint):
    text = changed(old, new)
    told = [p for p in problems(tmp_path, text) if message in p.message]
    assert len(told) == 1, [str(p) for p in told]
    assert told[0].file == "review.yaml"
    assert told[0].severity == "error"
    assert hint in told[0].suggestion
    if message != "no outcome has the role `primary`":
        assert told[0].row == line_of(TEXT, old)


MANDATORY = [
    ("series_only", "series only (studies of two or more units)", "least_total: 2"),
    (
        "results_only",
        "results of the report only (`basis` must be `results`, the first of `bases`, and nothing else)",
        "keep: {basis: [results]}",
    ),
    ("primary_sources", "without weak sources", "drop: {source_kind:"),
    ("not_iatrogenic", "without one of the causes", "drop: {aetiology: [idiopathic]}"),
    ("low_concern", "low concern in appraisal only", "appraisal: {"),
    ("monotherapy", "monotherapy confirmed only", "keep: {monotherapy:"),
    ("failures", "unreported units counted as failures", "unreported: failures"),
]


@pytest.mark.parametrize(("code", "what", "example"), MANDATORY)
def test_no_mandatory_analysis_can_be_left_out(tmp_path, code, what, example):
    text = TEXT
    start = (
        text.index("\n    - code: low_concern")
        if code == "low_concern"
        else text.index(f"\n    - {{code: {code},")
    )
    end = text.index("\n    - {code: monotherapy") if code == "low_concern" else text.index("\n", start + 1)
    text = text[:start] + text[end:]
    (told,) = [p for p in problems(tmp_path, text) if "sensitivity" in p.message]
    assert told.message == f"a mandatory sensitivity analysis is missing: {what}"
    assert example in told.suggestion
    assert told.column == "analyses.sensitivity"


SHAM = [
    ("series only", "least_total: 2, keep: {design: [case_series, r", "keep: {design: [case_report, case_series, r"),
    ("series only", "least_total: 2, keep: {design: [case_series, r", "least_total: 1, keep: {design: [case_series, r"),
    ("results of the report only", "keep: {basis: [results]}", "keep: {basis: [inferred]}"),
    ("results of the report only", "keep: {basis: [results]}", "keep: {basis: [results, inferred]}"),
    (
        "without one of the causes",
        "drop: {aetiology: [iatrogenic]}",
        "drop: {aetiology: [dystrophic, metastatic, iatrogenic, idiopathic]}",
    ),
    ("without one of the causes", "drop: {aetiology: [iatrogenic]}", "keep: {aetiology: [iatrogenic]}"),
    ("monotherapy confirmed only", 'keep: {monotherapy: ["yes"]}', 'keep: {monotherapy: ["no"]}'),
]  # fmt: skip


@pytest.mark.parametrize(("what", "old", "new"), SHAM)
def test_a_row_that_takes_out_nothing_weak_does_not_stand_for_a_mandatory_one(tmp_path, what, old, new):
    (told,) = [p for p in problems(tmp_path, changed(old, new)) if "mandatory" in p.message]
    assert told.message.startswith(f"a mandatory sensitivity analysis is missing: {what}")


def test_a_review_of_one_aetiology_has_no_cause_to_take_out():
    loaded = protocol.load(ROOT / "review.yaml")
    others = [row for row in loaded.analyses.sensitivity if "aetiology" not in row.drop]
    without = loaded.model_copy(
        update={"analyses": loaded.analyses.model_copy(update={"sensitivity": others})}
    )
    (told,) = [message for _, message, _ in declared(without)]
    assert "without one of the causes" in told
    single = without.model_copy(update={"aetiologies": {"dystrophic": "Dystrophic"}})
    assert list(declared(single)) == []


def test_a_section_that_is_missing_is_told_once(tmp_path):
    start, end = TEXT.index("\nanalyses:"), TEXT.index("\ncertainty:")
    told = [str(p) for p in problems(tmp_path, TEXT[:start] + TEXT[end:]) if p.severity == "error"]
    assert len(told) == 1
    assert "the key `analyses` is missing" in told[0]


def test_groups_keep_their_order_through_a_slice():
    loaded = protocol.load(ROOT / "review.yaml")
    first, second = loaded.slice("analyses")["analyses"]["subgroups"]
    assert first["order"] == {"groups": ["single", "several"]}
    assert "order" not in second


def test_values_as_a_protocol_writes_them():
    assert [as_text(v) for v in (True, False, 10.0, 0.5, 3, "yes")] == ["yes", "no", "10", "0.5", "3", "yes"]
