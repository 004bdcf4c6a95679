from __future__ import annotations

import random
import time
from collections import Counter
from typing import Any

import pytest
from screening_data import record, shipped

from livingreview.screening.duplicates import Merges, find_duplicates, record_key
from livingreview.screening.flow import duplicates
from livingreview.screening.identifiers import doi, pmid, registration_of, registrations, written_doi

TITLE = "Topical treatment of deposits in the skin of the hand: a case series"


def groups(*records: dict[str, Any], linked: Any = ()) -> list[set[str]]:
    """Groups of more than one record, by record id."""
    merges = find_duplicates(records, linked)
    assert sum(len(g) for g in merges.groups) == len(records)
    assert len(merges.groups) == len(records) - len(merges.merges)
    return [{r["record_id"] for r in g} for g in merges.groups if len(g) > 1]


def merged(*records: dict[str, Any]) -> bool:
    return len(groups(*records)) == 1 and len(groups(*records)[0]) == len(records)


# --- identifiers


@pytest.mark.parametrize(
    "written",
    [
        "10.1001/ABC.1", "https://doi.org/10.1001/abc.1", "http://dx.doi.org/10.1001/abc.1", "doi:10.1001/abc.1",
        "DOI: 10.1001/abc.1.", " 10.1001/abc.1 ", "doi 10.1001/ABC.1", "https://doi.org/10.1001%2Fabc.1",
    ],
)  # fmt: skip
def test_a_doi_has_one_spelling(written: str) -> None:
    assert doi(written) == "10.1001/abc.1"


def test_what_is_no_doi() -> None:
    assert [doi(v) for v in (None, "", "n/a", "11.1001/abc", "10.1001", "see 10.1001/abc")] == [""] * 6
    assert written_doi("doi:10.1097/GOX.1") == "10.1097/GOX.1"


def test_pubmed_ids() -> None:
    assert [pmid(v) for v in ("0123", 123, "PMID: 123", "PMC123", None, "12a")] == [
        "123",
        "123",
        "123",
        "",
        "",
        "",
    ]


def test_registration_numbers() -> None:
    assert registrations("see nct01234567 and ISRCTN12345678, NCT01234567") == [
        "NCT01234567",
        "ISRCTN12345678",
    ]
    assert registrations("NCT012345678") == registrations("XNCT01234567") == []


def test_an_article_that_names_a_trial_is_not_its_registration() -> None:
    assert registration_of(record("NCT01234567 [registration]")) == "NCT01234567"
    assert registration_of(record("Some trial", journal="ClinicalTrials.gov NCT01234567")) == "NCT01234567"
    assert registration_of(record("Some trial", study_id="nct01234567")) == "NCT01234567"
    assert registration_of(record("Results of the trial NCT01234567")) == ""
    assert registration_of(record("NCT01234567", doi="10.1001/x")) == ""


# --- what is merged


def test_same_doi_in_other_case_and_with_prefix() -> None:
    assert merged(
        record("A first title", doi="10.1001/ABC.1"),
        record("Another text", doi="https://doi.org/10.1001/abc.1"),
    )


def test_same_pubmed_id_though_titles_are_described() -> None:
    assert merged(
        record("x", pmid=123, title_kind="described"), record("y", pmid="0123", title_kind="described")
    )


def test_study_link() -> None:
    assert merged(record("A", study_id="smith2020"), record("B", study_id="smith2020", stream="two"))


def test_registration_in_two_registers_of_one_number() -> None:
    assert merged(
        record("NCT01234567 [registration, drug]"), record("A trial of the drug", study_id="nct01234567")
    )


def test_title_with_other_case_accents_hyphens_and_journal_abbreviated() -> None:
    first = record(
        "Shock-wave therapy of Sjögren’s nodules: A Review",
        "Delgado-Márquez",
        2015,
        journal="Archives of Dermatology",
    )
    second = record(
        "Shockwave therapy of Sjogren's nodules - a review", "Delgado-Marquez", 2015, journal="Arch Dermatol"
    )
    assert merged(first, second)


