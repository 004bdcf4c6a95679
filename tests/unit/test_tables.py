"""Tables: what pandoc makes of them, and that nothing prints which is not for print."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import claims_review as review
import pytest

from livingreview.tables import main_text, supplement
from livingreview.tables.pipe import Column, Table

COLUMNS = [Column("A", 1), Column("B", 2, "right"), Column("C", 1, "center")]
# Where a printed link may lead: identifiers of publications and registers of trials.
ALLOWED = re.compile(
    r"https://(doi\.org|orcid\.org|pubmed\.ncbi\.nlm\.nih\.gov|(www\.|classic\.)?clinicaltrials\.gov|trialsearch\.who\.int)/"
)


def raw(name: str) -> list[dict[str, str]]:
    """Rows of a raw table."""
    with (review.ROOT / "data/raw" / name).open(encoding="utf-8-sig", newline="") as source:
        return list(csv.DictReader(source))


def printed() -> dict[str, str]:
    """Everything of the claims gate that documents print, by file."""
    folder = review.built() / "manuscript"
    files = [folder / "_variables.yml", *(folder / "_built").rglob("*.md"), folder / "_built/metadata.yml"]
    return {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in files}


def test_a_table_has_relative_widths_caption_and_label() -> None:
    import pypandoc

    text = Table("x", "A caption.", COLUMNS, [["a", "1", "c"]]).markdown()
    table = json.loads(pypandoc.convert_text(text, "json", format="markdown"))["blocks"][0]
    assert table["t"] == "Table"
    assert table["c"][0][0] == "tbl-x"
    widths = [c[1]["c"] for c in table["c"][2]]
    assert widths == pytest.approx([0.25, 0.5, 0.25], abs=0.01)
    assert [c[0]["t"] for c in table["c"][2]] == ["AlignLeft", "AlignRight", "AlignCenter"]


def test_a_table_without_rows_says_so() -> None:
    assert "| no data |" in Table("x", "C", COLUMNS).markdown()


@pytest.mark.parametrize("row", [["a"], ["a", "b", "c", "d"], ["a\nb", "c", "d"]])
def test_a_row_that_does_not_fit_is_refused(row: list[str]) -> None:
    with pytest.raises(ValueError, match="x:"):
        Table("x", "C", COLUMNS, [row]).markdown()


def test_estimates_in_narrow_columns() -> None:
    estimate = {
        "events": 17,
        "total": 21,
        "value": 17 / 21,
        "lower": 0.5809,
        "upper": 0.9455,
        "unit": "patient",
    }
    assert main_text.compact(estimate) == "17/21: 81\u00a0%\u00a0(58–95)"
    assert main_text.compact({**estimate, "unit": "lesion"}) == "17/21: 81\u00a0%\u00a0(58–95)†"


def test_every_table_has_a_caption_and_at_most_seven_columns() -> None:
    tables = 0
    for name, text in printed().items():
        captions = re.findall(r"^: .+ \{#tbl-[a-z0-9-]+\}$", text, re.MULTILINE)
        rules = re.findall(r"^\|[:-][|:-]+\|$", text, re.MULTILINE)
        assert len(captions) == len(rules), name
        assert all(rule.count("|") - 1 <= 7 for rule in rules), name
        tables += len(rules)
    assert tables >= 30


def test_labels_are_given_once() -> None:
    labels = [label for text in printed().values() for label in re.findall(r"\{#((?:tbl|fig)-[\w-]+)", text)]
    assert len(labels) == len(set(labels))


def test_rows_have_the_cells_of_their_head() -> None:
    for name, text in printed().items():
        for block in re.split(r"\n\n+", text):
            lines = [line for line in block.splitlines() if line.startswith("|")]
            counts = {len(re.findall(r"(?<!\\)\|", line)) for line in lines}
            assert len(counts) <= 1, f"{name}: {lines[:2]}"


def test_ids_never_print() -> None:
    studies = {row["study_id"] for row in raw("studies.csv")}
    records = {
        row["record_id"] for stream in ("sts", "physical") for row in raw(f"search/records_{stream}.csv")
    }
    # a key that is also a word or name in its own right cannot be told from that word
    wanted = {i for i in studies | records if re.search(r"[\d_]", i)}
    pattern = re.compile(
        r"(?<![\w@/-])(?:" + "|".join(map(re.escape, sorted(wanted, key=len, reverse=True))) + r")(?![\w-])"
    )
    for name, text in printed().items():
        # a citation is a key that prints as a number; the name of a claim stands in an attribute
        found = pattern.findall(re.sub(r"\[@[\w:.-]+\]|data-claim=\\*\"[\w.]+", "", text))
        assert not found, f"{name}: {found[:3]}"


def test_raw_addresses_never_print() -> None:
    for name, text in printed().items():
        for address in re.findall(r"(?:https?:)?//[^\s>)\"]+|\bwww\.[^\s>)\"]+", text):
            assert ALLOWED.match(address), f"{name}: {address}"


def test_extraction_notes_never_print() -> None:
    notes = [row["extraction_note"] for row in raw("studies.csv")] + [
        row["locator"] for row in raw("studies.csv")
    ]
    notes += [row["note"] for table in ("outcomes.csv", "participants.csv") for row in raw(table)]
    bare = {re.sub(r"\W+", " ", n).strip() for n in notes}
    # a few notes repeat, word for word, what the reason of an appraisal says, and that is for print
    told = " ".join(re.sub(r"\W+", " ", row["reason"]) for row in raw("appraisals.csv"))
    for name, text in printed().items():
        words = re.sub(r"\W+", " ", text)
        for note in bare:
            if len(note) > 40 and note not in told:
                assert note not in words, f"{name}: {note}"


def test_nothing_is_left_of_studies_that_are_gone() -> None:
    parts = supplement.parts(review.without_studies())
    assert "Bottomley" not in json.dumps(parts)
    # the diagrams of all versions are put together by the gate, which has the pictures
    assert {*parts, "flows"} == {
        p.stem for p in (review.built() / "manuscript/_built/supplement").glob("*.md")
    }


def test_every_query_and_every_excluded_report_is_listed() -> None:
    folder = review.built() / "manuscript/_built/supplement"
    queries = len(raw("search/queries_sts.csv")) + len(raw("search/queries_physical.csv"))
    assert _rows(folder / "queries.md") == queries
    excluded = sum(row["eligibility"] == "excluded" for row in raw("studies.csv"))
    assert _rows(folder / "excluded.md") == excluded
    assert _rows(folder / "appraisal.md") == len(raw("appraisals.csv"))
    included = sum(row["eligibility"] == "included" for row in raw("studies.csv"))
    assert _rows(folder.parent / "tables/characteristics.md") == included


def _rows(path: Path) -> int:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    return len(lines) - 2 * sum(bool(re.fullmatch(r"\|[:-][|:-]+\|", line)) for line in lines)


def test_hostile_titles_print_literally_in_tables() -> None:
    import pypandoc

    from livingreview.tables.supplement import parts

    hostile = '<script>x</script> {{< var x >}} $x$ @fig-x `c` [a](b) | #let *b* "q"'
    found = review.sources()
    first, *rest = found.supplement["included"]
    text = parts(
        replace(found, supplement={**found.supplement, "included": [{**first, "title": hostile}, *rest]})
    )["included"]
    assert "{{<" not in text
    document = json.loads(pypandoc.convert_text(text, "json", format="markdown"))
    assert [b["t"] for b in document["blocks"]] == ["Table"]
    plain = pypandoc.convert_text(text, "html", format="markdown", extra_args=["--wrap=none"])
    assert "&lt;script&gt;x&lt;/script&gt; {{&lt; var x &gt;}} $x$ @fig-x `c` [a](b) | #let *b*" in plain


def test_a_group_of_the_same_people_says_so_and_changes_of_single_patients_are_listed() -> None:
    found = review.sources()
    words = main_text.Words(found.documents)
    laser = found.results["therapies"]["laser"]
    [harm] = laser["harms"]["rows"]
    twice = {**laser, "harms": {**laser["harms"], "rows": [harm, {**harm, "arm_id": "another"}]}}
    rows = main_text.harms([twice], words).rows
    assert [row[3] for row in rows[:2]] == [
        "2 of 6 patients",
        "2 of 6 patients; the same patients as in another group of the study, counted once",
    ]
    paired = {
        "measure": "pain", "outcome": "pain_vas", "studies": 1, "n": 2, "median": -3.5, "min": -6.0, "max": -1.0,
        "values": [-6.0, -1.0], "used": [harm["study_id"]], "hodges_lehmann_value": -3.5, "hodges_lehmann": None,
        "attained": None, "reason": "2 paired values are too few.",
    }  # fmt: skip
    outcome, *others = laser["scores"]
    scored = {**laser, "scores": [{**outcome, "changes": paired}, *others]}
    assert [row[2:] for row in main_text.scores([scored], words).rows] == [
        [
            main_text.cited(harm),
            "Change in 2 patients with both values: median −3.5 (range −6 to −1), Hodges–Lehmann estimate −3.5 without an interval: "
            "2 paired values are too few",
        ]
    ]


def test_sizes_take_the_protocols_names_of_units() -> None:
    found = review.sources()
    units = {
        **found.documents["units"],
        "patient": {"singular": "athlete", "plural": "athletes"},
    }
    renamed = replace(found, documents={**found.documents, "units": units})
    texts = supplement.parts(renamed)["data"]
    assert "38 athletes" in texts
    assert "Study, athlete" in texts
    assert "6 patients; 21 lesions" in supplement.parts(found)["data"]


def test_versions_print_the_lock_and_not_the_machine() -> None:
    environment = review.sources().documents["environment"]
    lock = (review.ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert environment["lock"] == hashlib.sha256(lock.encode()).hexdigest()[:16]
    assert set(environment) == {"packages", "lock"}
    assert environment["lock"] in supplement.parts(review.sources())["versions"]


def test_the_timeline_is_told_of_the_previous_version() -> None:
    found = review.sources()
    published = found.documents["previous_version"]["published"]["date"]
    assert found.characteristics["previous_version"] == {
        "label": found.documents["previous_version"]["label"],
        "year": int(str(published)[:4]),
    }
    figure = (review.built() / "manuscript/_built/figures/timeline.md").read_text(encoding="utf-8")
    assert "The dashed line marks the publication of the previous version" in figure
    assert "A dashed line marks the previous version" in figure


def test_words_about_figures_need_no_drawing_library() -> None:
    code = (
        "import sys; from pathlib import Path; from livingreview.claims import figures; "
        "from livingreview.claims.build import Sources; "
        f"material = Sources.read(Path({str(review.built() / 'build')!r})).material; "
        "[figures.include(n, material) for n in "
        "['flow', 'responses', 'appraisal', 'timeline', *(f + c for f in figures.FAMILIES for c in material.order)]]; "
        "assert not {'matplotlib', 'numpy', 'scipy', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=review.ROOT / "analysis")
