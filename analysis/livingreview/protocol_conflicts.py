"""What the parts of a protocol may say against each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from livingreview import citation_styles
from livingreview import protocol_analyses_conflicts as analyses
from livingreview import protocol_conclusions as conclusions
from livingreview.nearest import did_you_mean
from livingreview.protocol_certainty import ratable
from livingreview.protocol_grade import HARMS
from livingreview.protocol_model import Protocol
from livingreview.published import figures
from livingreview.yaml_source import Where

Conflict = tuple[Where, str, str]
"""Where in the protocol, what is wrong, what to do."""


def _therapies(p: Protocol) -> Iterator[Conflict]:
    yield from _repeated("therapies", [t.code for t in p.therapies], "code")
    yield from _repeated("therapies", [t.colour for t in p.therapies], "colour")
    for i, therapy in enumerate(p.therapies):
        if therapy.code in p.out_of_scope:
            yield (
                ("therapies", i, "code"),
                f"`{therapy.code}` is also listed under out_of_scope",
                "keep one of the two",
            )


def _authors(p: Protocol) -> Iterator[Conflict]:
    for i, author in enumerate(p.authors):
        for j, key in enumerate(author.affiliations):
            if key not in p.affiliations:
                yield (
                    ("authors", i, "affiliations", j),
                    f"no affiliation `{key}`",
                    did_you_mean(key, p.affiliations),
                )


def _outcomes(p: Protocol) -> Iterator[Conflict]:
    yield from _repeated("outcomes", [o.code for o in p.outcomes], "code")
    responses = p.outcome_codes("response")
    if p.response.outcome not in responses:
        hint = did_you_mean(p.response.outcome, responses)
        yield ("response", "outcome"), f"`{p.response.outcome}` is no outcome of kind response", hint


def _comparisons(p: Protocol) -> Iterator[Conflict]:
    version = p.previous_version
    if version is None:
        return
    declared = [c.published for c in version.comparisons]
    paths = [path for path, _ in figures(version.published)]
    known = {
        "published": paths,
        "therapy": [t.code for t in p.therapies],
        "analysis": [o.code for o in p.analyses.outcomes],
        "recurrence": list(p.units),
        "score": p.outcome_codes("score"),
    }
    what = {"published": "published figure", "recurrence": "unit", "score": "outcome of kind score"}
    for i, counterpart in enumerate(version.comparisons):
        where: Where = ("previous_version", "comparisons", i)
        for key, choices in known.items():
            value = getattr(counterpart, key)
            # without its file nothing is known of the published figures, and that is told already
            if value is not None and value not in choices and (key != "published" or paths):
                yield (*where, key), f"no {what.get(key, key)} `{value}`", did_you_mean(value, choices)
        if counterpart.published in declared[:i]:
            yield (*where, "published"), f"`{counterpart.published}` already has a counterpart", "keep one"


def _documents(p: Protocol) -> Iterator[Conflict]:
    yield from _repeated("documents", [d.name for d in p.documents], "name")
    yield from _repeated("documents", [d.label_prefix for d in p.documents], "label_prefix")


def _tools(p: Protocol) -> Iterator[Conflict]:
    tool_of: dict[str, str] = {}
    for code, tool in p.appraisal_tools.items():
        for j, design in enumerate(tool.designs):
            where: Where = ("appraisal_tools", code, "designs", j)
            if design not in p.designs:
                yield where, f"no design `{design}`", did_you_mean(design, p.designs)
            elif design in tool_of:
                yield (
                    where,
                    f"the design `{design}` already has the tool `{tool_of[design]}`",
                    "keep one tool a design",
                )
            tool_of.setdefault(design, code)


def _dates(p: Protocol) -> Iterator[Conflict]:
    for key, day in (("data_date", p.data_date), ("access_date", p.access_date)):
        if day > p.date:
            yield (key,), f"{day} lies after the release date {p.date}", ""


def _search_date(p: Protocol) -> Iterator[Conflict]:
    if p.search.date > p.data_date:
        yield ("search", "date"), f"{p.search.date} lies after the data date {p.data_date}", ""


def _style(p: Protocol) -> Iterator[Conflict]:
    if problem := citation_styles.problem(p.csl):
        yield ("csl",), *problem


def _certainty(p: Protocol) -> Iterator[Conflict]:
    """Every code of the section is one of the protocol, and an outcome's code says by itself which outcome is meant."""
    section = p.certainty
    known = ratable(p.analyses.outcomes, p.outcomes)
    scores = p.outcome_codes("score")
    for i, analysis in enumerate(p.analyses.outcomes):
        if analysis.code in (*scores, HARMS):
            yield (
                ("analyses", "outcomes", i, "code"),
                f"`{analysis.code}` is also the code of {'all harms' if analysis.code == HARMS else 'a score'}",
                "take another code: certainty is rated by code",
            )
    for i, code in enumerate(section.outcomes):
        where: Where = ("certainty", "outcomes", i)
        if code not in known:
            hint = did_you_mean(code, known) or f"the codes are: {', '.join(known)}"
            yield where, f"`{code}` is no analysis, score or `{HARMS}`", hint
        elif code in section.outcomes[:i]:
            yield where, f"`{code}` stands twice", "delete one"
    for i, score in enumerate(section.scores):
        if score.code not in scores:
            yield (
                ("certainty", "scores", i, "code"),
                f"`{score.code}` is no outcome of kind score",
                did_you_mean(score.code, scores),
            )
    for design in section.start:
        if design not in p.designs:
            yield ("certainty", "start", design), f"no design `{design}`", did_you_mean(design, p.designs)
    lists = {"basis": p.bases, "source_kind": p.source_kinds}
    for column, codes in section.indirect.items():
        for j, code in enumerate(codes):
            if code not in lists[column]:
                yield (
                    ("certainty", "indirect", column, j),
                    f"no {column} `{code}`",
                    did_you_mean(code, lists[column]),
                )