def test_unicode_forms_are_one() -> None:
    composed = "Traitement des dépôts sous-cutanés de l’été"
    decomposed = "Traitement des de\u0301po\u0302ts sous-cutane\u0301s de l'e\u0301te\u0301"
    assert merged(record(composed, "Müller", 2001), record(decomposed, "Mu\u0308ller", 2001))


def test_scripts_other_than_latin() -> None:
    assert merged(record("全身性強皮症における 石灰沈着の治療 と 予後 について", "Ishii", 2020, journal="Naika"),
                  record("全身性強皮症における石灰沈着の治療と予後について", "Ishii", 2020, journal="Naika"))  # fmt: skip


def test_missing_years_and_missing_authors() -> None:
    assert merged(record(TITLE, "Smith"), record(TITLE, "Smith", 2020))
    assert merged(record(TITLE, None, 2020), record(TITLE, None, 2020))
    assert merged(record(TITLE, "Smith", 2020), record(TITLE, None, 2020))


def test_online_first_is_a_year_earlier() -> None:
    assert merged(
        record(TITLE, "Smith", 2019, journal="J Skin"),
        record(TITLE, "Smith", 2020, journal="Journal of Skin"),
    )
    assert not groups(record(TITLE, "Smith", 2019), record(TITLE, "Smith", 2020))
    assert not groups(
        record(TITLE, "Smith", 2018, journal="J Skin"), record(TITLE, "Smith", 2020, journal="J Skin")
    )


def test_subtitle_left_out() -> None:
    short = "An update on the treatment of deposits in the skin"
    assert merged(record(short, "Smith", 2020), record(f"{short}: the view of the clinic", "Smith", 2020))
    assert not groups(record(short, "Smith", 2020), record(f"{short}: the view of the clinic", "Jones", 2020))
    assert not groups(record(short, "Smith"), record(f"{short}: the view of the clinic", "Smith", 2020))


def test_spelling() -> None:
    british = record("Sulphate therapy of tumoural oedema in the paediatric clinic", "Smith", 2020)
    american = record("Sulfate therapy of tumoral edema in the pediatric clinic", "Smith", 2020)
    assert merged(british, american)


# --- what is not


@pytest.mark.parametrize(
    "title",
    ["[Untitled]", "no title", "No title available.", "case report", "A case report", "(woman of 60 with nodules of the hand)",
     "[Deposits in the skin of the hand, a series]", "Untitled", "Deposits", "", None, "Letter to the Editor"],
)  # fmt: skip
def test_placeholders_never_merge(title: str | None) -> None:
    one, two = (record(title, "Smith", 2020, journal="J Skin", url="https://example.org/a") for _ in range(2))
    assert not groups(one, two)


def test_a_shared_address_is_no_evidence() -> None:
    one, two = (
        record(t, None, None, url="https://example.org/index")
        for t in ("Nodules of the ear", "Nodules of the nose")
    )
    assert not groups(one, two)
    assert not groups(
        record(None, url="https://example.org/index"), record(None, url="https://example.org/index")
    )


def test_described_titles_never_merge() -> None:
    assert not groups(*(record(TITLE, "Smith", 2020, title_kind="described") for _ in range(2)))
    assert not groups(record(TITLE, "Smith", 2020, title_kind="described"), record(TITLE, "Smith", 2020))


def test_same_title_other_author_year_or_journal() -> None:
    assert not groups(record(TITLE, "Smith", 2020), record(TITLE, "Jones", 2020))
    assert not groups(record(TITLE, "Smith", 2010), record(TITLE, "Smith", 2020))
    assert not groups(
        record(TITLE, "Smith", 2020, journal="J Skin"),
        record(TITLE, "Smith", 2020, journal="Annals of Surgery"),
    )
    assert not groups(record(TITLE, "Lee HY", 2020), record(TITLE, "Lee JS", 2020))


def test_title_alone_is_too_little() -> None:
    assert not groups(record(TITLE), record(TITLE))
    assert not groups(record("Deposits in skin", "Smith", 2020), record("Deposits in skin", "Smith", 2020))


