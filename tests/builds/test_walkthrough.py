"""An update as a newcomer makes it: release, add two studies, correct one, retract one, build, read what changed, release again."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from .sandbox import REPOSITORY, Sandbox

pytestmark = pytest.mark.build

FIRST, NEXT = "2026.02", "2026.08"
ADDED = """\
study:
  study_id: {key}
  first_author: {author}
  year: {year}
  title: {title}
  journal: Synthetic Journal of Sports Podiatry
  doi: 10.5555/synthetic.{year}.{number}
  country: Norway
  design: series
  source_url: https://example.org/{key}
  source_kind: paper
  eligibility: included
  unverified_criteria: [sport of every athlete]
records: {{stream: freezing}}
arms:
  - {{arm_id: a, therapy: cryotherapy, agent_detail: liquid nitrogen, n_patients: {total}}}
outcomes:
  - {{outcome_id: o1, outcome: clearing, construct: skin, unit: patient, category: complete, events: {cleared}, total: {total}, basis: results_section}}
  - {{outcome_id: o2, outcome: clearing, construct: skin, unit: patient, category: none, events: {failed}, total: {total}, basis: results_section}}
appraisals:
  - {{tool: synthetic_series, item_number: 1, judgement: "yes", reason: Said.}}
  - {{tool: synthetic_series, item_number: 2, judgement: "yes", reason: Said.}}
  - {{tool: synthetic_series, item_number: 3, judgement: unclear, reason: Not told.}}
  - {{tool: synthetic_series, item_number: 4, judgement: "no", reason: Said.}}
