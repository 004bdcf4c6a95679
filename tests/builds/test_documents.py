"""What a reader finds in the documents of a built review: hostile words printed as they are, nothing unresolved."""

from __future__ import annotations

import html
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from livingreview.claims.wording import percent_range

from .sandbox import Sandbox

pytestmark = pytest.mark.build

DOCUMENTS = ("manuscript", "supplement")
FORMATS = ("html", "docx", "pdf")
HOSTILE = (
    "<script>alert(1)</script>",
    "{{< var x >}}",
    "$x^2$",
    "@fig-x",
    "`code`",
    r"\textbf{latex}",
    "#let a = 1",
)


def _words(path: Path) -> str:
    """All text of a document without white space, curly quotes made straight (the citation style sets them)."""
    if path.suffix == ".html":
        # what lies behind a number is shown when it is asked for; it is no text of the page
        text = re.sub(r"(?s)<(style|svg|script)\b.*?</\1>", "", path.read_text(encoding="utf-8"))
        text = html.unescape(re.sub(r"<[^>]*>", "", text))
    elif path.suffix == ".docx":
        with zipfile.ZipFile(path) as archive:
            parts = [n for n in archive.namelist() if n.startswith("word/") and n.endswith(".xml")]
            text = html.unescape(re.sub(r"<[^>]*>", "", "".join(archive.read(n).decode() for n in parts)))
    else:
        # without what stands at the head and foot of a page, a sentence may go on over two of them
        pages = (page.extract_text() for page in PdfReader(path).pages)
        text = "".join(re.sub(r"\A[^\n]* Version \S+\n|\n?Page \d+ of \d+\s*\Z", "", page) for page in pages)
    return re.sub(r"[\s­]+", "", text)


@pytest.fixture(scope="module")
def words(built_once: Path) -> dict[str, str]:
    output = built_once / "review/manuscript/_output"
    return {f"{d}.{f}": _words(output / f"{d}.{f}") for d in DOCUMENTS for f in FORMATS}


@pytest.fixture(scope="module")
def heat(built_once: Path) -> dict[str, Any]:
    """Analyses by code of the therapy with many series."""
    result = (built_once / "review/build/results/therapy/hyperthermia.json").read_text(encoding="utf-8")
    return {a["code"]: a for a in json.loads(result)["analyses"]}


def _says(text: str, *parts: str) -> list[str]:
    """The parts that a document does not say; white space and the hyphens of broken lines do not count."""

    def plain(part: str) -> str:
        return re.sub(r"[\s\u00ad\u2010-]+", "", part)

    return [part for part in parts if plain(part) not in plain(text)]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_fitted_model_is_named_with_its_mean_median_and_prediction_interval(
    words: dict[str, str], heat: dict[str, Any], kind: str
) -> None:
    main = heat["skin_response"]["main"]
    assert main["fitted"] and heat["skin_response"]["k"] == 15
    parts = [main["name"], "mean", "median", "prediction interval"]
    for name in ("estimate", "median", "prediction"):
        found = main[name]
        parts.append(percent_range(found["lower"], found["upper"], found["n"]))
    assert _says(words[f"manuscript.{kind}"].casefold(), *(p.casefold() for p in parts)) == []


@pytest.mark.parametrize("kind", FORMATS)
def test_disagreement_between_analyses_is_said(
    words: dict[str, str], heat: dict[str, Any], kind: str
) -> None:
    verdict = heat["skin_response"]["verdict"]
    assert verdict["agree"] is False and len(verdict["states"]) > 1
    assert "split" in verdict["text"]
    assert _says(words[f"manuscript.{kind}"], verdict["text"], heat["skin_response"]["tipping"]["text"]) == []


@pytest.mark.parametrize("kind", FORMATS)
def test_a_model_that_was_not_fitted_says_why(words: dict[str, str], heat: dict[str, Any], kind: str) -> None:
    main = heat["walking"]["main"]
    assert not main["fitted"]
    why = main["reason"].split(", so no model")[0]
    assert why == "The outcome was seen in all of 66"
    assert _says(words[f"supplement.{kind}"], f"Exact interval. {why}.") == []


