"""Which steps run after which edit: exactly these, gates included, and why.

Edits whose steps differ share a build: which edit a step ran for is told by the other steps that ran, and where two edits run the
same step, by the reasons that the receipt gives for it, which are compared as a whole.
"""

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


def test_a_first_build_runs_everything_and_what_says_nothing_new_runs_nothing(sandbox: Sandbox) -> None:
    assert sandbox.steps() == EVERYTHING
    assert {s["why"].split(":")[0] for s in sandbox.receipt()["steps"]} == {"first build"}
    # a comment, a docstring and an empty line in a module, the reason why a number may be typed, and every source touched
    for old, new in (
        ("from __future__", "# A remark.\nfrom __future__"),
        ('"""', '"""Said in other words. '),
        ("\n\n\n", "\n\n\n\n"),
    ):
        sandbox.replace("analysis/livingreview/figures/forest.py", old, new, root=True)
    sandbox.replace(
        "manuscript/numbers.yaml", "the scale is called by its ends", "the scale goes by its ends"
    )
    for folder in (sandbox.root, sandbox.review):
        for path in folder.rglob("*"):
            if path.is_file() and "build" not in path.parts and ".snakemake" not in path.parts:
                os.utime(path)
    before = sandbox.outputs()
    assert sandbox.build() == set()
    assert sandbox.receipt()["result"] == "nothing to do"
    assert sandbox.outputs() == before
    assert "Nothing to do" in sandbox.said