def _living(p: Protocol) -> Iterator[Conflict]:
    """Streams of the schedule are searched, dates are not in the future, and each version has one note."""
    section = p.living
    for stream in section.schedule.streams if section.schedule else ():
        if stream not in p.search.streams:
            yield (
                ("living", "schedule", "streams", stream),
                f"no search stream `{stream}`",
                did_you_mean(stream, p.search.streams),
            )
    dated: list[tuple[Where, str, dt.date | None]] = [
        (("living", "decided_on"), "decided", section.decided_on),
        (("living", "ended", "date"), "ended", section.ended.date if section.ended else None),
    ]
    for i, note in enumerate(section.versions):
        if section.note(note.version) is not note:
            yield ("living", "versions", i, "version"), f"`{note.version}` already has an entry", "keep one"
        dated.append((("living", "versions", i, "searched"), "searched", note.searched))
        if note.version == p.version and note.searched not in (None, p.search.date):
            yield (
                ("living", "versions", i, "searched"),
                f"{note.searched} is not the date of the search of this version, {p.search.date}",
                "leave it out: the date of the present search stands in search.date",
            )
    for where, what, day in dated:
        if day is not None and day > p.date:
            yield where, f"{what} on {day}, after the release date {p.date}", ""


def _conclusions(p: Protocol) -> Iterator[Conflict]:
    yield from conclusions.conflicts(
        p.conclusions,
        [t.code for t in p.therapies],
        [o.code for o in p.analyses.outcomes],
        p.outcome_codes("score"),
        p.designs,
    )
    for i, entry in enumerate(p.conclusions.declared):
        for field in ("declared_on", "signed_on"):
            day = getattr(entry, field)
            if day is not None and day > p.date:
                yield ("conclusions", "declared", i, field), f"{day} lies after the release date {p.date}", ""


CONFLICTS: tuple[tuple[str, Callable[[Protocol], Iterator[Conflict]]], ...] = (
    ("therapies out_of_scope", _therapies),
    ("authors affiliations", _authors),
    ("outcomes response", _outcomes),
    ("previous_version therapies analyses outcomes units", _comparisons),
    ("analyses", analyses.declared),
    (
        "analyses constructs units bases designs aetiologies source_kinds appraisal_tools judgements",
        analyses.codes,
    ),
    ("documents", _documents),
    ("appraisal_tools designs", _tools),
    ("date data_date access_date", _dates),
    ("search data_date", _search_date),
    ("csl", _style),
    ("living search version date", _living),
    ("analyses certainty outcomes designs bases source_kinds", _certainty),
    ("conclusions therapies analyses outcomes designs date", _conclusions),
)
"""What parts of the protocol may say against each other, with the fields that each check reads."""


def _repeated(field: str, values: list[str], key: str) -> Iterator[Conflict]:
    for i, value in enumerate(values):
        if value in values[:i]:
            yield (
                (field, i, key),
                f"{key} `{value}` is already used by {field}[{values.index(value) + 1}]",
                "",
            )
