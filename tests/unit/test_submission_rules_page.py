"""CHECKS.md and checks.json say the same: totals first, failures with what to do, tables that render."""

from __future__ import annotations

import json
from dataclasses import replace

import submission_facts as f
from submission_facts import good

from livingreview import canonical
from livingreview.publish.pandoc import pandoc_path
from livingreview.submission import checks, checks_page
from livingreview.submission.check_types import Check
from livingreview.submission.facts import Facts

EVIDENCE = (
    Check("evidence.registration", "The review is registered", "a number", "not registered", "fail", "PRISMA 2020, item 24a", False, "register it"),
    Check("evidence.search", "A search", "one", "two", "pass", "PRISMA 2020, item 6", True),
)  # fmt: skip


def broken() -> Facts:
    return good(
        counts=f.counts(title=f.line("x" * 101), unresolved=("a|b", "*c*")),
        files=(*f.FILES, f.file("S_1.pdf", "supplement", 12_345)),
        notes=("figures: EPS is not made",),
    )


def test_the_page_begins_with_what_it_came_to() -> None:
    facts = broken()
    page = checks_page.markdown(checks.check(facts, EVIDENCE), facts)
    lines = page.split("\n\n")
    assert lines[0] == "# Checks for Journal of Every Rule"
    assert lines[2] == (
        "**Formatting: 99 of 102 rules met, 3 not, 0 cannot be checked by a program. "
        "Evidence: 1 of 2 rules met, 1 not, 0 cannot be checked by a program.**"
    )
    assert "2 were read at the source; the rules were last checked on 2026-11-22." in lines[3]
    assert (
        page.index("## Form: what failed") < page.index("## Evidence: what failed") < page.index("## Form\n")
    )
    assert (
        "- **The review is registered** (`evidence.registration`): not registered; asked for: a number. *To do:* Register it."
        in page
    )
    assert page.endswith("## Said on the way\n\n- figures: EPS is not made\n")


def test_a_package_without_failures_has_no_lists_of_them() -> None:
    page = checks_page.markdown(checks.check(good(), EVIDENCE[1:]), good())
    assert "what failed" not in page and "Nothing failed." in page


def test_rows_of_tables() -> None:
    facts = broken()
    page = checks_page.markdown(checks.check(facts, EVIDENCE), facts)
    for row in (
        "| Length of the abstract `abstract.words` | 150 to 250 words | 200 words | pass | yes |",
        "| Number of references `references.max` | at most 2 references | 2 references | pass | no |",
        "| Title `items.title/characters` | at most 100 characters | 101 characters | **FAIL** | no |",
        "| Cross-references and citations lead somewhere `house.cross_references` | all | lead nowhere: \\*c\\*, a\\|b | **FAIL** | house rule |",
        "| `S_1.pdf` | The supplement | editor and reviewers | 12.3 kB | `aaaaaaaaaaaa` |",
        "| The review is registered `evidence.registration` | a number | not registered | **FAIL** | PRISMA 2020, item 24a |",
    ):
        assert row in page.split("\n")
    assert "9 files, 538.3 kB in all." in page


def test_every_check_stands_in_a_table_once_and_pandoc_reads_them_whole() -> None:
    import subprocess

    facts = replace(broken(), profile=f.profile(files={"names": "[A-Z|a-z]+`x`"}))
    result = checks.check(facts, EVIDENCE)
    page = checks_page.markdown(result, facts)
    done = subprocess.run(
        [pandoc_path(), "-f", "gfm", "-t", "json"],
        input=page,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    tables = [b for b in json.loads(done.stdout)["blocks"] if b["t"] == "Table"]
    rows = [row for table in tables for body in table["c"][4] for row in body[3]]
    assert len(rows) == len(result.formatting) + len(result.evidence) + len(facts.files)
    assert {len(row[1]) for row in rows} == {5}
    assert all(cell[4] for row in rows for cell in row[1][1:4]), "no cell is empty"


def test_the_same_facts_give_the_same_bytes_and_json_can_be_read_back() -> None:
    first, second = (checks.check(broken(), EVIDENCE) for _ in range(2))
    assert checks_page.markdown(first, broken()) == checks_page.markdown(second, broken())
    written = canonical.dumps(first.to_json())
    assert written == canonical.dumps(second.to_json())
    again = checks.read(json.loads(written))
    assert again.to_json() == first.to_json()
    assert checks.verdict(again) == checks.verdict(first)
    assert json.loads(written)["totals"]["formatting"]["fail"] == 3
    assert json.loads(written)["rules"] == {"of": 69, "read_at_source": 2}


def test_the_verdict_has_each_failure_and_then_the_totals() -> None:
    result = checks.check(broken(), EVIDENCE)
    assert not result.passed and len(result.failures) == 4
    lines = checks.verdict(result)
    assert lines[0] == "Formatting, not met (3):"
    assert lines[4:6] == [
        "Evidence, not met (1):",
        "  evidence.registration: The review is registered: not registered (asked for: a number). Register it",
    ]
    assert lines[-1] == checks.summary(result)
    good_one = checks.check(good(), EVIDENCE[1:])
    assert good_one.passed and checks.verdict(good_one) == [checks.summary(good_one)]


def test_one_fault_of_many_files_is_one_line() -> None:
    from dataclasses import replace

    one = checks.check(broken(), EVIDENCE).failures[0]
    font = [replace(one, code=f"figures.font/Fig{n}", measured="Times") for n in (1, 2, 3)]
    other = replace(font[0], code="figures.font/Fig4", measured="Courier")
    assert [c.code for c in checks.together([font[0], one, font[1], other, font[2]])] == [
        "figures.font/Fig1, Fig2, Fig3",
        one.code,
        "figures.font/Fig4",
    ]


def test_two_checks_of_one_code_are_refused() -> None:
    import pytest

    with pytest.raises(ValueError, match=r"evidence\.search"):
        checks.check(good(), (EVIDENCE[1], EVIDENCE[1]))


def test_sizes_for_people() -> None:
    assert [checks_page.size(n) for n in (1, 999, 12_345, 4_560_000)] == [
        "1 byte",
        "999 bytes",
        "12.3 kB",
        "4.56 MB",
    ]
