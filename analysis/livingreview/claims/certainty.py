"""Claims on the certainty of evidence: what is proposed, what is signed, and what may therefore carry a conclusion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from livingreview.certainty.model import Certainty, Rating
from livingreview.claims import wording as w
from livingreview.claims.marks import Marks, slug
from livingreview.claims.model import Claims
from livingreview.claims.words import lower_first
from livingreview.publish.escape import markdown


def add_certainty(claims: Claims, certainty: Certainty, documents: Mapping[str, Any]) -> None:
    """Claims ``certainty.…`` over all therapies and ``<therapy>.certainty.…`` of each."""
    rated = [r for r in certainty.ratings if r.all_cells]
    signed = certainty.cells - certainty.open
    numbers = {
        "cells": (certainty.cells, "judgements on certainty to be signed"),
        "open": (certainty.open, "judgements on certainty that nobody has signed"),
        "signed": (signed, "judgements on certainty signed under the present inputs"),
        "ratings": (len(rated), "outcomes with evidence whose certainty is rated, over therapies"),
    }
    for name, (value, definition) in numbers.items():
        claims.add(f"certainty.{name}", value, w.integer(value), unit="judgements", definition=definition)
    m = claims.marks("certainty", unit="judgements")
    claims.add(
        "certainty.summary",
        len(rated),
        _overall(certainty, rated, m),
        unit="text",
        definition="certainty of evidence over all therapies in words",
        studies=sorted({s for r in rated for s in r.studies}),
    )
    claims.add(
        "certainty.brief",
        len(rated),
        _brief(rated, m),
        unit="text",
        definition="certainty of evidence over all therapies in a sentence",
        studies=sorted({s for r in rated for s in r.studies}),
    )
    for therapy in documents["therapies"]:
        mine = [r for r in certainty.ratings if r.therapy == therapy["code"]]
        claims.add(
            f"{therapy['code']}.certainty.summary",
            sum(bool(r.all_cells) for r in mine),
            _therapy(mine, m),
            unit="text",
            definition=f"certainty of evidence on {therapy['name']} in words",
            studies=sorted({s for r in mine for s in r.studies}),
        )


def _brief(rated: Sequence[Rating], m: Marks) -> str:
    if not rated:
        return "There was no evidence whose certainty could be rated."
    texts = {r.text for r in rated}
    outcomes = m.counted("ratings", len(rated), "outcome with data", "outcomes with data")
    if len(texts) == 1:
        level = _text(rated[0], m)
        one = f"the {m('ratings', 1, 'one')} outcome with data"
        which = one if len(rated) == 1 else f"each of {outcomes}"
        return w.sentence(f"certainty was rated {level} for {which}")
    return w.sentence(f"certainty was rated for {outcomes}: {_by_text(rated, m)}")


def _text(rating: Rating, m: Marks) -> str:
    """How a rating reads within a sentence; it may say how many of its judgements are signed or open again."""
    from livingreview.certainty.model import REOPENED

    cells = rating.all_cells
    of = m.at(f"of.{rating.therapy}.{rating.outcome}", f"{rating.therapy_name}, {rating.name}")
    facts = [
        ("signed", rating.signed, "judgements signed"),
        ("cells", len(cells), "judgements"),
        (
            "reopened",
            sum(c.status == REOPENED for c in cells),
            "judgements open again because their inputs changed",
        ),
    ]
    return of.within(lower_first(markdown(rating.text)), facts)


def _overall(certainty: Certainty, rated: Sequence[Rating], m: Marks) -> str:
    if not rated:
        return "There was no evidence whose certainty could be rated."
    sentences = [
        _brief(rated, m),
        f"of {m.counted('cells', certainty.cells, 'judgement', 'judgements')}, {_signed(certainty, m)}",
    ]
    if not any(r.supports_conclusion for r in rated):
        sentences.append("no rating is signed throughout, and so none supports a conclusion")
    return w.paragraph(*(w.sentence(s) for s in sentences))


def _signed(certainty: Certainty, m: Marks) -> str:
    n = certainty.cells - certainty.open
    return f"{m('signed', n, w.integer(n) if n else 'none')} {'is' if n == 1 else 'are'} signed"


def _by_text(ratings: Sequence[Rating], m: Marks, names: bool = False) -> str:
    groups: dict[str, list[Rating]] = {}
    for r in ratings:
        groups.setdefault(r.text, []).append(r)
    return "; ".join(
        f"{_text(found[0], m)} for "
        + (
            w.listed([markdown(lower_first(r.name)) for r in found])
            if names
            else m(f"rated.{slug(text)}", len(found), None, f"outcomes rated {text}")
        )
        for text, found in groups.items()
    )


def _therapy(ratings: Sequence[Rating], m: Marks) -> str:
    with_evidence = [r for r in ratings if r.all_cells]
    without = [markdown(lower_first(r.name)) for r in ratings if not r.all_cells]
    sentences = []
    if with_evidence:
        sentences.append(w.sentence(f"certainty of evidence: {_by_text(with_evidence, m, names=True)}"))
    if without:
        sentences.append(w.sentence(f"no evidence to rate on {w.listed(without, 'or')}"))
    return w.paragraph(*sentences) or "No certainty was rated."