@pytest.mark.parametrize(
    "more", [{"journal": "medRxiv"}, {"doi": "10.1101/2020.01.01"}, {"journal": "Research Square (preprint)"}]
)
def test_preprint_and_paper_are_two_records(more: dict[str, Any]) -> None:
    assert not groups(record(TITLE, "Smith", 2020, **more), record(TITLE, "Smith", 2020))
    assert merged(
        record(TITLE, "Smith", 2020, study_id="smith2020", **more),
        record(TITLE, "Smith", 2020, study_id="smith2020"),
    )


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Treatment of deposits in the skin, part I", "Treatment of deposits in the skin, part II"),
        (
            "Shock waves for ulcers of the hand: a phase 2 trial",
            "Shock waves for ulcers of the hand: a phase 3 trial",
        ),
        ("Deposits in the skin of the hand", "Erratum: Deposits in the skin of the hand"),
        ("Deposits in the skin of the hand", "Reply to: Deposits in the skin of the hand"),
        ("Topical cream for the deposits of the hand", "Injected cream for the deposits of the hand"),
        ("Deposits of the hand with ulcers in adults", "Deposits of the hand without ulcers in adults"),
        (
            "Hypophosphatemic deposits in the skin of adults",
            "Hyperphosphatemic deposits in the skin of adults",
        ),
        (
            "Deposits in the skin of male patients and care",
            "Deposits in the skin of female patients and care",
        ),
    ],
)
def test_titles_that_only_look_alike(one: str, two: str) -> None:
    assert not groups(record(one, "Smith", 2020), record(two, "Smith", 2020))


def test_other_doi_or_pubmed_id_forbids_a_title_merge() -> None:
    assert not groups(
        record(TITLE, "Smith", 2020, doi="10.1001/a"), record(TITLE, "Smith", 2020, doi="10.1001/b")
    )
    assert not groups(record(TITLE, "Smith", 2020, pmid=1), record(TITLE, "Smith", 2020, pmid=2))


def test_a_record_that_fits_two_reports_joins_neither() -> None:
    one, two = record(TITLE, "Smith", 2020, doi="10.1001/a"), record(TITLE, "Smith", 2020, doi="10.1001/b")
    between = record(TITLE, "Smith", 2020)
    result = find_duplicates([one, two, between])
    assert not result.merges
    assert {a.reason for a in result.apart} == {"other DOI", "fits two reports that are not one: other DOI"}


def test_years_and_authors_count_over_a_chain() -> None:
    # nothing speaks against each neighbour, but the ends are two reports
    chain = [record(TITLE, "Smith", 2010), record(TITLE, "Smith"), record(TITLE, "Smith", 2020)]
    assert not groups(*chain)


def test_two_studies_are_never_one_report() -> None:
    one = record(TITLE, "Smith", 2020, study_id="smith2020", doi="10.1001/a")
    two = record(TITLE, "Smith", 2020, study_id="smith2020b", doi="10.1001/A")
    free = record(TITLE, "Smith", 2020, doi="10.1001/a")
    result = find_duplicates([one, two, free])
    assert [sorted(r["record_id"] for r in g) for g in result.groups if len(g) > 1] == [
        sorted([one["record_id"], free["record_id"]])
    ]
    assert [(p.severity, p.column, p.file) for p in result.problems] == [
        ("warning", "doi", "data/raw/search/records_one.csv")
    ]
    openly = find_duplicates([one, two], [frozenset({"smith2020", "smith2020b"})])
    assert [p.severity for p in openly.problems] == ["note"]


def test_studies_are_not_joined_through_a_third_record() -> None:
    one = record("Some report", study_id="a2020", doi="10.1001/a")
    two = record("Some report", study_id="b2020", pmid=7)
    bridge = record("Some report", doi="10.1001/a", pmid=7)
    result = find_duplicates([one, two, bridge])
    assert all(len({r["study_id"] for r in g if r["study_id"]}) <= 1 for g in result.groups)
    assert len(result.problems) == 1


