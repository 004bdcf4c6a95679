"""Exports of databases: every record is read, refused with its line, or told to be outside; none moves into another."""

from __future__ import annotations

from pathlib import Path

import pytest

from livingreview.errors import ReviewError
from livingreview.screening import references
from livingreview.screening.references import Export, Reference, family_name

RIS = """\ufeffProvider: OvidSP
Database: Ovid MEDLINE(R)
Search strategy:
1  exp warts/ (1234)
2  plantar.mp.

TY  - JOUR
TI  - Freezing of warts
  in orienteers.
AU  - van der Berg, Jane A.
AU  - Ek, Bo
PY  - 1998/05//
JF  - Synthetic Journal
DO  - https://doi.org/10.5555/A.1
UR  - https://example.org/a https://example.org/b
N2  - An abstract
that goes on without a tag.
XX  - a tag that nobody knows
ER  -

a note between the records that belongs to none
TY  - JOUR
T1  - Second title
A1  - WHO
Y1  - 2004
JO  - J Synth
AN  - 12345678
DP  - PubMed
DB  - PubMed
ER  -
TY  - CONF
TI  - Third, cut off
"""


def _read(folder: Path, name: str, text: str | bytes, format: str = "") -> Export:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return references.read(path, format)


def test_ris_with_all_that_exports_bring_along(tmp_path: Path) -> None:
    export = _read(tmp_path, "ovid.txt", RIS)
    one, two, three = export.references
    assert one == Reference(
        line=7,
        title="Freezing of warts in orienteers",
        first_author="van der Berg",
        year="1998",
        journal="Synthetic Journal",
        doi="10.5555/A.1",
        url="https://example.org/a",
    )
    assert (two.line, two.title, two.first_author, two.pmid) == (22, "Second title", "WHO", "12345678")
    assert (three.line, three.title) == (31, "Third, cut off")
    told = {(p.severity, p.row) for p in export.problems}
    assert ("note", 1) in told
    assert ("warning", 31) in told
    assert any("6 lines of text outside" in p.message for p in export.problems)


def test_text_without_tag_never_moves_to_another_record(tmp_path: Path) -> None:
    # revtools issue 8: untagged text was glued to the wrong record
    text = "TY  - JOUR\nTI  - First\nER  -\nlost words\nTY  - JOUR\nTI  - Second\nER  -\nlast words\n"
    export = _read(tmp_path, "a.ris", text)
    assert [r.title for r in export.references] == ["First", "Second"]


def test_a_missing_end_tag_and_tight_tags(tmp_path: Path) -> None:
    export = _read(tmp_path, "a.ris", "TY - JOUR\nTI - First\n\nTY - JOUR\nTI - Second - with dashes\nER -\n")
    assert [r.title for r in export.references] == ["First", "Second - with dashes"]
    assert "no end tag" in export.problems[0].message


def test_a_record_without_its_first_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match=r"a\.ris, line 4: a tag outside every record") as caught:
        _read(tmp_path, "a.ris", "TY  - JOUR\nTI  - First\nER  -\nTI  - Lost\nAU  - Ek\nER  -\n")
    assert [p.row for p in caught.value.problems if p.severity == "error"] == [4, 5]


NBIB = """
PMID- 31709293
OWN - NLM
TI  - Successful treatment of a wart with
      a long title.
FAU - Tajalli, Mahdi
AU  - Tajalli M
DP  - 2019 Nov
JT  - Synthetic case reports
AID - S2352-5126(19)30257-6 [pii]
AID - 10.5555/synthetic.2019.8 [doi]

PMID- 15644389
TI  - Other
CN  - The Group
DP  - 2005
TA  - Rheum
"""


def test_nbib(tmp_path: Path) -> None:
    one, two = _read(tmp_path, "pubmed.nbib", NBIB).references
    assert one == Reference(
        line=2,
        title="Successful treatment of a wart with a long title",
        first_author="Tajalli",
        year="2019",
        journal="Synthetic case reports",
        doi="10.5555/synthetic.2019.8",
        pmid="31709293",
    )
    assert (two.line, two.first_author, two.year, two.journal) == (13, "The Group", "2005", "Rheum")


