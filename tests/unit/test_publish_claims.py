"""Claims in the documents: buttons in the HTML with all that they show, and plain text everywhere else."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import claims_review as review

from livingreview.publish import claims
from livingreview.publish.pandoc import pandoc_path
from livingreview.publish.project import Project

FILTER = review.ROOT / "manuscript/filters/claims.lua"
TEXT = 'Of [21]{data-claim="a.n"}–[24]{data-claim="a.max"} *[lesions]{data-claim="a.x"}*, [see [3]{data-claim="a.k"}](https://x.org).\n\n# In [7]{data-claim="a.h"} parts'


def converted(to: str) -> str:
    done = subprocess.run(
        [pandoc_path(), "--from", "markdown", "--to", to, "--wrap", "none", "--lua-filter", str(FILTER)],
        input=TEXT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout


def test_in_html_numbers_can_be_focused_and_pressed() -> None:
    text = converted("html5")
    assert re.search(
        r'<span class="claim" data-claim="a\.n" role="button" tabindex="0" aria-haspopup="dialog">21</span>',
        text,
    )
    # no button within a link or a heading
    assert claims.keys(text) == ["a.n", "a.max", "a.x"]


def test_elsewhere_nothing_is_left_of_them() -> None:
    for to in ("typst", "native", "plain"):
        text = converted(to)
        assert "claim" not in text
    assert 'Str "21\\8211\\&24"' in converted("native") or 'Str "21–24"' in converted("native")


def test_the_page_brings_the_records_of_what_it_prints(tmp_path: Path) -> None:
    folder = tmp_path / "manuscript/_built"
    folder.mkdir(parents=True)
    records = {"a.n": {"d": "lesions </script> & more"}, "a.other": {"d": "not printed"}}
    (folder / "claims.json").write_text(json.dumps(records), encoding="utf-8")
    page = tmp_path / "page.html"
    page.write_text('<body><span data-claim="a.n">21</span></body>', encoding="utf-8")
    claims.add(page, Project(tmp_path, review.ROOT))
    text = page.read_text(encoding="utf-8")
    data = re.search(r'<script type="application/json" id="claims-data">(.*?)</script>', text)
    assert data and json.loads(data[1]) == {"a.n": {"d": "lesions </script> & more"}}
    assert "a.other" not in text and text.endswith("</body>") and "Escape" in text


def test_a_page_without_claims_stays_as_it_is(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<body></body>", encoding="utf-8")
    claims.add(page, Project(tmp_path, review.ROOT))
    assert page.read_text(encoding="utf-8") == "<body></body>"