def test_an_identifier_on_two_reports_is_told() -> None:
    doubtful = find_duplicates([record("Nodules of the ear", "Smith", doi="10.1001/a"),
                                record("Surgery for gout in mice", "Jones", doi="10.1001/a")])  # fmt: skip
    assert not doubtful.merges
    assert "both title and author differ" in doubtful.problems[0].message
    typing = find_duplicates([record("x", doi="10.1001/a", pmid=1), record("x", doi="10.1001/a", pmid=2)])
    assert not typing.merges
    assert "their PubMed ids differ" in typing.problems[0].message


# --- the log


def test_every_merge_says_why_and_nothing_is_lost() -> None:
    one = record(TITLE, "Smith", 2020, doi="10.1001/a", study_id="smith2020", stream="two")
    two = record(TITLE, "Smith", 2020, doi="10.1001/a", study_id="smith2020", stream="one")
    result = find_duplicates([one, two])
    (merge,) = result.merges
    assert {merge.first, merge.second} == {record_key(one), record_key(two)}
    assert merge.reason == "DOI"
    assert merge.evidence == ("study link", "title", "author", "year")
    assert {id(r) for r in result.groups[0]} == {id(one), id(two)}


def test_the_order_of_records_does_not_matter() -> None:
    records = list(shipped().tables["records"])
    expected = duplicates(shipped())
    for seed in range(3):
        random.Random(seed).shuffle(records)
        found = find_duplicates(records, [frozenset({"traineau2019", "traineau2020"})])
        assert found.merges == expected.merges
        assert found.apart == expected.apart
        assert [[record_key(r) for r in g] for g in found.groups] == [
            [record_key(r) for r in g] for g in expected.groups
        ]


def test_tens_of_thousands_of_records() -> None:
    words = ["".join(random.Random(i).choices("bdfgklmnprstaeiou", k=7)) for i in range(900)]
    chance = random.Random(7)
    records = [
        record(
            " ".join(chance.choices(words, k=8)),
            chance.choice(words[:200]),
            chance.randint(1990, 2026),
            doi=f"10.1234/{i}",
        )
        for i in range(8000)
    ]
    records += [{**r, "record_id": f"twin{i}", "doi": None} for i, r in enumerate(records[:4000])]
    start = time.process_time()
    result = find_duplicates(records)
    assert (len(result.groups), len(result.merges)) == (8000, 4000)
    assert time.process_time() - start < 10


# --- the shipped review


@pytest.fixture(scope="module")
def real() -> Merges:
    return duplicates(shipped())


def test_shipped_merges_are_counted(real: Merges) -> None:
    assert (len(shipped().tables["records"]), len(real.groups), len(real.merges)) == (342, 303, 39)
    assert Counter(len(g) for g in real.groups) == {1: 264, 2: 39}
    assert Counter(m.reason.split(",")[0] for m in real.merges) == {
        "DOI": 20,
        "study link": 5,
        "PubMed id": 3,
        "registration number": 3,
        "same title": 6,
        "same title but for the subtitle": 2,
    }


def test_shipped_merges_join_the_streams_and_never_two_studies(real: Merges) -> None:
    for group in real.groups:
        assert len({r["study_id"] for r in group if r["study_id"]}) <= 1
        assert len({r["stream"] for r in group}) == len(group)


def test_shipped_merges_without_identifier_were_read_one_by_one(real: Merges) -> None:
    by_title = {
        (m.first.split("/")[1], m.second.split("/")[1])
        for m in real.merges
        if m.reason.startswith("same title")
    }
    assert by_title == {
        ("ph051", "STS073"), ("ph061", "STS090"), ("ph075", "STS048"), ("ph148", "STS066"), ("ph150", "STS067"),
        ("ph161", "STS124"), ("ph163", "STS130"), ("ph167", "STS129"),
    }  # fmt: skip


def test_shipped_twins_that_stay_apart(real: Merges) -> None:
    assert {(a.first.split("/")[1], a.second.split("/")[1], a.reason) for a in real.apart} == {
        ("ph083", "STS108", "a described title is no evidence"),
        ("traineau2020", "STS037", "other study"),
    }
    assert [p.severity for p in real.problems] == ["note"]