BIB = r"""@comment{made by a program}
@article{a,
  title = {Warts of {Runners} and M\"uller},
  author = {M{\"u}ller, Anna and Ek, Bo},
  year = 2021, journal = "Synthetic Journal", doi = {10.5555/b.1}, url = {https://example.org/b}
}
@article{a, title = {The same key again}, author = {Jan van der Berg}, date = {2020-05-01}}
"""


def test_bibtex(tmp_path: Path) -> None:
    export = _read(tmp_path, "lib.bib", BIB)
    one, two = export.references
    assert one == Reference(
        line=2,
        title="Warts of Runners and Müller",
        first_author="Müller",
        year="2021",
        journal="Synthetic Journal",
        doi="10.5555/b.1",
        url="https://example.org/b",
    )
    assert (two.line, two.title, two.first_author, two.year) == (
        7,
        "The same key again",
        "van der Berg",
        "2020",
    )


def test_a_broken_entry_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ReviewError) as caught:
        _read(
            tmp_path,
            "lib.bib",
            BIB + "@article{c,\n title = {never closed,\n year = 2020\n\n@article{d, title={x}}\n",
        )
    assert caught.value.problems[-1].row is not None
    assert any(p.row == 8 for p in caught.value.problems)


def test_csv_of_other_programs(tmp_path: Path) -> None:
    text = "PMID;Title;Authors;Publication Year;Journal/Book;DOI\n123;One title;Smith J, Jones K.;2020;J Synth;10.5555/x\n;Two;;;;not a doi\n"
    export = _read(tmp_path, "export.csv", text.encode("utf-8-sig"))
    one, two = export.references
    assert (one.line, one.first_author, one.year, one.doi, one.pmid) == (
        2,
        "Smith",
        "2020",
        "10.5555/x",
        "123",
    )
    assert (two.line, two.doi) == (3, "")
    assert any(p.message == "this is no DOI and was left out" and p.row == 3 for p in export.problems)
    with pytest.raises(ReviewError, match="no column holds titles"):
        _read(tmp_path, "export.csv", "name,year\nx,2020\n")


def test_what_is_no_export(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="cannot tell what kind"):
        _read(tmp_path, "a.xyz", "hello")
    with pytest.raises(ReviewError, match="no record was found in the file, read as RIS"):
        _read(tmp_path, "a.ris", "hello")
    with pytest.raises(ReviewError, match="there is no such file"):
        references.read(tmp_path / "none.ris")
    with pytest.raises(ReviewError, match="by which nobody could find it"):
        _read(tmp_path, "a.ris", "TY  - JOUR\nPY  - 2020\nER  -\n")


def test_other_encodings_are_told(tmp_path: Path) -> None:
    export = _read(tmp_path, "a.ris", "TY  - JOUR\nAU  - Müller, A\nTI  - Title\nER  -\n".encode("cp1252"))
    assert export.references[0].first_author == "Müller"
    assert export.problems[0].row == 2
    assert (
        _read(tmp_path, "b.ris", "TY  - JOUR\nTI  - Título\nER  -\n".encode("utf-16")).references[0].title
        == "Título"
    )


@pytest.mark.parametrize(
    ("author", "family"),
    [
        ("Pérez-Moreno, M.", "Pérez-Moreno"),
        ("Smith JA", "Smith"),
        ("Ana de la Cruz", "de la Cruz"),
        ("Li X.-Y.", "Li"),
    ],
)
def test_family_names(author: str, family: str) -> None:
    assert family_name(author) == family


def test_a_date_without_a_year_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "export.ris"
    path.write_text(
        "TY  - JOUR\nTI  - One\nPY  - 2020\nER  - \nTY  - JOUR\nTI  - Two\nPY  - 20x4\nER  - \n",
        encoding="utf-8",
    )
    export = references.read(path)
    assert [r.year for r in export.references] == ["2020", ""]
    assert [(p.row, p.value, p.severity) for p in export.problems] == [(5, "20x4", "warning")]