@pytest.mark.parametrize("kind", FORMATS)
def test_figures_of_the_earlier_version_have_their_verdict(words: dict[str, str], kind: str) -> None:
    said = (
        "Agree. It was 70 %",
        "Differ. It was 13 %",
        "the intervals do not overlap.",
        "very likely the same patients",
    )
    assert _says(words[f"manuscript.{kind}"], *said) == []


@pytest.mark.parametrize("kind", FORMATS)
def test_the_summary_of_findings_says_how_sure_and_who_signed(
    words: dict[str, str], built_once: Path, kind: str
) -> None:
    overview = built_once / "review/build/results/overview/certainty.json"
    certainty = json.loads(overview.read_text(encoding="utf-8"))["certainty"]
    findings = [f for f in certainty["findings"] if f["certainty"]]
    assert {f["status"] for f in findings} >= {"proposed", "reopened"}
    said = {f["certainty"] for f in findings} | {f["means"] for f in findings}
    assert any("proposed, not signed" in text for text in said)
    assert _says(words[f"manuscript.{kind}"], *said) == []


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_title_prints_as_it_was_typed(words: dict[str, str], kind: str, text: str) -> None:
    assert re.sub(r"\s+", "", text) in words[f"supplement.{kind}"]


@pytest.mark.parametrize("name", [f"{d}.{f}" for d in DOCUMENTS for f in FORMATS])
def test_nothing_is_left_unresolved(words: dict[str, str], name: str) -> None:
    for mark in ("?var:", "?meta:", "?@", "{{<include", "fig-flow", "tbl-responses", "nan%"):
        assert mark not in words[name], mark


@pytest.mark.parametrize("kind", FORMATS)
def test_items_of_the_supplement_are_numbered_with_s(words: dict[str, str], kind: str) -> None:
    assert "TableS1" in words[f"supplement.{kind}"]
    assert "Table1" in words[f"manuscript.{kind}"] and "Figure1" in words[f"manuscript.{kind}"]


def test_study_ids_and_raw_addresses_never_print(words: dict[str, str], sandbox: Sandbox) -> None:
    studies = sandbox.rows("studies")
    ids = [s["study_id"] for s in studies if not s["study_id"].startswith("nct")]
    addresses = [s["source_url"] for s in studies if s["source_url"] and "doi.org" not in s["source_url"]]
    notes = [re.sub(r"\s+", "", s["extraction_note"]) for s in studies if len(s["extraction_note"]) > 20]
    for name, text in words.items():
        assert not [x for x in addresses + notes if x in text], name
        # the table of origins gives keys of claims, of which an id may be a part: after a dot, with leave to break the line
        assert not [x for x in ids if re.search(rf"(?<![._\u200b]){x}", text)], name


def test_web_pages_are_one_file_and_ask_nothing_of_the_net(built_once: Path) -> None:
    for name in DOCUMENTS:
        text = (built_once / f"review/manuscript/_output/{name}.html").read_text(encoding="utf-8")
        loaded = re.findall(r"<(?:script|img|link|iframe|source)\b[^>]*?(?:src|href)=\"([^\"]+)\"", text)
        assert not [u for u in loaded if not u.startswith(("data:", "#"))], name
        assert "<html" in text and 'lang="en"' in text


def test_all_fonts_of_the_pdf_are_embedded(built_once: Path) -> None:
    for name in DOCUMENTS:
        reader = PdfReader(built_once / f"review/manuscript/_output/{name}.pdf")
        for page in reader.pages:
            for font in (page["/Resources"].get("/Font") or {}).values():
                for inner in font.get_object().get("/DescendantFonts", [font]):
                    descriptor = inner.get_object().get("/FontDescriptor")
                    assert descriptor is not None, font
                    assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor.get_object()), font


def test_no_page_is_empty_and_each_says_which_it_is(built_once: Path) -> None:
    for name in DOCUMENTS:
        pages = [
            p.extract_text() for p in PdfReader(built_once / f"review/manuscript/_output/{name}.pdf").pages
        ]
        for number, text in enumerate(pages, start=1):
            assert f"Page {number} of {len(pages)}" in text
            assert len(text) > 60, f"{name}, page {number}"
