"""Claims: wording of numbers, keys that never go missing, literal user text, and the files of the claims gate."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import claims_review as review
import pytest
import yaml

from livingreview import canonical
from livingreview.claims import frontmatter
from livingreview.claims import wording as w
from livingreview.claims.build import build
from livingreview.claims.figures import FAMILIES, attribute, include
from livingreview.claims.model import Claims
from livingreview.claims.previous import published_text
from livingreview.claims.safety import recurrence_of, recurrence_text
from livingreview.claims.scores import changes_text
from livingreview.claims.words import Words
from livingreview.errors import ReviewError
from livingreview.steps import claims as step
from livingreview.steps import collect

HOSTILE = '<script>alert(1)</script> {{< var x >}} $x$ @fig-x `code` [a](b) #let \\LaTeX *b* | "q" & ~s~ ^t^'


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (w.integer(1234567), "1,234,567"),
        (w.integer(None), "no data"),
        (w.integer(0), "0"),
        (w.number(4.90), "4.9"),
        (w.number(-67.0), "−67"),
        (w.number(2.125), "2.13"),
        (w.number(-0.001), "0"),
        (w.percent(12 / 21), "57\u00a0%"),
        (w.percent(0.125), "13\u00a0%"),
        (w.percent(0.0046), "<1\u00a0%"),
        (w.percent(0.9961), ">99\u00a0%"),
        (w.percent(0.0), "0\u00a0%"),
        (w.percent(1.0), "100\u00a0%"),
        (w.percent(0.1234, 200), "12.3\u00a0%"),
        (w.percent(0.0001, 5000), "<0.1\u00a0%"),
        (w.percent(0.99999, 5000), ">99.9\u00a0%"),
        (w.percent(None), "no data"),
        (w.percent_range(0.5809, 0.9455, 21), "58–95\u00a0%"),
        (w.percent_range(None, 0.5), "no data"),
        (w.span(2, 24), "2–24"),
        (w.span(3, 3), "3"),
        (w.span(-6, -1), "−6 to −1"),
        (w.span(None, 3), "3"),
        (w.span(None, None), "no data"),
        (w.level(0.95), "95\u00a0%"),
        (w.level(0.9), "90\u00a0%"),
        (w.studies(0), "no studies"),
        (w.studies(1), "1 study"),
        (w.counted(None, "patient", "patients"), "an unknown number of patients"),
        (w.listed([]), ""),
        (w.listed(["a"]), "a"),
        (w.listed(["a", "b", "c"], "or"), "a, b or c"),
        (w.sentence("no data"), "No data."),
        (w.sentence(""), ""),
        (w.clause("Not reported by Ada n.d."), "Not reported by Ada n.d."),
        (w.clause("At a correlation of 0.5."), "At a correlation of 0.5"),
        (w.paragraph("A.", "", " B. "), "A. B."),
        (w.day("2026-11-22"), "22\u00a0November 2026"),
        (w.day("n.d."), "n.d."),
        (w.day(None), "no data"),
        (
            w.estimate(17, 21, 0.5809, 0.9455, 0.95, "areas"),
            "17 of 21 areas (81\u00a0%, exact 95\u00a0% interval 58–95\u00a0%)",
        ),
    ],
)
def test_wording(text: str, wanted: str) -> None:
    assert text == wanted


def test_a_key_is_well_formed_and_given_once() -> None:
    claims = Claims()
    claims.add("a.b", 1, "1", definition="a number")
    with pytest.raises(ReviewError, match="two claims"):
        claims.add("a.b", 2, "2", definition="a number")
    for bad in ("", "A", "a b", "a..b", ".a", "a.", "a-b", "../x"):
        with pytest.raises(ReviewError, match="cannot be"):
            claims.add(bad, 1, "1", definition="a number")
    with pytest.raises(ReviewError, match="no text"):
        claims.add("c", None, " ", definition="a number")
    with pytest.raises(ReviewError, match="no definition"):
        claims.add("c", None, "no data")


@pytest.mark.parametrize("keys", [("a", "a.b"), ("a.b", "a.b.c")])
def test_a_claim_is_not_also_a_group_of_claims(keys: tuple[str, str]) -> None:
    claims = Claims()
    for key in keys:
        claims.add(key, 1, "1", definition="a number")
    with pytest.raises(ReviewError, match="claim"):
        claims.nested()


def test_a_claim_keeps_value_unit_definition_and_studies() -> None:
    claim = build(review.sources())["laser.response.lesion.symptom.responders"]
    assert claim.to_json() == {
        "value": 17,
        "text": "17",
        "format": "whole number",
        "unit": "lesion",
        "definition": "reported responses on construct symptom, unit lesion",
        "studies": ["bottomley1996"],
        "rows": [
            "arms:bottomley1996:a",
            *(f"outcomes:bottomley1996:{o}" for o in ("o1", "o2", "o3")),
        ],
        "made_by": {"notebook": "therapy", "cell": "totals"},
        "parts": [],
        "marked": [],
    }


def test_every_therapy_unit_and_construct_has_its_keys_with_data_or_without() -> None:
    full, empty = build(review.sources()), build(review.without_studies())
    protocol = review.sources().documents
    names = [
        *("k", "responders", "evaluated", "treated", "unreported"),
        *(
            f"{p}{n}"
            for p in ("", "complete.", "if_failures.")
            for n in ("percent", "lower", "upper", "text")
        ),
    ]
    for therapy in protocol["therapies"]:
        for unit in protocol["units"]:
            for construct in protocol["constructs"]:
                for name in names:
                    key = f"{therapy['code']}.response.{unit}.{construct}.{name}"
                    assert key in full
                    assert empty[key].value is None
                    assert empty[key].text == "no data"
    # numbers that only a sentence prints come and go with it
    assert {c.key for c in full} - full.implied == {c.key for c in empty} - empty.implied
    assert empty["harms.brief"].text == "No count of harms could be read."
    assert empty["included.summary"].text == "No study is included."
    assert empty["included.brief"].text == "No study is included."
    assert full["included.brief"].text.endswith(" treated patients, among them 11 case reports.")


def test_missing_counts_stay_missing_and_reported_zero_stays_zero() -> None:
    claims = build(review.sources())
    assert claims["eswl.response.patient.deposit.responders"].value is None
    assert claims["eswl.response.patient.deposit.percent"].text == "no data"
    assert claims["topical_sts.harms.text"].text.startswith(
        "any adverse event 0 of 3 patients (one-sided exact"
    )


def test_responses_show_treated_and_unreported_and_the_worst_case() -> None:
    claims = build(review.sources())
    summary = claims["intralesional_sts.response.summary"].text
    assert "7 of 7 evaluated patients" in summary
    assert "treated 45, evaluated 7, unreported 38" in summary
    assert "if all unreported had failed, 7 of 45" in summary
    brief = claims["intralesional_sts.response.brief"].text
    assert brief.startswith(
        "Intralesional sodium thiosulfate, 45 patients treated: reported responses in 7 of 7"
    )
    assert "38 unreported, 16\u00a0% if all of them had failed" in brief
    assert "number unreported not known" in claims["laser.response.brief"].text
    laser = claims["laser.response.summary"].text
    assert "17 of 21 evaluated lesions in 6 patients" in laser
    assert "complete: 12 of 21" in laser
    assert "recurrence as a result apart" in laser


def test_no_text_speaks_of_a_response_rate() -> None:
    for claim in build(review.sources()):
        assert not re.search(r"response rate|success rate|nan|None", claim.text), claim.key


def test_equal_counts_of_the_previous_version_are_very_likely_the_same_patients() -> None:
    claims = build(review.sources())
    same = claims["previous.laser.complete_remission_single_procedure.same"]
    assert same.value is True
    assert same.studies == ("bottomley1996",)
    assert "very likely the same patients" in same.text
    # the table beside the text says it in the same words
    assert "very likely the same patients" in claims[same.key.removesuffix("same") + "verdict"].text
    assert claims["previous.recurrence.overlap"].text == "unknown"


@pytest.mark.parametrize(
    ("path", "value", "wanted"),
    [
        ("n_studies", 40, "40"),
        ("x_percent", {"min": 64, "max": 81}, "64–81\u00a0%"),
        ("months", {"mean": 4.9, "min": 2, "max": 24}, "mean 4.9 (range 2–24)"),
        ("vas", {"median": 3, "min": 0, "max": 9}, "median 3 (range 0–9)"),
        ("pain_percent", {"more_than": 11}, "more than 11\u00a0%"),
        (
            "r",
            {"events": 3, "total": 136, "percent": 2},
            "3 of 136 (2\u00a0%, exact 95\u00a0% interval <1–6\u00a0%)",
        ),
        ("odd", {"quartile": 3}, None),
    ],
)
def test_published_figures_are_quoted(path: str, value: Any, wanted: str | None) -> None:
    assert published_text(path, value, 0.95) == wanted


def test_hostile_text_prints_literally() -> None:
    import pypandoc

    found = review.sources()
    therapies = [{**t, "name": HOSTILE} if t["code"] == "laser" else t for t in found.documents["therapies"]]
    laser = found.results["therapies"]["laser"]
    results = {
        "therapies": {
            **found.results["therapies"],
            "laser": {**laser, "therapy": {**laser["therapy"], "name": HOSTILE}},
        }
    }
    claims = build(
        replace(
            found, documents={**found.documents, "therapies": therapies, "funding": HOSTILE}, results=results
        )
    )
    assert "{{<" not in json.dumps(claims.nested())
    text = "\n\n".join([claims["laser.name"].text, claims["review.funding"].text])
    plain = pypandoc.convert_text(text, "plain", format="markdown", extra_args=["--wrap=none"])
    assert plain.count("<script>alert(1)</script> {{< var x >}} $x$ @fig-x `code` [a](b)") == 2


def test_front_matter_follows_the_author_schema_and_is_escaped() -> None:
    documents = {
        "title": "A * title", "short_title": "T", "version": "1.2", "date": "2026-01-02", "keywords": ["k*"],
        "authors": [
            {"name": "A B", "given": "A", "family": "B*", "orcid": "0000-0002-1825-0097", "email": "a@b.org", "corresponding": True,
             "affiliations": ["x"], "roles": ["Software"]},
            {"name": "Group"},
        ],
        "affiliations": {"x": {"name": "Uni*", "city": None, "country": "Z", "ror": "https://ror.org/04a9tmd77"}},
        "status": "draft", "living": {"mode": "active", "proposed": True}, "schedule": {"searched": "2025-12-01", "due": "2026-06-01"},
    }  # fmt: skip
    found = frontmatter.front_matter(documents)
    assert found["title"] == r"A \* title: a living systematic review (version 1.2)"
    assert found["author"][0] == {
        "name": {"given": "A", "family": r"B\*"}, "orcid": "0000-0002-1825-0097", "email": "a@b.org", "corresponding": True,
        "affiliations": [{"ref": "x"}], "roles": ["Software"],
    }  # fmt: skip
    assert found["author"][1] == {"name": {"literal": "Group"}}
    assert found["facts"] == [
        {"name": "Last search", "text": "1\N{NO-BREAK SPACE}December 2025"},
        {"name": "Next search due", "text": "1\N{NO-BREAK SPACE}June 2026 (proposed)"},
    ]
    assert found["affiliations"] == [
        {"id": "x", "name": r"Uni\*", "country": "Z", "url": "https://ror.org/04a9tmd77"}
    ]
    assert "living" not in frontmatter.full_title("A living systematic review of x", "1").removeprefix(
        "A living"
    )


def test_alternative_text_cannot_leave_its_attribute() -> None:
    assert not set(attribute(HOSTILE)) & set('<>{}"\\`$@[]')
    figure = include("flow", review.sources().material)
    assert figure.startswith("![Flow of records")
    assert '{#fig-flow fig-alt="' in figure


def test_the_gate_writes_the_same_bytes_again_and_removes_leftovers(tmp_path: Path) -> None:
    review.prepare(tmp_path)
    step.run(tmp_path, review.ROOT, tmp_path / "build/claims")
    for name in ("tables/gone.md", "figures/forest_gone.svg", "supplement/gone.md"):
        canonical.write_text(tmp_path / "manuscript/_built" / name, "old")
    canonical.write_text(tmp_path / "manuscript/_built/reference.docx", "not ours")
    for family in FAMILIES:
        canonical.write_bytes(tmp_path / f"figures/{family}gone.svg", review.PIXEL)
    written = step.run(tmp_path, review.ROOT, tmp_path / "build/claims")
    files = {p.relative_to(tmp_path).as_posix() for p in (tmp_path / "manuscript").rglob("*") if p.is_file()}
    assert not [f for f in files if "gone" in f]
    assert "manuscript/_built/reference.docx" in files
    assert files - {"manuscript/_built/reference.docx"} == {
        p.relative_to(tmp_path).as_posix() for p in written if "manuscript" in p.parts
    }
    here, there = tmp_path, review.built()
    for path in written:
        name = path.relative_to(here)
        assert path.read_bytes() == (there / name).read_bytes(), name


def test_a_document_lists_only_what_it_can_print() -> None:
    folder = review.built() / "build/claims"
    main, more = (canonical.read_json(folder / f"{n}.json")["prints"] for n in ("manuscript", "supplement"))
    assert set(more) - set(main) == {n for n in more if n.startswith("_built/supplement/")}
    assert "_variables.yml" in main
    assert {
        "_built/figures/flow.svg",
        "_built/tables/responses.md",
        "_built/style.csl",
        "_built/studies.json",
    } <= set(main)


def test_variables_are_strings() -> None:
    variables = yaml.safe_load((review.built() / "manuscript/_variables.yml").read_text(encoding="utf-8"))

    def leaves(value: Any) -> list[Any]:
        return [x for v in value.values() for x in leaves(v)] if isinstance(value, dict) else [value]

    assert all(isinstance(x, str) and x for x in leaves(variables))
    found = review.sources().flow["boxes"]["identified"]["total"]
    # a span that names the claim, for the HTML
    assert variables["flow"]["identified"] == f'[{found}]{{data-claim="flow.identified"}}'


def test_an_unknown_style_is_told() -> None:
    with pytest.raises(ReviewError, match="no such citation style"):
        step._style("no-such-style")


def test_collect_takes_therapies_only_in_any_order(tmp_path: Path) -> None:
    paths = []
    for name in ("b", "a"):
        paths.append(tmp_path / "therapy" / f"{name}.json")
        canonical.write_json(paths[-1], {"therapy": {"code": name}})
    canonical.write_json(tmp_path / "overview/flow.json", {"x": 1})
    collect.run(tmp_path / "one.json", [*paths, tmp_path / "overview/flow.json"])
    collect.run(tmp_path / "two.json", reversed(paths))
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    assert list(canonical.read_json(tmp_path / "one.json")["therapies"]) == ["a", "b"]


def test_codes_keep_the_order_of_the_protocol_where_it_is_told() -> None:
    protocol = {"bases": {"a": "A", "b": "B", "c": "C"}, "order": {"bases": ["c", "x", "a"]}}
    assert Words(protocol).codes("bases") == ["c", "a", "b"]
    assert Words({"bases": {"b": "B", "a": "A"}}).codes("bases") == ["b", "a"]


def test_designs_take_the_plural_that_the_protocol_gives() -> None:
    protocol = {
        "designs": {"series": "Case series", "trial": "Trial without randomisation"},
        "design_plurals": {"series": "Case series", "trial": "Trials without randomisation"},
        "bases": {"trial": "Results"},
    }
    words = Words(protocol)
    assert words.name("designs", "trial") == "trial without randomisation"
    assert words.name("designs", "trial", 2) == "trials without randomisation"
    assert words.name("designs", "series", 2) == "case series"
    assert words.name("bases", "trial", 2) == "results"
    assert words.name("designs", None, 2) == "not reported"
    assert Words({"designs": {"a": "Case report"}}).name("designs", "a", 2) == "case report"


@pytest.mark.parametrize(
    ("apart", "of", "wanted"),
    [
        (0, 2, "of those evaluated"),
        (2, 2, "of those evaluated; a result apart, not a share of responders"),
        (1, 2, "of those evaluated; in 1 of 2 studies a result apart, not a share of responders"),
    ],
)
def test_recurrence_is_a_result_apart_only_where_the_source_says_so(apart: int, of: int, wanted: str) -> None:
    assert recurrence_of("evaluated", apart, of) == wanted


def test_recurrence_in_words() -> None:
    total = {
        "unit": "lesion", "denominator": "evaluated", "k": 1,
        "estimate": {"events": 2, "total": 21, "lower": 0.01, "upper": 0.3, "level": 0.95, "unit": "lesion"},
    }  # fmt: skip
    row = {"study_id": "a", "used": True, "unit": "lesion", "denominator": "evaluated", "exclusive": False}
    words = Words({"units": {"lesion": {"singular": "spot", "plural": "spots"}}})
    said = "2 of 21 spots (10\u00a0%, exact 95\u00a0% interval 1–30\u00a0% if spots are taken as independent; of those evaluated"
    assert recurrence_text(total, [row], words) == f"{said})"
    assert "a result apart" in recurrence_text(total, [{**row, "exclusive": True}], words)
    # what is not used, or counted in another unit, does not speak for this total
    others = [{**row, "exclusive": True, "used": False}, {**row, "exclusive": True, "unit": "patient"}]
    assert "apart" not in recurrence_text(total, [row, *others], words)


def test_a_review_without_studies_does_not_boast() -> None:
    empty = build(review.without_studies())
    for key in ("included.missing", "included.unverified"):
        assert empty[key].text == "There are no included studies."


def test_changes_of_single_patients_in_words() -> None:
    words = Words({"units": {"patient": {"singular": "athlete", "plural": "athletes"}}})
    changes = {
        "n": 5, "median": -3.0, "min": -7.0, "max": 1.0, "hodges_lehmann_value": -2.5, "hodges_lehmann": None,
        "reason": "5 values are too few.",
    }  # fmt: skip
    start = "change in 5 athletes with both values: median −3 (range −7 to 1), Hodges–Lehmann estimate −2.5"
    assert changes_text(changes, words) == f"{start} without an interval: 5 values are too few"
    interval = {"lower": -7.0, "upper": 0.96, "level": 0.9, "method_name": "exact signed-rank interval"}
    assert (
        changes_text({**changes, "hodges_lehmann": interval}, words)
        == f"{start} (exact signed-rank interval, 90\u00a0%: −7 to 1)"
    )
    one = {"n": 1, "median": -2.0, "min": -2.0, "max": -2.0}
    assert changes_text(one, words) == "change in 1 athlete with both values: −2"


def test_second_readings_are_shown_and_not_summed() -> None:
    summary = build(review.sources())["eswl.scores.summary"].text
    assert "improved in 3 of 4 patients" in summary
    assert "Second reading of the same patients, not summed: Blumhardt 2016 4 of 4 patients" in summary
