"""The manuscript's prose: numbers come from claims, every name it uses exists, and it keeps to the words agreed."""

from __future__ import annotations

import re
from pathlib import Path

import claims_review as review
import pytest

from livingreview.claims.build import build
from livingreview.prose import check
from livingreview.reporting import labels, lists
from livingreview.synthesis.estimates import METHODS

MANUSCRIPT = review.ROOT / "manuscript/manuscript.qmd"
SUPPLEMENT = review.ROOT / "manuscript/supplement.qmd"
SHORTCODE = re.compile(r"\{\{<\s*(\w+)\s+([^>]*?)\s*>\}\}")


def body(path: str) -> str:
    """Text of a document without its front matter."""
    return re.sub(r"\A---\n.*?\n---\n", "", path, flags=re.DOTALL)


def sections() -> dict[str, list[tuple[int, str]]]:
    """Lines of the manuscript with their numbers, by section of the first level."""
    found: dict[str, list[tuple[int, str]]] = {}
    name = ""
    for number, line in enumerate(MANUSCRIPT.read_text(encoding="utf-8").splitlines(), 1):
        if match := re.match(r"# ([^{]+)", line):
            name = match.group(1).strip()
        found.setdefault(name, []).append((number, line))
    return found


@pytest.mark.parametrize("folder", [review.ROOT, review.ROOT / "tests/review"], ids=["real", "synthetic"])
def test_numbers_come_from_claims_and_checklists_have_places(folder: Path) -> None:
    # warnings too: the list of numbers that need no claim holds nothing that is not needed
    assert check.problems(folder, review.ROOT, labels.listed(folder)) == []


@pytest.mark.parametrize("path", [MANUSCRIPT, SUPPLEMENT])
def test_every_claim_that_prose_names_exists(path: object) -> None:
    claims = build(review.sources())
    gone = build(review.without_studies())
    for kind, name in SHORTCODE.findall(path.read_text(encoding="utf-8")):  # type: ignore[attr-defined]
        if kind == "var":
            assert name in claims, name
            assert name in gone, f"{name} would be missing without studies"
        else:
            assert kind == "include"
            if name.startswith(
                "_built/reporting/"
            ):  # made from the rendered main text, by the gate of the places
                assert Path(name).stem in ["origins", *lists.load(review.ROOT, review.ROOT)]
                continue
            assert (review.built() / "manuscript" / name).is_file(), name


@pytest.mark.parametrize("path", [MANUSCRIPT, SUPPLEMENT])
def test_every_citation_is_in_the_references(path: object) -> None:
    text = SHORTCODE.sub("", path.read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    known = set(
        re.findall(
            r"^@\w+\{([^,]+),", (review.ROOT / "manuscript/references.bib").read_text(encoding="utf-8"), re.M
        )
    )
    cited = {c for c in re.findall(r"@([\w:-]+)", text) if not re.match(r"(fig|tbl|sec)-", c)}
    assert cited <= known


def test_references_are_all_cited_and_have_well_formed_dois() -> None:
    bibliography = (review.ROOT / "manuscript/references.bib").read_text(encoding="utf-8")
    keys = re.findall(r"^@\w+\{([^,]+),", bibliography, re.M)
    assert len(keys) == len(set(keys))
    cited = {
        key
        for path in (MANUSCRIPT, SUPPLEMENT)
        for key in re.findall(r"@([\w:-]+)", SHORTCODE.sub("", path.read_text(encoding="utf-8")))
    }
    assert [k for k in keys if k not in cited] == []
    for doi in re.findall(r"doi\s*=\s*\{([^}]*)\}", bibliography):
        assert re.fullmatch(r"10\.\d{4,9}/\S+", doi)
    # a study's key in both bibliographies would be ambiguous
    assert not set(keys) & {item["id"] for item in review.sources().bibliography}


def citations(value: object) -> set[str]:
    """Every value of a field called ``citation`` in nested results."""
    if isinstance(value, dict):
        own = {value["citation"]} if isinstance(value.get("citation"), str) else set()
        return own.union(*(citations(v) for v in value.values()))
    return set().union(*(citations(v) for v in value)) if isinstance(value, list) else set()


def test_every_method_has_its_reference() -> None:
    bibliography = (review.ROOT / "manuscript/references.bib").read_text(encoding="utf-8")
    known = set(re.findall(r"^@\w+\{([^,]+),", bibliography, re.M))
    used = {method.citation for method in METHODS.values()}
    used |= citations(review.sources().results) | set(review.sources().rated.citations)
    assert {"stijnen2010", "clopper1934", "guyatt2008"} <= used
    assert used - known == set()


def test_the_methods_name_each_declared_model_with_its_source() -> None:
    declared = review.sources().documents["analyses"]
    text = MANUSCRIPT.read_text(encoding="utf-8")
    methods = text[text.index("# Methods") : text.index("# Results")]
    for model in [declared["primary_model"], *declared["comparison_models"]]:
        assert f"@{METHODS[model].citation}" in methods, model


def test_nothing_denies_what_is_now_done() -> None:
    for path in (MANUSCRIPT, SUPPLEMENT):
        text = path.read_text(encoding="utf-8").casefold()
        for gone in ("no model was fitted.", "nothing is pooled", "certainty of evidence was not rated"):
            assert gone not in text


def test_what_was_declared_with_the_reports_at_hand_is_said() -> None:
    text = MANUSCRIPT.read_text(encoding="utf-8")
    deviations = text[text.index("{#sec-deviations}") : text.index("# Results")]
    assert "declared with the reports at hand" in deviations


def test_every_part_of_the_manuscript_is_there() -> None:
    names = list(sections())
    assert [n for n in names if n in ("Abstract", "Introduction", "Methods", "Results", "Discussion", "Statements")] == [
        "Abstract", "Introduction", "Methods", "Results", "Discussion", "Statements",
    ]  # fmt: skip
    text = MANUSCRIPT.read_text(encoding="utf-8")
    for part in ("Background.", "Objective.", "Methods.", "Results.", "Conclusions."):
        assert f"**{part}**" in text
    text += (MANUSCRIPT.parents[1] / "review.yaml").read_text(encoding="utf-8")  # whose statements it prints
    assert "{{< include _built/parts/statements.md >}}" in text
    for told in ("No bibliographic database was searched", "not endorsed", "no second reviewer", "unclear"):
        assert told.casefold() in text.casefold()


def test_length_and_words() -> None:
    text = SHORTCODE.sub("x", body(MANUSCRIPT.read_text(encoding="utf-8")))
    assert 2500 <= len(text.split()) <= 4000
    for path in (MANUSCRIPT, SUPPLEMENT):
        assert not re.search(
            r"response rate|success rate|statistically significant|proven",
            path.read_text(encoding="utf-8"),
            re.I,
        )
