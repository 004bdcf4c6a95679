"""JATS XML of a manuscript: what stands in it, that it is sound, and that the check sees what is not."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from lxml import etree
from submission_tree import invented, project, small

from livingreview.errors import ReviewError
from livingreview.submission import article, jats, jats_check, jats_references
from livingreview.submission.jats_front import XLINK, Journal, Licence

CSL: dict[str, dict[str, Any]] = {
    "page2021": {
        "type": "article-journal",
        "title": 'The <i>PRISMA</i> <span class="nocase">statement</span> & more',
        "container-title": "BMJ",
        "author": [{"family": "Page", "given": "M"}, {"literal": "A group"}],
        "issued": {"date-parts": [[2021, 3]]},
        "page": "71-79",
        "DOI": "10.1/x",
    }
}
LICENCE = Licence("https://creativecommons.org/licenses/by/4.0/", "Open access, CC BY 4.0.")


INVENTED = Journal("ijt", "Invented Journal", "Nobody", "1234-5678")


@cache
def made(anonymous: bool = False, journal: Journal = INVENTED, picture: str = ".tif") -> bytes:
    parts = article.article(small())
    root, document = project()
    with TemporaryDirectory() as folder:
        xml, problems = jats.jats(
            parts,
            invented(),
            root,
            document,
            journal=journal,
            figures=article.figure_files(parts.figures, extension=picture),
            references=CSL,
            epoch=0,
            scratch=Path(folder),
            licence=LICENCE,
            words=99,
            anonymous=anonymous,
        )
    assert problems == []
    return xml


@cache
def root(anonymous: bool = False) -> Any:
    return etree.fromstring(made(anonymous))


def words(path: str) -> list[str]:
    return [" ".join("".join(element.itertext()).split()) for element in root().findall(path)]


def test_sound_and_the_same_twice() -> None:
    assert jats_check.check(made(), {"Fig1.tif"}) == []
    first = made()
    made.cache_clear()
    assert made() == first
    assert b"/tmp" not in first and b"_built" not in first


def test_front_matter_comes_from_the_protocol() -> None:
    meta = root().find("front/article-meta")
    people = meta.findall("contrib-group/contrib")
    assert [p.findtext("name/surname") for p in people] == ["Synthetic", "Šynthetic-Łódź"]
    assert [p.get("corresp") for p in people] == ["yes", None]
    assert people[0].findtext("contrib-id") == "https://orcid.org/0000-0002-1825-0097"
    role = people[1].findall("role")[1]
    assert role.text == "Writing – review & editing"
    address = "https://credit.niso.org/contributor-roles/writing-review-editing/"
    assert role.get("vocab-term-identifier") == address
    assert [x.get("rid") for x in people[1].findall("xref")] == ["aff1", "aff2"]
    assert words("front/article-meta/contrib-group/aff")[1] == "Université imaginaire, Néanville"
    assert meta.find("permissions/license").get(XLINK + "href") == LICENCE.url
    assert meta.findtext("funding-group/funding-statement") == invented().funding
    counts = {c.tag: c.get("count") for c in meta.find("counts")}
    assert counts == {"fig-count": "1", "table-count": "1", "ref-count": "2", "word-count": "99"}
    assert root().findtext("front/journal-meta/issn") == "1234-5678"


def test_a_manuscript_has_the_date_of_its_version_and_none_of_publication() -> None:
    meta = root().find("front/article-meta")
    assert meta.find("pub-date") is None and meta.find("pub-date-not-available") is not None
    (date,) = meta.find("history")
    assert (date.get("date-type"), date.get("iso-8601-date")) == ("version", "2026-02-28")
    assert [part.text for part in date] == ["28", "02", "2026"]


def test_nothing_is_said_of_a_journal_that_is_not_known() -> None:
    unknown = made(journal=Journal("generic", "Any journal"))
    assert b"journal-meta" not in unknown and b"Any journal" not in unknown
    assert b"Archiving and Interchange DTD v1.2" in unknown
    found = jats_check.check(unknown, {"Fig1.tif"})
    assert [p.severity for p in found] == ["warning", "warning"]
    assert "ISSN" in found[0].message and "title" in found[1].message
    # A journal without an ISSN has its name, and no empty element.
    named = made(journal=Journal("ijt", "Invented Journal", "Nobody"))
    assert b"<journal-title>Invented Journal<" in named and b"<issn" not in named
    assert [p.severity for p in jats_check.check(named, {"Fig1.tif"})] == ["warning"]
    assert b"Journal Publishing DTD v1.2" in made()


def test_an_eps_is_called_postscript() -> None:
    text = made(picture=".eps")
    assert jats_check.check(text, {"Fig1.eps"}) == []
    graphic = next(etree.fromstring(text).iter("graphic"))
    assert (graphic.get("mimetype"), graphic.get("mime-subtype")) == ("application", "postscript")
    found = jats_check.check(text.replace(b'"application"', b'"image"'), {"Fig1.eps"})
    assert [p.message for p in found] == ["the picture Fig1.eps is not called application/postscript"]


def test_structured_abstract() -> None:
    abstract = root().find("front/article-meta/abstract")
    assert [child.tag for child in abstract] == ["p", "sec", "sec"]
    assert [title.text for title in abstract.iter("title")] == ["Background", "Results"]
    assert words("front/article-meta/abstract/sec/p")[0] == "Warts & more."


def test_sections_figures_tables_and_formulas_have_labels_and_links() -> None:
    sections = {s.get("id"): s.findtext("label") for s in root().iter("sec") if s.get("id")}
    assert sections == {"item-sec-methods": "1", "item-sec-deep": "1.1"}
    figure, table = next(root().iter("fig")), next(root().iter("table-wrap"))
    assert (figure.get("id"), figure.findtext("label")) == ("item-fig-x", "Figure\xa01")
    assert figure.find("graphic").get(XLINK + "href") == "Fig1.tif"
    assert "".join(figure.find("graphic/alt-text").itertext()) == "Ћ words [of] 100 %"
    assert "".join(figure.find("caption").itertext()).strip() == "A caption with H2O."
    assert (table.get("id"), table.findtext("label")) == ("item-tbl-x", "Table\xa01")
    assert len(table.findall("table/tbody/tr")) == 2
    formula = next(root().iter("disp-formula"))
    assert (formula.get("id"), formula.findtext("label")) == ("item-eq-e", "(1)")
    links = {(x.get("ref-type"), x.get("rid")) for x in root().find("body").iter("xref")}
    assert links == {
        ("bibr", "ref-page2021"),
        ("bibr", "ref-first1996"),
        ("fig", "item-fig-x"),
        ("table", "item-tbl-x"),
        ("disp-formula", "item-eq-e"),
        ("sec", "item-sec-deep"),
    }


def test_statements_and_thanks_stand_behind_the_text() -> None:
    back = root().find("back")
    assert [child.tag for child in back] == ["ack", "fn-group", "ref-list"]
    kinds = [note.get("fn-type") for note in back.findall("fn-group/fn")]
    assert kinds == ["financial-disclosure", "coi-statement"]


def test_references_as_printed_and_as_data() -> None:
    entry = root().find("back/ref-list/ref[@id='ref-page2021']")
    assert entry.findtext("label") == "1"
    data, printed = entry.find("citation-alternatives")
    assert printed.findtext("pub-id") == data.findtext("pub-id") == "10.1/x"
    assert (data.findtext("fpage"), data.findtext("lpage"), data.findtext("year")) == ("71", "79", "2021")
    assert "".join(data.find("article-title").itertext()) == "The PRISMA statement & more"
    assert data.findtext("article-title/italic") == "PRISMA"
    assert [n.tag for n in data.find("person-group")] == ["name", "collab"]
    # without data only what the text prints
    assert root().find("back/ref-list/ref[@id='ref-first1996']/mixed-citation") is not None


def test_anonymous_names_nobody() -> None:
    text = made(True).decode()
    assert jats_check.check(made(True), {"Fig1.tif"}) == []
    for name in (
        "Synthetic<",
        "Łódź</surname>",
        "0000-0002",
        "ada@",
        "Utopia",
        "We thank",
        "Competing",
        "funding-group",
    ):
        assert name not in text
    assert root(True).find("front/article-meta/contrib-group") is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("</article>", "</articl>", "not well-formed"),
        (' id="item-fig-x"', ' id="item-tbl-x"', "is used 2 times"),
        ('rid="item-fig-x"', 'rid="item-fig-y"', "a link to item-fig-y has no end"),
        ('ref-type="fig"', 'ref-type="table"', "is called table"),
        ("Fig1.tif", "Fig2.tif", "the picture Fig2.tif is not there"),
        ("Fig1.tif", "figures/Fig1.tif", "a picture lies in a folder"),
        (">Deeper<", "><", "`title` is empty"),
        ("We thank nobody.", "We thank &lt;span class=x&gt;nobody.", "left-over markup"),
        ("We thank nobody.", "<div>nobody</div>", "`div` is no element"),
        ("<issn>1234-5678</issn>", "<issn/>", "`issn` is empty"),
        ("<issn>1234-5678</issn>", "", "ISSN of the journal is not known"),
        ("<issn>1234-5678</issn>", "", "declared one of the tag set for publishing"),
        ("<pub-date-not-available/>", "<pub-date/>", "a manuscript has no date of publication"),
        ("<tbody>", "<tbody><tr><td>1</td></tr>", "rows of table item-tbl-x are not as wide"),
        ("</ack>", "</ack>loose", "text stands outside a paragraph in `back`"),
        (' id="item-sec-deep"', ' id="1 deep"', "no identifier of XML"),
    ],
)
def test_the_check_sees(old: str, new: str, said: str) -> None:
    text = made().decode()
    assert old in text
    found = jats_check.check(text.replace(old, new, 1).encode(), {"Fig1.tif"})
    assert any(said in problem.message for problem in found), [str(p) for p in found]


def test_the_check_sees_the_order_of_front_matter() -> None:
    text = made().decode()
    date = re.search(r"<history.*?</history>", text, re.S)
    assert date
    moved = text.replace(date[0], "").replace("</counts>", f"</counts>{date[0]}")
    found = [p.message for p in jats_check.check(moved.encode())]
    assert found == ["`history` stands too late in `article-meta`"]
    without = [p.message for p in jats_check.check(text.replace(date[0], "").encode())]
    assert without == ["`article-meta` has no `history`"]


def test_pictures_of_a_figure_get_letters() -> None:
    figures = (
        article.Float("a", "Figure\xa0S1", "", ("x.png", "y.png")),
        article.Float("b", "Figure\xa0S2", "", ("z.png",)),
    )
    names = article.figure_files(figures, "Fig{n}", ".eps")
    assert names == {"x.png": "FigS1a.eps", "y.png": "FigS1b.eps", "z.png": "FigS2.eps"}


def test_bibliographies_as_items(tmp_path: Path) -> None:
    (tmp_path / "a.bib").write_text("@book{k, title={T}, author={A, B}, year={2000}}", encoding="utf-8")
    (tmp_path / "b.json").write_text('[{"id": "k"}, {"id": "l", "title": "<i>x"}]', encoding="utf-8")
    found = jats_references.items([tmp_path / "a.bib", tmp_path / "b.json"])
    assert sorted(found) == ["k", "l"] and found["k"]["type"] == "book"
    assert jats_references.element_citation(found["k"]).findtext("source") == "T"
    assert "".join(jats_references.element_citation(found["l"]).itertext()) == "x"
    (tmp_path / "b.json").write_text("[", encoding="utf-8")
    with pytest.raises(ReviewError, match="not a bibliography"):
        jats_references.items([tmp_path / "b.json"])


@pytest.mark.skipif(
    "JATS_DTD" not in os.environ,
    reason="JATS_DTD does not name the folder of the JATS DTDs, version 1.2 or later",
)
def test_valid_against_the_document_types() -> None:
    """With an ISSN against the tag set for publishing, without one against that for archiving."""
    cases = [("journalpublishing", INVENTED)]
    cases += [("archivearticle", j) for j in (INVENTED, Journal("ijt", "Invented"), Journal("any", "Any"))]
    for kind, journal in cases:
        dtd = etree.DTD(str(Path(os.environ["JATS_DTD"]) / f"JATS-{kind}1.dtd"))
        assert dtd.validate(etree.fromstring(made(journal=journal))), dtd.error_log
