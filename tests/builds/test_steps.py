"""Which steps run after which edit: exactly these, gates included, and why."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from .sandbox import Sandbox

pytestmark = pytest.mark.build

CHANGED = "cryotherapy"
OTHERS = ("salicylic_acid", "duct_tape", "hyperthermia")
THERAPIES = {f"therapy {t}" for t in (CHANGED, *OTHERS)}
# The places of the main text are read whenever it was rendered to other bytes.
# What compares with the last version in the ledger comes last.
COMPARED = {"tracked", "changes"}
DOCUMENTS = {"document manuscript", "places", "document supplement"} | COMPARED
OVERVIEWS = {f"overview {o}" for o in ("appraisal", "certainty", "characteristics", "comparison", "flow")}
EVERYTHING = {"extract", "collect", "claims"} | THERAPIES | OVERVIEWS | DOCUMENTS
STUDY = "lindqvist1998"
# What reads the results of all therapies, once these have changed.
READERS = {"collect", "overview comparison", "overview certainty", "claims"}


@pytest.fixture
def sandbox(sandbox: Sandbox) -> Sandbox:
    """Every build of this file is foretold by `livingreview why`: what runs lies between its two bounds."""
    sandbox.foretold = True
    return sandbox


def test_a_first_build_runs_everything_and_the_next_nothing(sandbox: Sandbox) -> None:
    assert sandbox.steps() == EVERYTHING
    assert {s["why"].split(":")[0] for s in sandbox.receipt()["steps"]} == {"first build"}
    before = sandbox.outputs()
    assert sandbox.build() == set()
    assert sandbox.receipt()["result"] == "nothing to do"
    assert sandbox.outputs() == before
    assert "Nothing to do" in sandbox.said


def test_touching_every_source_runs_nothing(sandbox: Sandbox) -> None:
    for folder in (sandbox.root, sandbox.review):
        for path in folder.rglob("*"):
            if path.is_file() and "build" not in path.parts and ".snakemake" not in path.parts:
                os.utime(path)
    assert sandbox.build() == set()


def test_a_note_of_the_extractor_stops_at_the_first_gate(sandbox: Sandbox) -> None:
    def edit(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        row = next(r for r in rows if r["study_id"] == STUDY)
        row["extraction_note"] = "Read again, nothing new."
        return rows

    sandbox.edit("studies", edit)
    # The change report tells every field that differs from the last release.
    assert sandbox.build() == {"extract", "changes"}
    assert sandbox.why("extract") == f"{STUDY} changed in studies.csv"
    assert f"{STUDY} changed in studies.csv" in sandbox.why("changes")


def test_reordered_rows_stop_at_the_first_gate(sandbox: Sandbox) -> None:
    for table in ("studies", "arms", "outcomes", "participants", "appraisals", "certainty"):
        sandbox.edit(table, lambda rows: rows[::-1])
    before = sandbox.outputs()
    assert sandbox.build() == {"extract"}
    after = sandbox.outputs()
    # Only the report of the reading tells rows, as the spreadsheet counts them.
    assert {p for p in before if before[p] != after.get(p)} <= {"build/extract/report.json"}


def test_one_changed_outcome_reruns_its_therapy_and_what_reads_it(sandbox: Sandbox) -> None:
    sandbox.replace(
        "data/raw/outcomes.csv",
        f"{STUDY},o1,a,clearing,skin,lesion,complete,61,",
        f"{STUDY},o1,a,clearing,skin,lesion,complete,60,",
    )
    expected = {"extract", f"therapy {CHANGED}"} | READERS | DOCUMENTS
    assert sandbox.build() == expected
    assert sandbox.why(f"therapy {CHANGED}") == f"{STUDY} changed in outcomes.csv: {CHANGED}"
    for step in expected - {"extract"}:
        assert f"{STUDY} changed in outcomes.csv" in sandbox.why(step)


def test_a_change_with_the_same_result_stops_at_the_second_gate(sandbox: Sandbox) -> None:
    # The P value beside the count of one arm is read, but neither counted nor printed.
    def edit(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        # Nor was this study extracted twice, so that no second value stands against it.
        row = next(r for r in rows if r["study_id"] == "brzeczyszczykiewicz2013" and r["outcome_id"] == "o1")
        row["p_value"] = "0.04"
        return rows

    sandbox.edit("outcomes", edit)
    assert sandbox.build() == {"extract", f"therapy {CHANGED}", "collect", "changes"}
    assert "brzeczyszczykiewicz2013 changed in outcomes.csv" in sandbox.why("collect")


def test_a_judgement_reruns_the_therapies_of_its_study_and_the_certainty(sandbox: Sandbox) -> None:
    # All athletes counted: an item that low concern asks for, so that the sensitivity analysis of both therapies changes.
    study = "garciamunoz2011"

    def edit(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        row = next(r for r in rows if r["study_id"] == study and r["item_number"] == "4")
        row["judgement"] = "no"
        return rows

    sandbox.edit("appraisals", edit)
    of_study = {"therapy cryotherapy", "therapy duct_tape"}
    assert sandbox.build() == {"extract", "overview appraisal"} | of_study | READERS | DOCUMENTS
    assert sandbox.why("therapy duct_tape") == f"{study} changed in appraisals.csv: duct_tape"


def test_the_reason_of_a_judgement_reruns_no_therapy(sandbox: Sandbox) -> None:
    def edit(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        rows[0]["reason"] = "Said on its last page."
        return rows

    sandbox.edit("appraisals", edit)
    assert sandbox.build() == {"extract", "claims", "document supplement", "changes"}


def test_the_reason_of_a_signature_prints_in_the_supplement_only(sandbox: Sandbox) -> None:
    def edit(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        rows[0]["reason"] = "Signed again in other words."
        return rows

    sandbox.edit("certainty", edit)
    assert sandbox.build() == {"extract", "overview certainty", "claims", "document supplement", "changes"}
    assert "Signed again in other words." in sandbox.text("manuscript/_output/supplement.html")


def test_a_signature_reruns_the_certainty_and_no_therapy(sandbox: Sandbox) -> None:
    assert "1 of 6 judgements signed" in sandbox.text("manuscript/_output/manuscript.html")
    sandbox.edit("certainty", lambda rows: rows[1:])
    assert sandbox.build() == {"extract", "overview certainty", "claims"} | DOCUMENTS
    assert "1 of 6 judgements signed" not in sandbox.text("manuscript/_output/manuscript.html")


def test_a_threshold_reruns_every_therapy(sandbox: Sandbox) -> None:
    sandbox.replace("review.yaml", "  threshold: 0.6", "  threshold: 0.55")
    assert sandbox.build() == {"extract"} | THERAPIES | READERS | DOCUMENTS
    assert sandbox.why("extract") == "review.yaml: analyses changed"
    assert sandbox.why(f"therapy {CHANGED}") == f"review.yaml: analyses changed: {CHANGED}"


def test_a_name_for_a_model_that_is_not_there_runs_nothing(sandbox: Sandbox) -> None:
    sandbox.replace("review.yaml", "[beta_binomial, logit_reml,", "[beta_binomial, logit_rmel,")
    before = sandbox.outputs()
    sandbox.build(expect=1)
    assert "review.yaml, line" in sandbox.said and "logit_rmel" in sandbox.said
    assert sandbox.outputs() == before


def _add_study(sandbox: Sandbox) -> None:
    """A second report of one therapy, as a copy of a study under another name."""

    def copied(rows: list[dict[str, str]], **changes: str) -> list[dict[str, str]]:
        new = [{**r, "study_id": "newstudy2025", **changes} for r in rows if r["study_id"] == "zhou2023"]
        return rows + new

    sandbox.edit(
        "studies",
        lambda r: copied(
            r,
            first_author="New",
            year="2025",
            doi="",
            pmid="",
            pmcid="",
            title="A new report",
            publication_date="2025-03",
        ),
    )
    for table in ("arms", "outcomes", "participants", "appraisals"):
        sandbox.edit(table, copied)
    record = {
        "record_id": "f900",
        "study_id": "newstudy2025",
        "title_kind": "published",
        "title": "A new report",
    }
    record |= {"first_author": "New", "year": "2025", "decision": "include", "stage": "full_text"}
    sandbox.edit("search/records_freezing", lambda rows: [*rows, dict.fromkeys(rows[0], "") | record])


def test_a_study_added_and_removed_again_leaves_no_trace(sandbox: Sandbox) -> None:
    before = sandbox.outputs()
    raw = {p: p.read_bytes() for p in (sandbox.review / "data/raw").rglob("*.csv")}
    _add_study(sandbox)
    ran = sandbox.build()
    assert f"therapy {CHANGED}" in ran
    assert not ran & {f"therapy {t}" for t in OTHERS}
    assert "newstudy2025 added" in sandbox.why(f"therapy {CHANGED}")
    assert "New 2025" in sandbox.text("manuscript/_output/supplement.html")
    for path, content in raw.items():
        path.write_bytes(content)
    ran = sandbox.build()
    assert not ran & {f"therapy {t}" for t in OTHERS}
    assert "newstudy2025 removed" in sandbox.why(f"therapy {CHANGED}")
    assert sandbox.outputs() == before


def test_a_renamed_study_leaves_nothing_behind(sandbox: Sandbox) -> None:
    for path in (sandbox.review / "data/raw").rglob("*.csv"):
        path.write_text(path.read_text(encoding="utf-8").replace("zhou2023", "zhou2023b"), encoding="utf-8")
    sandbox.build()
    for name in sandbox.outputs():
        content = (sandbox.review / name).read_bytes().replace(b"zhou2023b", b"")
        assert b"zhou2023" not in content, name


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("from __future__", "# A remark.\nfrom __future__"),
        ('"""', '"""Said in other words. '),
        ("\n\n\n", "\n\n\n\n"),
    ],
    ids=["comment", "docstring", "formatting"],
)
def test_a_cosmetic_edit_in_a_module_runs_nothing(sandbox: Sandbox, old: str, new: str) -> None:
    sandbox.replace("analysis/livingreview/figures/forest.py", old, new, root=True)
    assert sandbox.build() == set()


def test_a_real_edit_in_a_module_reruns_exactly_its_users(sandbox: Sandbox) -> None:
    path = sandbox.root / "analysis/livingreview/figures/forest.py"
    path.write_text(path.read_text(encoding="utf-8") + "\n\nEDITED = True\n", encoding="utf-8")
    ran = sandbox.build()
    # The notebooks draw with it, the claims take the alternative text from it; the figures come out the same.
    # The change report makes the claims of earlier versions anew.
    assert ran == THERAPIES | {"collect", "claims", "changes"}
    assert "livingreview.figures.forest changed" in sandbox.why(f"therapy {CHANGED}")


def test_an_edit_of_a_notebook_reruns_that_notebook(sandbox: Sandbox) -> None:
    path = sandbox.root / "analysis/notebooks/overview_appraisal.py"
    path.write_text(
        path.read_text(encoding="utf-8") + "\n# %% [markdown]\n# A further remark.\n", encoding="utf-8"
    )
    assert sandbox.build() == {"overview appraisal", "claims"}
    assert "overview_appraisal.py changed" in sandbox.why("overview appraisal")


@pytest.mark.parametrize("document", ["manuscript", "supplement"])
def test_prose_renders_that_document_only(sandbox: Sandbox, document: str) -> None:
    path = sandbox.review / f"manuscript/{document}.qmd"
    path.write_text(path.read_text(encoding="utf-8") + "\nA further sentence of prose.\n", encoding="utf-8")
    # Places are read, come out the same, and the supplement is not rendered.
    more = {"places", "tracked"} if document == "manuscript" else set()
    assert sandbox.build() == {f"document {document}", "changes"} | more
    assert sandbox.why(f"document {document}") == f"manuscript/{document}.qmd changed: {document}"
    assert "A further sentence of prose." in sandbox.text(f"manuscript/_output/{document}.html")


def test_a_style_edit_draws_all_figures_anew(sandbox: Sandbox) -> None:
    path = sandbox.root / "figures/style.mplstyle"
    path.write_text(path.read_text(encoding="utf-8") + "\ntext.color: 333333\n", encoding="utf-8")
    # the certainty of the evidence is not drawn
    drawn = OVERVIEWS - {"overview certainty"}
    assert sandbox.build() == THERAPIES | drawn | {"collect", "claims"} | DOCUMENTS
    assert "style.mplstyle changed" in sandbox.why("overview flow")


def test_another_author_and_another_schedule_rerun_no_notebook(sandbox: Sandbox) -> None:
    sandbox.replace("review.yaml", "family: Synthetic", "family: Synthetica")
    sandbox.replace("review.yaml", "schedule: {search: 3,", "schedule: {search: 2,")
    sandbox.replace("review.yaml", "streams: {warming: 1},", "")
    assert sandbox.build() == {"extract", "claims"} | DOCUMENTS
    assert sandbox.why("extract") == "review.yaml: authors changed; review.yaml: living changed"
    assert "Synthetica" in sandbox.text("manuscript/_output/manuscript.html")
    for name in ("manuscript", "supplement"):
        assert "Next search due: 27\u00a0April 2026" in sandbox.text(f"manuscript/_output/{name}.html")


def test_a_new_therapy_with_its_first_study_and_out_again(sandbox: Sandbox) -> None:
    before = sandbox.outputs()
    raw = {
        p: p.read_bytes()
        for p in [*(sandbox.review / "data/raw").rglob("*.csv"), sandbox.review / "review.yaml"]
    }
    sandbox.replace(
        "review.yaml",
        "  - {code: duct_tape,",
        '  - {code: laser_light, name: "Laser light", short_name: "Laser light", colour: "#cc79a7"}\n  - {code: duct_tape,',
    )
    _add_study(sandbox)

    def moved(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        return [{**r, "therapy": "laser_light"} if r["study_id"] == "newstudy2025" else r for r in rows]

    sandbox.edit("arms", moved)
    if any(r["study_id"] == "newstudy2025" for r in sandbox.rows("participants")):
        sandbox.edit("participants", moved)
    ran = sandbox.build()
    assert not ran & THERAPIES
    assert {"therapy laser_light", "collect", "claims"} <= ran
    assert (sandbox.review / "figures/forest_laser_light.pdf").is_file()
    assert "Laser light" in sandbox.text("manuscript/_output/supplement.html")
    for path, content in raw.items():
        path.write_bytes(content)
    assert not sandbox.build() & THERAPIES
    assert sandbox.outputs() == before


PRODUCERS = {
    "figures/flow.svg": "overview flow",
    "figures/forest_cryotherapy.pdf": "therapy cryotherapy",
    "build/notebooks/overview_appraisal.ipynb": "overview appraisal",
    "build/results/overview/certainty.json": "overview certainty",
    "build/results/therapy/cryotherapy.json": "therapy cryotherapy",
    "build/extract/flow.json": "extract",
    "manuscript/_variables.yml": "claims",
    "manuscript/_built/metadata.yml": "claims",
    "manuscript/_output/manuscript.pdf": "document manuscript",
    "build/documents/supplement.json": "document supplement",
    "manuscript/_output/changes.html": "changes",
    "build/changes/changes.json": "changes",
    "build/changes/tracked.json": "tracked",
    "build/documents/manuscript.ast.json": "document manuscript",
    "build/places/supplement.json": "places",
    "manuscript/_built/reporting/swim.md": "places",
}
"""A file of each kind that is built, and the step that makes it."""


@pytest.mark.parametrize("way", ["deleted", "edited"])
def test_outputs_deleted_or_edited_by_hand_come_back(sandbox: Sandbox, way: str) -> None:
    before = sandbox.outputs()
    for path in PRODUCERS:
        file = sandbox.review / path
        if way == "deleted":
            file.unlink()
        else:
            file.write_bytes(file.read_bytes() + b"\n")
    # what is made comes out the same, so that beyond the producers only the gates look at it again
    assert sandbox.build() == {*PRODUCERS.values(), "collect"}
    for path, producer in PRODUCERS.items():
        assert f"{path} was {'missing' if way == 'deleted' else 'changed by hand'}" in sandbox.why(producer)
        if way == "edited":
            assert (sandbox.review / "build/edited-by-hand" / path).is_file()
    assert sandbox.outputs() == before


@pytest.mark.parametrize("path", ["figures/flow.svg", "build/documents/supplement.json"])
def test_one_output_that_is_gone_reruns_its_producer_only(sandbox: Sandbox, path: str) -> None:
    (sandbox.review / path).unlink()
    # no gate lies between the documents and what compares them with the last release
    more = {"claims"} if path.startswith("figures/") else {"changes"}
    assert sandbox.build() == {PRODUCERS[path]} | more


def test_lost_records_together_with_a_code_edit_rebuild_everything(sandbox: Sandbox) -> None:
    shutil.rmtree(sandbox.review / ".snakemake")
    path = sandbox.root / "analysis/livingreview/figures/forest.py"
    path.write_text(path.read_text(encoding="utf-8") + "\n\nEDITED = True\n", encoding="utf-8")
    before = sandbox.outputs()
    assert sandbox.build() == EVERYTHING
    assert sandbox.outputs() == before
    assert sandbox.build() == set()


def test_the_receipt_names_every_output_with_its_digest(sandbox: Sandbox) -> None:
    listed = sandbox.receipt()["outputs"]
    there = sandbox.outputs()
    assert {p: d for p, d in there.items() if p in listed} == listed
    published = {p for p in there if p.startswith(("figures/", "manuscript/"))}
    sources = {str(p.relative_to(sandbox.review)) for p in _sources(sandbox)}
    assert published - sources <= set(listed)


def _sources(sandbox: Sandbox) -> list[Path]:
    return [
        p for p in (sandbox.review / "manuscript").iterdir() if p.suffix in (".qmd", ".bib", ".yml", ".yaml")
    ] + list((sandbox.review / "figures").glob("*.mplstyle"))