"""


def git(folder: Path, *arguments: str) -> str:
    settings = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(
        ["git", *settings, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def commit(folder: Path) -> None:
    """Commit everything in a folder, which becomes a repository if it is none."""
    if not (folder / ".git").exists():
        shutil.copy2(REPOSITORY / ".gitignore", folder)
        git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "a commit")


def call(sandbox: Sandbox, *words: str) -> tuple[int, str]:
    """Exit status of the command line, and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "livingreview", *words, "--directory", str(sandbox.review)],
        cwd=sandbox.root,
        env={**sandbox.environment, "PYTHONPATH": str(sandbox.root / "analysis")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def content(sandbox: Sandbox, path: str) -> Any:
    return json.loads(sandbox.text(path))


def documents(sandbox: Sandbox) -> dict[str, str]:
    """Digests of the documents themselves, without what compares them with a release."""
    names = {
        f"manuscript/_output/{d}.{f}" for d in ("manuscript", "supplement") for f in ("pdf", "docx", "html")
    }
    return {p: d for p, d in sandbox.outputs().items() if p in names}


def update(sandbox: Sandbox) -> None:
    """The edits of an update: a new version, two studies more, one corrected, one retracted."""
    sandbox.replace("review.yaml", f'version: "{FIRST}"', f'version: "{NEXT}"')
    for key, author, number, cleared, total in (
        ("holm2025", "Holm", 41, 7, 12),
        ("lund2025", "Lund", 42, 9, 11),
    ):
        path = sandbox.review.parent / f"{key}.yaml"
        path.write_text(
            ADDED.format(key=key, author=author, year=2025, number=number, title=f"Freezing as seen by {author}",
                         cleared=cleared, failed=total - cleared, total=total),
            encoding="utf-8",
        )  # fmt: skip
        status, said = call(sandbox, "add-study", "--from", str(path))
        assert status == 0, said

    def correct(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        new = {"o4": "3", "o6": "11"}
        for row in rows:
            if row["study_id"] == "okonkwo2004" and row["outcome_id"] in new:
                row["events"] = new[row["outcome_id"]]
        return rows

    def retract(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        row = next(r for r in rows if r["study_id"] == "zhou2023")
        row |= {
            "status": "retracted",
            "status_date": "2026-01-15",
            "status_notice": "The invented journal withdrew it.",
        }
        return rows

    sandbox.edit("outcomes", correct)
    sandbox.edit("studies", retract)


def test_an_update_from_release_to_release(sandbox: Sandbox) -> None:
    for folder in (sandbox.root, sandbox.review):
        commit(folder)
    before = documents(sandbox)

    # the first release: the documents do not change because their version is now in the ledger
    status, said = call(sandbox, "release", FIRST)
    assert status == 0, said
    made = content(sandbox, f"data/releases/{FIRST}/manifest.json")
    assert (made["look"], made["kind"], made["previous"]["version"]) == (1, "released", "2015")
    assert made["commit"] == git(sandbox.review, "rev-parse", "HEAD").strip()
    assert str(sandbox.review) not in json.dumps(made) and str(sandbox.root) not in json.dumps(made)
    assert sandbox.build() == {"extract", "tracked", "changes"}
    assert documents(sandbox) == before
    assert content(sandbox, "build/changes/changes.json")["unchanged"]
    assert "Nothing changed" in sandbox.text("manuscript/_output/changes.html")
    status, said = call(sandbox, "release", FIRST)
    assert status == 1 and "has been released already" in said and "not committed" in said
    commit(sandbox.review)
    assert call(sandbox, "verify-ledger")[0] == 0

    # the update: the second extractor had read the old numbers, and what rests on them is not released before it is settled
    update(sandbox)
    commit(sandbox.review)
    status, said = call(sandbox, "release", NEXT)
    assert status == 1 and "not adjudicated" in said and "3 (first), 11 (second)" in said, said
    for old, new in (("okonkwo2004,o4,a,clearing,skin,patient,complete,11,", "okonkwo2004,o4,a,clearing,skin,patient,complete,3,"),
                     ("okonkwo2004,o6,a,clearing,skin,patient,none,3,", "okonkwo2004,o6,a,clearing,skin,patient,none,11,")):  # fmt: skip
        sandbox.replace("data/raw/second/outcomes.csv", old, new)
    commit(sandbox.review)
    sandbox.foretold = True
    ran = sandbox.build()
    assert ran == {
        *("extract", "therapy cryotherapy", "therapy salicylic_acid", "collect", "claims"),
        *(f"overview {o}" for o in ("appraisal", "certainty", "characteristics", "comparison", "flow")),
        *("document manuscript", "places", "document supplement", "tracked", "changes"),
    }
    assert sandbox.why("therapy cryotherapy").startswith(
        "holm2025 added; lund2025 added; zhou2023 changed in studies.csv"
    )
    assert "Retracted and left out of all syntheses: Zhou 2023 (notice of 2026-01-15)" in sandbox.said
    _what_changed(sandbox)
    _tracked_changes(sandbox)
    status, said = call(sandbox, "release", NEXT)
    assert status == 0, said
    commit(sandbox.review)
    status, said = call(sandbox, "verify-ledger")
    assert status == 0 and f"3 releases (2015 (published), {FIRST}, {NEXT})" in said, said
    second = content(sandbox, f"data/releases/{NEXT}/manifest.json")
    assert (second["look"], second["previous"]["version"], second["previous"]["digest"]) == (
        2,
        FIRST,
        made["digest"],
    )

    # any two versions, and versions that are not there
    status, said = call(sandbox, "changes", "--since", FIRST, "--until", NEXT)
    assert status == 0, said
    status, said = call(sandbox, "changes", "--since", "2026.20")
    assert status == 1 and "no such version in the ledger" in said

    # the first release again from its commit, byte for byte
    status, said = call(sandbox, "rebuild-release", FIRST)
    assert status == 0, said
    assert f"Byte-identical: {len(made['outputs'])} outputs" in said

    # by the workflow engine: 2026.10 must not become the number 2026.1, and nothing has changed
    sandbox.foretold = False
    sandbox.replace("review.yaml", f'version: "{NEXT}"', 'version: "2026.10"')
    commit(sandbox.review)
    sandbox.build("release", "--config", "version=2026.10", expect=1)
    assert f"nothing changed since {NEXT}" in sandbox.said, sandbox.said

    claims = sandbox.review / f"data/releases/{FIRST}/claims.json"
    claims.write_text("{}", encoding="utf-8")
    status, said = call(sandbox, "verify-ledger")
    assert status == 1 and f"data/releases/{FIRST}/claims.json: differs from what was released" in said


def _what_changed(sandbox: Sandbox) -> None:
    found = content(sandbox, "build/changes/changes.json")
    assert (found["before"]["version"], found["unchanged"]) == (FIRST, False)
    told = {what: [s["id"] for s in found["studies"][what]] for what in ("added", "corrected", "retracted")}
    assert told == {
        "added": ["holm2025", "lund2025"],
        "corrected": ["okonkwo2004"],
        "retracted": ["zhou2023"],
    }
    moved = {m["key"]: m for m in found["claims"]["moved"]}
    cleared = moved["salicylic_acid.analysis.skin_cleared.events"]
    assert (cleared["change"], cleared["studies"], cleared["due"]["first"]) == (
        -8,
        ["okonkwo2004"],
        "corrected data",
    )
    # 25 athletes of the retracted study go, 12 and 11 of the new ones come
    evaluated = moved["cryotherapy.analysis.skin_response.n"]
    assert evaluated["change"] == -2 and set(evaluated["studies"]) == {"holm2025", "lund2025", "zhou2023"}
    shares = {part["name"]: part["share"] for part in evaluated["due"]["parts"]}
    assert shares == {"studies withdrawn": -25, "new studies and search": 23}
    alerts = {c["id"]: c["alert"] for c in found["conclusions"]}
    assert alerts["acid_cleared"]["level"] == "amber" and alerts["acid_cleared"]["reasons"]
    assert {a["level"] for name, a in alerts.items() if name != "acid_cleared"} == {"none"}
    page = sandbox.text("manuscript/_output/changes.html")
    for words in ("<del>11</del>", "<ins>3</ins>", "Okonkwo 2004", "Holm 2025", "Zhou 2023", "withdrew it"):
        assert words in page, words
    assert str(sandbox.review) not in page and str(sandbox.root) not in page


def _tracked_changes(sandbox: Sandbox) -> None:
    with zipfile.ZipFile(sandbox.review / "manuscript/_output/manuscript_changes.docx") as archive:
        xml = archive.read("word/document.xml").decode("utf-8")
    assert len(re.findall("<w:ins ", xml)) > 20 and len(re.findall("<w:del ", xml)) > 20
    assert set(re.findall('w:author="([^"]*)"', xml)) == {f"Version {NEXT}"}
    inserted = re.sub("<[^>]*>", " ", " ".join(re.findall(r"(?s)<w:ins .*?</w:ins>", xml)))
    assert "Holm" in inserted
    page = sandbox.text("manuscript/_output/manuscript_changes.html")
    assert "<ins" in page and "<del" in page