def test_a_note_stops_at_the_first_gate_and_the_same_result_at_the_second(sandbox: Sandbox) -> None:
    noted, counted = "okonkwo2004", "brzeczyszczykiewicz2013"

    def note(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        row = next(r for r in rows if r["study_id"] == noted)
        row["extraction_note"] = "Read again, nothing new."
        return rows

    # The P value beside the count of one arm is read, but neither counted nor printed.
    def p_value(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        # Nor was this study extracted twice, so that no second value stands against it.
        row = next(r for r in rows if r["study_id"] == counted and r["outcome_id"] == "o1")
        row["p_value"] = "0.04"
        return rows

    sandbox.edit("studies", note)
    sandbox.edit("outcomes", p_value)
    # and an output that is gone reruns its producer, and what compares it with the last release: no gate lies between them
    (sandbox.review / "build/documents/supplement.json").unlink()
    # The note reaches no therapy (that of its study is another one), the P value no claims. The change report tells every field
    # that differs from the last release.
    expected = {"extract", f"therapy {CHANGED}", "collect", "document supplement", "changes"}
    assert sandbox.build() == expected
    note_changed, value_changed = f"{noted} changed in studies.csv", f"{counted} changed in outcomes.csv"
    assert set(sandbox.why("extract").split("; ")) == {note_changed, value_changed}
    assert sandbox.why(f"therapy {CHANGED}") == f"{value_changed}: {CHANGED}"
    assert sandbox.why("collect") == value_changed
    assert sandbox.why("document supplement") == "build/documents/supplement.json was missing: supplement"
    assert note_changed in sandbox.why("changes") and value_changed in sandbox.why("changes")


def test_an_outcome_and_a_judgement_rerun_the_therapies_of_their_studies_and_what_reads_them(
    sandbox: Sandbox,
) -> None:
    counted, judged = "okonkwo2004", "garciamunoz2011"
    sandbox.replace(
        "data/raw/outcomes.csv",
        f"{counted},o4,a,clearing,skin,patient,complete,11,",
        f"{counted},o4,a,clearing,skin,patient,complete,10,",
    )

    # All athletes counted: an item that low concern asks for, so that the sensitivity analysis of both therapies changes.
    def edit(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        row = next(r for r in rows if r["study_id"] == judged and r["item_number"] == "4")
        row["judgement"] = "no"
        return rows

    sandbox.edit("appraisals", edit)
    of_judged = {"therapy cryotherapy", "therapy duct_tape"}
    read = READERS | DOCUMENTS
    ran = sandbox.build()
    assert ran == {"extract", "therapy salicylic_acid", "overview appraisal"} | of_judged | read
    outcome, judgement = f"{counted} changed in outcomes.csv", f"{judged} changed in appraisals.csv"
    assert sandbox.why("therapy salicylic_acid") == f"{outcome}: salicylic_acid"
    for step in of_judged:  # for the judgement alone: their slices do not know the other study
        assert judgement in sandbox.why(step)
        assert counted not in sandbox.text(f"build/extract/{step.replace(' ', '/')}.json")
    assert sandbox.why("overview appraisal") == f"{judgement}: appraisal"
    for step in read:
        assert outcome in sandbox.why(step) and judgement in sandbox.why(step)


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


def _add_study(sandbox: Sandbox, key: str, author: str) -> None:
    """A second report of one therapy, as a copy of a study under another name."""

    def copied(rows: list[dict[str, str]], **changes: str) -> list[dict[str, str]]:
        new = [{**r, "study_id": key, **changes} for r in rows if r["study_id"] == "zhou2023"]
        return rows + new

    sandbox.edit(
        "studies",
        lambda r: copied(
            r,
            first_author=author,
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
    record = {"record_id": "f900", "study_id": key, "title_kind": "published", "title": "A new report"}
    record |= {"first_author": author, "year": "2025", "decision": "include", "stage": "full_text"}
    sandbox.edit("search/records_freezing", lambda rows: [*rows, dict.fromkeys(rows[0], "") | record])


def test_therapies_and_studies_that_come_and_go_leave_no_trace(sandbox: Sandbox) -> None:
    before = sandbox.outputs()
    raw = {
        p: p.read_bytes()
        for p in [*(sandbox.review / "data/raw").rglob("*.csv"), sandbox.review / "review.yaml"]
    }

    # a therapy, and its first study
    sandbox.replace(
        "review.yaml",
        "  - {code: duct_tape,",
        '  - {code: laser_light, name: "Laser light", short_name: "Laser light", colour: "#cc79a7"}\n  - {code: duct_tape,',
    )
    _add_study(sandbox, "newstudy2025", "New")

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

    # both out again; a second report of another therapy, one of whose studies is renamed
    for path, content in raw.items():
        path.write_bytes(content)
    _add_study(sandbox, "another2025", "Another")
    for path in (sandbox.review / "data/raw").rglob("*.csv"):
        path.write_text(path.read_text(encoding="utf-8").replace("zhou2023", "zhou2023b"), encoding="utf-8")
    ran = sandbox.build()
    assert {step for step in ran if step.startswith("therapy ")} == {f"therapy {CHANGED}"}
    told = {"another2025 added", "zhou2023 removed", "zhou2023b added"}
    assert told <= set(sandbox.why(f"therapy {CHANGED}").removesuffix(f": {CHANGED}").split("; "))
    assert "newstudy2025" not in sandbox.why(f"therapy {CHANGED}")
    assert "newstudy2025 removed" in sandbox.why("extract")
    assert "Another 2025" in sandbox.text("manuscript/_output/supplement.html")
    for name in sandbox.outputs():
        content = (sandbox.review / name).read_bytes().replace(b"zhou2023b", b"")
        for gone in (b"zhou2023", b"newstudy2025", b"laser_light", b"Laser light"):
            assert gone not in content and gone.decode() not in name, (gone, name)

    # a clean build makes the same bytes, in another part of the world; and one that differed would be named
    html = sandbox.review / "manuscript/_output/manuscript.html"
    built = html.read_bytes()
    html.write_bytes(built + b"<!-- not built -->")
    status, said = sandbox.clean_room(TZ="Asia/Tokyo", LANG="C")
    files = len(sandbox.receipt()["outputs"])
    assert status == 1, said
    assert [line for line in said.splitlines() if line.startswith("  ")] == [
        "  manuscript/_output/manuscript.html: differs"
    ]
    assert f"1 of {files} files are not what a clean build makes." in said
    html.write_bytes(built)

    # everything as it was
    for path, content in raw.items():
        path.write_bytes(content)
    ran = sandbox.build()
    assert f"therapy {CHANGED}" in ran and not ran & {f"therapy {t}" for t in OTHERS}
    assert "another2025 removed" in sandbox.why(f"therapy {CHANGED}")
    assert sandbox.outputs() == before


def test_a_module_its_users_a_notebook_itself_and_prose_its_document(sandbox: Sandbox) -> None:
    path = sandbox.root / "analysis/livingreview/figures/forest.py"
    path.write_text(path.read_text(encoding="utf-8") + "\n\nEDITED = True\n", encoding="utf-8")
    path = sandbox.root / "analysis/notebooks/overview_appraisal.py"
    path.write_text(
        path.read_text(encoding="utf-8") + "\n# %% [markdown]\n# A further remark.\n", encoding="utf-8"
    )
    path = sandbox.review / "manuscript/manuscript.qmd"
    path.write_text(path.read_text(encoding="utf-8") + "\nA further sentence of prose.\n", encoding="utf-8")
    ran = sandbox.build()
    # The notebooks draw with the module, the claims take the alternative text from it; the figures come out the same.
    # The change report makes the claims of earlier versions anew.
    of_module = THERAPIES | {"collect", "claims", "changes"}
    # Places are read, come out the same, and the supplement is not rendered.
    of_prose = {"document manuscript", "places", "tracked", "changes"}
    assert ran == of_module | {"overview appraisal"} | of_prose
    module, notebook = "livingreview.figures.forest changed", "overview_appraisal.py changed"
    for step in THERAPIES:
        assert sandbox.why(step) == f"{module}: {step.split()[1]}"
    assert sandbox.why("overview appraisal") == f"{notebook}: appraisal"
    assert sandbox.why("collect") == sandbox.why("claims") == module
    assert sandbox.why("document manuscript") == "manuscript/manuscript.qmd changed: manuscript"
    assert sandbox.why("places") == sandbox.why("tracked") == "manuscript/manuscript.qmd changed"
    assert "A further sentence of prose." in sandbox.text("manuscript/_output/manuscript.html")


def test_a_style_draws_all_figures_anew_another_author_and_another_schedule_none(sandbox: Sandbox) -> None:
    path = sandbox.root / "figures/style.mplstyle"
    path.write_text(path.read_text(encoding="utf-8") + "\ntext.color: 333333\n", encoding="utf-8")
    sandbox.replace("review.yaml", "family: Synthetic", "family: Synthetica")
    sandbox.replace("review.yaml", "schedule: {search: 3,", "schedule: {search: 2,")
    sandbox.replace("review.yaml", "streams: {warming: 1},", "")
    # the certainty of the evidence is not drawn
    drawn = THERAPIES | (OVERVIEWS - {"overview certainty"})
    assert sandbox.build() == {"extract"} | drawn | {"collect", "claims"} | DOCUMENTS
    assert sandbox.why("extract") == "review.yaml: authors changed; review.yaml: living changed"
    for step in drawn:  # for the style alone, not for what the protocol says otherwise
        assert sandbox.why(step) == f"style.mplstyle changed: {step.split()[1]}"
    for step in ("claims", *DOCUMENTS):
        for part in ("authors", "living"):
            assert f"review.yaml: {part} changed" in sandbox.why(step), sandbox.why(step)
    assert "Synthetica" in sandbox.text("manuscript/_output/manuscript.html")
    for name in ("manuscript", "supplement"):
        assert "Next search due: 27\u00a0April 2026" in sandbox.text(f"manuscript/_output/{name}.html")


GONE = {
    "figures/flow.svg": "overview flow",
    "figures/forest_cryotherapy.pdf": "therapy cryotherapy",
    "build/notebooks/overview_appraisal.ipynb": "overview appraisal",
    "build/results/overview/certainty.json": "overview certainty",
    "build/extract/flow.json": "extract",
    "manuscript/_variables.yml": "claims",
    "manuscript/_output/manuscript.pdf": "document manuscript",
    "build/documents/supplement.json": "document supplement",
    "manuscript/_output/changes.html": "changes",
    "build/places/supplement.json": "places",
}
EDITED = {
    "figures/flow.png": "overview flow",
    "build/results/therapy/cryotherapy.json": "therapy cryotherapy",
    "build/results/overview/appraisal.json": "overview appraisal",
    "build/notebooks/overview_certainty.ipynb": "overview certainty",
    "build/extract/certainty.json": "extract",
    "manuscript/_built/metadata.yml": "claims",
    "build/documents/manuscript.ast.json": "document manuscript",
    "manuscript/_output/supplement.html": "document supplement",
    "build/changes/changes.json": "changes",
    "build/changes/tracked.json": "tracked",
    "manuscript/_built/reporting/swim.md": "places",
}
"""A file of each kind that is built, and the step that makes it: of every step one that is deleted and one edited by hand."""


def test_outputs_deleted_or_edited_by_hand_come_back(sandbox: Sandbox) -> None:
    before = sandbox.outputs()
    kept = {path: (sandbox.review / path).read_bytes() for path in GONE | EDITED}

    def tamper(gone: dict[str, str], edited: dict[str, str]) -> set[tuple[str, str]]:
        """Delete and edit; returns each step with a cause that it is to tell."""
        for path, content in kept.items():
            if path in gone:
                (sandbox.review / path).unlink()
            else:
                (sandbox.review / path).write_bytes(content + b"\n")
        found = {(producer, f"{path} was missing") for path, producer in gone.items()}
        return found | {(producer, f"{path} was changed by hand") for path, producer in edited.items()}

    # the other way round: each is noticed
    told = tamper(EDITED, GONE)
    certain = sandbox.foreseen()["certain"]
    assert told == {(step, cause) for step in certain for cause in certain[step]["causes"]}
    for path, content in kept.items():
        (sandbox.review / path).write_bytes(content)
    told = tamper(GONE, EDITED)
    # what is made comes out the same, so that beyond the producers only the gates look at it again
    assert sandbox.build() == {*GONE.values(), *EDITED.values(), "collect"}
    for producer, cause in told:
        assert cause in sandbox.why(producer)
    for path in EDITED:
        assert (sandbox.review / "build/edited-by-hand" / path).is_file()
    assert sandbox.outputs() == before


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
