"""What tells who wrote a review is searched for and masked in the spellings that are usual; what only looks like it is left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from livingreview import protocol
from livingreview.protocol_model import Protocol
from livingreview.submission import blinding, named
from livingreview.submission.leaks import Identity, identities, search_bytes
from livingreview.submission.masking import MASK, identity, masked
from livingreview.submission.spellings import address, distinctive, halves

ROOT = Path(__file__).resolve().parents[2]
KNOWN = blinding.load()
PEOPLE = {
    "authors": [
        {"given": "Kamila", "family": "Wiśniewska-Fiedor"},
        {"given": "Jean-Paul", "family": "Okonkwo"},
        {"given": "Ivan", "family": "Example"},
        {"given": "Ada", "family": "Long"},
        {"given": "Maria", "family": "Rossi-Ivanova"},
    ],
    "affiliations": {},
    "repository": "https://github.com/calcinova-lab/review",
    "funding": "This work was funded by the National Science Centre, Poland (grant 2024/53/B/NZ5/01234).",
    "registration": None,
    "acknowledgements": "We thank Dr Bronisława Kwiatkowska for help with the search, Prof. A. Lindqvist-Moreau and Jan van der "
    "Vossen of the University Library of Neustadt, and the Cutis Patient Network.",
}  # fmt: skip


def a_protocol(**changes: Any) -> Protocol:
    plain = protocol.load(ROOT / "tests/review/review.yaml").model_dump(mode="json")
    return Protocol.model_validate({**plain, **PEOPLE, **changes})


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> list[Identity]:
    folder = tmp_path_factory.mktemp("review")
    return identities(a_protocol(), folder, folder)


def found(known: list[Identity], text: str) -> set[str]:
    return {leak.kind for leak in search_bytes("a.txt", text.encode(), known)}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Bronisława Kwiatkowska helped.", "acknowledged person"),
        ("Help came from B. Kwiatkowska.", "acknowledged person"),
        ("Help came from Lindqvist-Moreau.", "acknowledged person"),
        ("Asked was Jan van der Vossen.", "acknowledged person"),
        ("At the University Library of Neustadt, all was read.", "acknowledged person"),
        ("Patients of the Cutis Patient Network agreed.", "acknowledged person"),
        ("as did those of Wiśniewska", "author name"),
        ("(Wisniewska)", "author name"),
        ("by Fiedor", "author name"),
        ("See github.com/calcinova-lab for more.", "repository"),
        ("See https://github.com/calcinova-lab/data too.", "repository"),
        ("The calcinova-lab did it.", "repository"),
        ("Paid by the National Science Centre, as said.", "funder"),
    ],
)
def test_what_tells_is_found(known: list[Identity], text: str, kind: str) -> None:
    assert found(known, f"Before. {text} After.") == {kind}


LISTED = "\n\nReferences\n\n1. Wiśniewska A (2019) Of skin. National Journal of Skin 3:1\n\n"


@pytest.mark.parametrize(
    "text",
    [
        "As Wiśniewska et al. [1] showed, and (Wiśniewska 2019)." + LISTED,
        "A library, a network, a university; github.com, github.com/other and the review; Jan, Maria and Ada",
        "National Journal of Skin; the science centre of Poland; the Nova lab",
    ],
)
def test_what_is_innocent_is_not_found(known: list[Identity], text: str) -> None:
    assert found(known, text) == set()


@pytest.mark.parametrize(
    "text", ["As Wiśniewska et al. [1] showed.", "Kamila Wiśniewska [1] showed." + LISTED, "By Wiśniewska." + LISTED]
)  # fmt: skip
def test_half_a_name_that_is_not_cited_is_found(known: list[Identity], text: str) -> None:
    assert found(known, text) == {"author name"}


def test_a_double_name_without_a_hyphen(tmp_path: Path) -> None:
    authors = [{"given": "Ana", "family": "Quiroga Peñalver"}]
    people = identities(a_protocol(authors=authors), tmp_path, tmp_path)
    listed = "\n\nReferences\n\n1. Quiroga Peñalver A (2019) Of skin. J Skin 3:1\n\n"
    for name in ("Quiroga Peñalver", "Quiroga", "Peñalver"):
        assert found(people, f"As {name} et al. [1] showed.{listed}") == set()
        assert found(people, f"Read by {name}.{listed}") == {"author name"}


@pytest.mark.parametrize(
    "text",
    [
        "K.W.-F.", "K.W.F.", "K. W.-F.", "K. W. F.", "K.W.-F", "KWF", "KW-F", "KWF's", "K. Wiśniewska-Fiedor", "Wiśniewska-Fiedor K",
        "Kamila Wiśniewska\u2011Fiedor", "Kamila Wisniewska-Fiedor", "Kamila Wiśniewska", "Wiśniewska K", "K Fiedor", "K. WIŚNIEWSKA-FIEDOR",
        "Dr Wiśniewska-Fiedor", "J.-P. Okonkwo", "J.P. Okonkwo", "JP Okonkwo", "J-P Okonkwo", "Jean-Paul Okonkwo", "J.-P.O.", "J.P.O.", "Okonkwo J.-P.",
        "I.E.", "A. Long", "Long, A.", "Bronisława Kwiatkowska", "Bronislawa Kwiatkowska", "B. Kwiatkowska", "Dr Kwiatkowska",
        "A. Lindqvist-Moreau", "Jan van der Vossen", "University Library of Neustadt", "Cutis Patient Network", "M.R.-I.",
        "github.com/calcinova-lab", "https://github.com/calcinova-lab", "github.com/calcinova-lab/data/tree/main",
        "https://github.com/calcinova-lab/review", "calcinova-lab",
    ],
)  # fmt: skip
def test_what_tells_is_masked_whole(text: str) -> None:
    kept = "'s" if text.endswith("'s") else ""
    assert masked(f"Drawn ({text}), and again", identity(a_protocol())) == f"Drawn ({MASK}{kept}), and again"


@pytest.mark.parametrize(
    "text",
    [
        "that is, i.e. the same; a long course of a long. Long, a drug; MRI and kwf; J. Paul; I. E. and A. L. are no names",
        "As Wiśniewska et al. [1] and Fiedor (2019) showed; Kwiatkowska et al. [2]",
        "github.com/calcinovation/x, github.com, github.com/other; a patient network; the university library",
    ],
)
def test_what_is_innocent_is_not_masked(text: str) -> None:
    assert masked(text, identity(a_protocol())) == text


def named_in(text: str, told: str = "") -> list[str]:
    return [name.text for name in named.names(text, KNOWN, told)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We thank Dr. Anna Kowal and Prof Jan Nowak, MD.", ["Anna Kowal", "Jan Nowak"]),
        ("Thanks to Anna Kowal of the University of Warsaw.", ["Anna Kowal", "University of Warsaw"]),
        ("We are grateful to A. B. Kowal. Special thanks to Jan von Nowak", ["A B Kowal", "Jan von Nowak"]),
        ("Professor Kowal read it; Nowak did not.", ["Kowal"]),
        ("The Ministry of Education and Science, Poland", ["Ministry of Education and Science"]),
        ("Anna\nKowal’s help\n\nJan Nowak", ["Anna Kowal", "Jan Nowak"]),
        ("We thank patients in the United Kingdom and New York, who took Vitamin D, and Open Access", []),
        ("Łucja Żak, łódzkie Centrum", ["Łucja Żak"]),
    ],
)
def test_names_in_thanks(text: str, expected: list[str]) -> None:
    assert named_in(text) == expected


def test_what_the_protocol_names_openly_is_not_hidden() -> None:
    open_title = a_protocol(
        title="Records of the Web of Science",
        acknowledgements="We thank Anna Kowal for looking in the Web of Science.",
    )
    assert [name.text for name in named.thanked(open_title, KNOWN)] == ["Anna Kowal"]
    assert (
        masked("By Anna Kowal in the Web of Science", identity(open_title))
        == f"By {MASK} in the Web of Science"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("was funded by the National Science Centre, Poland (grant 2024/1)", ["National Science Centre"]),
        ("was funded by the National Science Centre, Kraków", ["National Science Centre"]),
        ("Supported by the National Institutes of Health.", ["National Institutes of Health"]),
        ("by the National Institutes of Health and the Wellcome Trust", ["National Institutes of Health", "Wellcome Trust"]),
        ("by the Ministry of Education and Science", ["Ministry of Education and Science"]),
        ("Funded by Wellcome (grant 1), Novartis and Pfizer.", ["Wellcome", "Novartis", "Pfizer"]),
        ("Funding came from Johnson & Johnson.", ["Johnson & Johnson"]),
        ("by the European Union’s Horizon 2020 programme", ["European Union’s Horizon"]),
        ("by Deutsche Forschungsgemeinschaft", ["Deutsche Forschungsgemeinschaft"]),
        ("by National, by Royal, by the University, from the Foundation, by German Research, by Institutes", []),
        ("No funding was received. Open Access was paid by the Ministry.", []),
    ],
)  # fmt: skip
def test_funders_by_their_whole_names(text: str, expected: list[str]) -> None:
    assert named.funders(text, KNOWN) == expected


def test_halves_and_owners() -> None:
    assert halves("Wiśniewska-Fiedor") == ("Wiśniewska", "Fiedor")
    assert halves("Long") == () == halves("de la Li") and halves("Bo\u2010Larsen") == ("Larsen",)
    owners = {
        "git@gitlab.com:group/sub/x.git": "group",
        "https://codeberg.org/Team7/x": "Team7",
        "https://bitbucket.org/a/b": "a",
        "https://calcinova-lab.github.io/review": "calcinova-lab",
        "https://osf.io/ab12c": "",
        "https://example.org/repo/x": "",
    }
    assert {url: at.owner for url in owners if (at := address(url))} == owners
    assert address("/srv/repo") is None
    assert all(distinctive(name, {"open", "review"}) for name in ("calcinova-lab", "CalciNova", "calcin7"))
    assert not any(
        distinctive(name, {"open", "review"}) for name in ("calcinova", "Calcinova", "NATURE", "open-review")
    )
