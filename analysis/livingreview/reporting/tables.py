"""The filled checklists as tables of a supplement."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from livingreview.publish.escape import markdown
from livingreview.reporting.binding import Answer, Binding
from livingreview.reporting.labels import SPECIAL, Labels
from livingreview.reporting.lists import Checklist
from livingreview.reporting.places import Place
from livingreview.tables.pipe import Column, Table

_KINDS = {"tbl": "Table", "fig": "Figure", "sec": "Section"}


def checklist(
    given: Checklist,
    binding: Binding,
    places: Mapping[str, Mapping[str, Place]],
    labels: Labels,
    hosts: Collection[str],
) -> Table:
    """The table of one checklist: item, topic, what is asked, where it is.

    ``places`` are those of the main documents, by document and label, with their pages. ``hosts`` are the documents that
    print the table: a place of theirs is a cross-reference, whose page Typst fills in when it sets the table.
    """
    rows = []
    for item in given.items:
        answer = binding.answers[given.code][item.item]
        rows.append(
            [
                markdown(item.item),
                markdown(item.topic),
                markdown(item.asks),
                _where(answer, places, labels, hosts),
            ]
        )
    note = f" {markdown(given.note)}" if given.note else ""
    caption = (
        f"{markdown(given.title)} ([doi {markdown(given.doi)}](https://doi.org/{given.doi})): where each item is reported, "
        f"with the page of the PDF. Numbers and topics are those of the guideline; what is asked is put in our own words.{note}"
    )
    columns = [
        Column("Item", 0.5),
        Column("Topic", 1.4),
        Column("What is asked", 2.4),
        Column("Where it is reported", 2.7),
    ]
    return Table(f"checklist-{given.code.replace('_', '-')}", caption, columns, rows)


def _where(
    answer: Answer, places: Mapping[str, Mapping[str, Place]], labels: Labels, hosts: Collection[str]
) -> str:
    if without := reason(answer):
        return without
    shown = "; ".join(_place(place, places, labels, hosts) for place in answer.places)
    return f"{shown}. {markdown(answer.note)}" if answer.note else shown


def reason(answer: Answer, words: Callable[[str], str] = markdown) -> str:
    """Why an item has no place, put as ``words`` does it; empty where it has one."""
    if answer.not_applicable:
        return f"Not applicable: {words(answer.not_applicable)}"
    return f"Not done: {words(answer.not_done)}" if answer.not_done else ""


def _place(
    place: str, places: Mapping[str, Mapping[str, Place]], labels: Labels, hosts: Collection[str]
) -> str:
    label = place.rpartition("/")[2]
    documents = [d for d in places if label in places[d]] if label in SPECIAL else labels.documents(place)
    document = documents[0]
    if document in places:
        several = f"{markdown(document)}: " if len(places) > 1 else ""
        return several + described(label, places[document][label])
    if document in hosts:
        # Only Typst knows pages; the other formats have the link.
        return f"@{label}`, p.~#context counter(page).at(<item-{label}>).first()`{{=typst}}"
    return f"{markdown(document)}, {markdown(label)}"


def described(label: str, place: Place, words: Callable[[str], str] = markdown) -> str:
    """A place in words: ``Section 2.2, Information sources and search, p. 2``; a part that is not known is left out.

    ``words`` puts number and title into the language of the output.
    """
    parts = []
    if place["number"]:
        parts.append(f"{_KINDS[label.split('-')[0]]}\u00a0{words(place['number'])}")
    if place["title"]:
        parts.append(words(place["title"]))
    if place["page"]:
        parts.append(f"p.\u00a0{place['page']}")
    return ", ".join(parts)
