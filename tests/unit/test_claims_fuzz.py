"""Whatever valid data a review holds, each number of its generated sentences is a claim; and were one not, no build would stop."""

from __future__ import annotations

import claims_review as review
import claims_variants as variants
import pytest

from livingreview.claims import check, figures
from livingreview.claims.build import Sources, build
from livingreview.claims.facts import reason_facts
from livingreview.claims.marks import Marks, spanned
from livingreview.claims.model import Claims
from livingreview.errors import Problem
from livingreview.steps import claims as gate

OVERVIEWS = ("flow", "flow_releases", "responses", "appraisal", "timeline")


def faults(sources: Sources) -> list[Problem]:
    """Numbers of sentences, captions and paragraphs that are no claims."""
    claims = build(sources)
    claims.nested(markup=True)
    texts = gate._texts(sources, claims)
    families = [f"{family}{code}" for family in figures.FAMILIES for code in sources.results["therapies"]]
    texts |= {
        f"figures/{name}.md": figures.include(name, sources.material) for name in (*OVERVIEWS, *families)
    }
    return claims.faults + check.text_faults(texts, claims, sources.documents, sources.labels)[1]


def test_no_number_of_the_reviews_is_unmarked() -> None:
    assert faults(review.sources()) == []
    assert faults(review.without_studies()) == []
    assert faults(variants.unchanged("synthetic")) == []


@pytest.mark.parametrize(("name", "seed"), [("synthetic", 203), ("real", 123), ("real", 176)])
def test_no_number_is_unmarked_in_a_variant(name: str, seed: int) -> None:
    _, sources = variants.variant(name, seed)
    assert sources is not None
    assert faults(sources) == []


@pytest.mark.soak
@pytest.mark.parametrize("name", list(variants.REVIEWS))
@pytest.mark.parametrize("first", range(0, 300, 20))
def test_no_number_is_unmarked_in_many_variants(name: str, first: int) -> None:
    found = {}
    for seed in range(first, first + 20):
        done, sources = variants.variant(name, seed)
        if sources is not None and (told := faults(sources)):
            found[seed, *done] = [str(p) for p in told]
    assert found == {}


def test_a_fault_of_the_program_is_a_warning_and_its_mark_goes(capsys: pytest.CaptureFixture[str]) -> None:
    documents = review.sources().documents
    m = Marks("laser.x", "Symptoms", "lesion")
    claims = Claims(strict=False)
    claims.add("a.first", None, f"From {m('k', 3)}.", unit="text", definition="a sentence")
    claims.add("a.other", None, f"From {m('k', 4)} of 7.", unit="text", definition="a sentence")
    claims.add("a.third", None, f"From {m.other('no.such', '5')}.", unit="text", definition="a sentence")
    found = check.faults(claims, documents, [])
    assert [(p.severity, p.value) for p in found] == [
        ("warning", "From 4 of 7."),
        ("warning", "From 4 of 7."),
        ("warning", "From 5."),
    ]
    assert all(p.message.startswith("a fault of the program, not in your data") for p in found)
    assert claims["a.first"].parts == ["laser.x.k"]
    assert claims["a.other"].parts == claims["a.third"].parts == []
    assert claims["a.other"].markup() == "From 4 of 7."
    gate._tell(found)
    assert "prints the number 7, which is no claim" in capsys.readouterr().err
    caption = f": From {m.other('no.such', '5')} and {m.other('laser.x.k', '3')}."
    kept, told = check.text_faults({"tables/a.md": caption}, claims, documents, [])
    assert len(told) == 1
    assert spanned(kept["tables/a.md"]) == ': From 5 and [3]{data-claim="laser.x.k"}.'


def test_a_limit_near_the_threshold_is_found_with_its_further_digits() -> None:
    m = Marks("laser.x", "Symptoms", "lesion")
    claims = Claims()
    text = m.within("from 62\u00a0% to 59.97\u00a0%; 27 to \\>99\u00a0% at 0.8", [
        ("from", 0.623, "limit"), ("to", 0.59968, "limit"), ("lower", 0.269, "limit"), ("upper", 0.9991, "limit"),
        ("near", 0.7551, "limit"), ("icc", 0.8, "correlation"),
    ])  # fmt: skip
    claims.add("a.sentence", None, text, unit="text", definition="a sentence")
    assert claims["a.sentence"].parts == [f"laser.x.{n}" for n in ("from", "to", "lower", "upper", "icc")]
    assert claims["laser.x.to"].text == "59.97\u00a0%"


def test_the_reason_why_nothing_enters_names_its_numbers() -> None:
    m = Marks("laser.x", "Symptoms", "lesion")
    reason = "No study gives a count up to 12 months; 1 reports only later; 2 studies with a count: fewer than 3 of them"
    claims = Claims()
    text = m.within(reason, reason_facts({"k": 0, "main": {"reason": reason}}))
    claims.add("a.sentence", None, text, unit="text", definition="a sentence")
    names = ["latest_months", "only_later", "not_taken3", "reason4"]
    assert claims["a.sentence"].parts == [f"laser.x.{n}" for n in names]
    assert claims["laser.x.latest_months"].definition.endswith("in months")
