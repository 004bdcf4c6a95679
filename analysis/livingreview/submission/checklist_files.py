"""The reporting checklists of a submission, filled in with file, page and line, and as files of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from livingreview.errors import Problem, ReviewError
from livingreview.nearest import did_you_mean
from livingreview.publish.snapshot import inlines
from livingreview.reporting import binding, labels, lists
from livingreview.reporting.labels import SPECIAL
from livingreview.reporting.tables import reason
from livingreview.submission.arrange import Block, Blocks, styled
from livingreview.submission.checklist_places import TAKEN, Printed, Spot, places
from livingreview.submission.documents import FORMATS, Source
from livingreview.submission.facts import Checklist, ChecklistItem
from livingreview.submission.layout import Layout
from livingreview.submission.masking import masked
from livingreview.submission.write import Properties, Written, write

# Shares of the width; places are the longest lines.
_WIDTHS = (0.19, 0.07, 0.27, 0.47)
_HEADINGS = ("Section and topic", "Item", "What the item asks", "Where it is reported")
_UNANSWERED = "Not answered"


def checklists(
    codes: Sequence[str], review: Path, root: Path, documents: Mapping[str, Printed]
) -> tuple[Checklist, ...]:
    """The checklists ``codes`` of a review with the places of its items in the files of a submission.

    ``documents`` are those of the submission by name, the main ones among them. A checklist that the review does not use has the
    reason at each item; one of which it says nothing has items without an answer. Raises ReviewError with every code that is
    unknown and every place that was not found.
    """
    known = lists.load(review, root)
    problems = [
        Problem(
            "there is no such checklist",
            lists.FOLDER,
            value=code,
            allowed=", ".join(sorted(known)),
            suggestion=did_you_mean(code, known),
        )
        for code in dict.fromkeys(codes)
        if code not in known
    ]
    if problems:
        raise ReviewError(problems)
    every = labels.read(review, labels.listed(review))
    bound = binding.load(review, known, every)
    answers = {code: bound.answers.get(code, {}) for code in dict.fromkeys(codes)}
    wanted = {
        place: (_document(place, every, documents), place.rpartition("/")[2])
        for given in answers.values()
        for answer in given.values()
        for place in answer.places
    }
    found = places(documents, wanted.values())
    by_place = {place: found[key] for place, key in wanted.items()}
    return tuple(
        Checklist(
            code,
            known[code].title,
            tuple(
                _item(item, answers[code].get(item.item), bound.not_used.get(code, ""), by_place)
                for item in known[code].items
            ),
            tuple(
                dict.fromkeys(
                    s.taken for a in answers[code].values() for p in a.places for s in by_place[p] if s.taken
                )
            ),
        )
        for code in answers
    )


def checklist_file(
    given: Source, checklist: Checklist, layout: Layout, stem: Path, formats: Sequence[str] = FORMATS
) -> Written:
    """A checklist as ``stem`` + ``.pdf`` and ``.docx``: what each item asks, and where it is reported or why it is not.

    ``layout`` is that of the manuscript; where it is blinded, so are the title of the review and the properties of the files.
    """
    known = lists.load(given.project.review, given.project.root)
    if checklist.code not in known:
        raise ReviewError(
            Problem(
                "there is no such checklist",
                lists.FOLDER,
                value=checklist.code,
                suggestion=did_you_mean(checklist.code, known),
            )
        )
    asked = known[checklist.code]
    own = masked(given.title, given.who) if layout.blinded else given.title
    title = f"{asked.name} checklist"
    why = "taken out for blinding" if layout.blinded else "kept out at the journal’s wish"
    content = [*_head(asked, checklist, own, why), _table(asked, checklist)]
    meta = {"title": {"t": "MetaInlines", "c": inlines(title)}}
    meta |= {k: v for k, v in given.tree["meta"].items() if k == "lang"}
    properties = Properties(
        title=f"{title}: {own}",
        authors=() if layout.blinded else tuple(a.name for a in given.protocol.authors),
        day=given.protocol.date,
    )
    tree = {**given.tree, "meta": meta, "blocks": content}
    return write(tree, layout.plain(), properties, given.project, given.document, stem, formats)


def _document(place: str, every: labels.Labels, documents: Mapping[str, Printed]) -> str:
    """The document of a place; a title or abstract is that of the first main document of the submission that has one."""
    document, _, label = place.rpartition("/")
    if document:
        return document
    if label not in SPECIAL:
        return next(iter(every.documents(place)), "")
    main = [name for name, prefix in every.prefixes.items() if not prefix]
    return next((n for n in main if n in documents and documents[n].spots(label)), next(iter(main), ""))


def _item(
    asked: lists.Item,
    answer: binding.Answer | None,
    not_used: str,
    found: Mapping[str, tuple[Spot, ...]],
) -> ChecklistItem:
    title = asked.topic
    if answer is None:
        return ChecklistItem(asked.item, title, (), not_used)
    spots = dict.fromkeys(spot for place in answer.places for spot in found[place])
    return ChecklistItem(
        asked.item,
        title,
        tuple((s.words, s.file, s.page, s.line) for s in spots),
        reason(answer, str),
        answer.note,
    )


def _head(asked: lists.Checklist, checklist: Checklist, review: str, why: str) -> Blocks:
    """What the list is, of which review, and how its places are to be read; ``why`` tells why something was taken out of them."""
    address = f"https://doi.org/{asked.doi}"
    link = {"t": "Link", "c": [["", [], []], [{"t": "Str", "c": address}], [address, ""]]}
    lined = any(line is not None for item in checklist.items for *_, line in item.places)
    numbers = (
        "Page and line numbers are those printed in the files named"
        if lined
        else ("Page numbers are those printed in the files named")
    )
    paged = f"{numbers}. " if any(p[2] is not None for i in checklist.items for p in i.places) else ""
    note = f" {asked.note}" if asked.note else ""
    if checklist.taken:
        note += (
            f" {TAKEN} Without what is {why}, which only the editor gets: of {'; of '.join(checklist.taken)}."
        )
    words = (
        f"{paged}Numbers and topics are those of the guideline; what is asked is put in our own words.{note}"
    )
    return [
        _paragraph("Review", inlines(review)),
        _paragraph("Guideline", [*inlines(f"{asked.title}."), {"t": "Space"}, link]),
        _paragraph("How to read it", inlines(words)),
    ]


def _paragraph(name: str, words: list[Any]) -> Block:
    return {"t": "Para", "c": [{"t": "Strong", "c": inlines(f"{name}.")}, {"t": "Space"}, *words]}


def _table(asked: lists.Checklist, checklist: Checklist) -> Block:
    answers = {item.number: item for item in checklist.items}
    rows, before = [], ""
    for item in asked.items:
        topic = _topic(item, first=item.section != before)
        before = item.section
        cells = [topic, inlines(item.item), inlines(item.asks), _where(answers.get(item.item))]
        rows.append(_row([_cell(words) for words in cells]))
    head = _row([_cell(inlines(words)) for words in _HEADINGS])
    columns = [[{"t": "AlignLeft"}, {"t": "ColWidth", "c": width}] for width in _WIDTHS]
    table = {
        "t": "Table",
        "c": [_NOTHING, [None, []], columns, [_NOTHING, [head]], [[_NOTHING, 0, [], rows]], [_NOTHING, []]],
    }
    return styled("Table Text", [table])


def _topic(item: lists.Item, *, first: bool) -> list[Any]:
    """The topic; at the first item of a section below its name, which then never stands alone at the end of a page."""
    if not first:
        return inlines(item.topic)
    section: list[Any] = [{"t": "Strong", "c": inlines(item.section)}]
    return section if item.topic == item.section else [*section, {"t": "LineBreak"}, *inlines(item.topic)]


def _where(item: ChecklistItem | None) -> list[Any]:
    if item is None or not (item.places or item.reason):
        return [{"t": "Emph", "c": inlines(_UNANSWERED)}]
    lines = [_spot(*place) for place in item.places] or [item.reason]
    if item.note:
        lines.append(item.note)
    return _lines(lines)


def _spot(words: str, file: str, page: int | None, line: int | None) -> str:
    """``Manuscript.pdf, p. 5, line 84: Section 2.1, Search``, with spaces that keep a number with its word."""
    parts = [file]
    if page is not None:
        parts.append(f"p.\u00a0{page}")
    if line is not None:
        parts.append(f"line\u00a0{line}")
    return f"{', '.join(parts)}: {words}"


def _lines(texts: Iterable[str]) -> list[Any]:
    out: list[Any] = []
    for text in texts:
        out += [{"t": "LineBreak"}, *inlines(text)]
    return out[1:]


_NOTHING: list[Any] = ["", [], []]


def _row(cells: list[Any]) -> list[Any]:
    return [_NOTHING, cells]


def _cell(words: list[Any]) -> list[Any]:
    return [_NOTHING, {"t": "AlignDefault"}, 1, 1, [{"t": "Plain", "c": words}]]
