"""The cover letter and the answer to reviewers: what is known is filled in, what people have to say is left open and marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from livingreview.claims.wording import day
from livingreview.protocol_model import Protocol
from livingreview.protocol_submission import NOT_REGISTERED
from livingreview.publish.snapshot import inlines
from livingreview.submission.arrange import Block, Blocks, header
from livingreview.submission.statements import MISSING, Statement

_TOLD = ("funding", "competing_interests", "relation_to_continued_review", "ai_use")


def cover_letter(
    protocol: Protocol,
    title: str,
    journal: str,
    stated: Sequence[Statement] = (),
    enclosed: Sequence[str] = (),
    *,
    revised: bool = False,
) -> Blocks:
    """The letter to the editor of ``journal``; ``enclosed`` are the names of the files that go with it. ``revised``: the letter goes with a
    revision, and has a place for the number that the journal gave the manuscript.

    Only what review.yaml says stands in it. The message to the editor and the authors' declarations are theirs to write; where they are not
    written, the letter says so in bold.
    """
    own = protocol.cover_letter
    out: Blocks = [
        _para(day(protocol.date.isoformat())),
        _para(f"Dear {own.editor or 'Editor'},"),
        _para(f"Please find enclosed the {'revised ' if revised else ''}manuscript “{title}” for {journal}."),
    ]
    if revised:
        out += [
            _lead("Manuscript number", "[The number that the journal gave the manuscript.]"),
            _para("Our answers to the editor and the reviewers are in a file of their own."),
        ]
    out += (
        [_para(own.message)] if own.message else [_gap("the message to the editor", "cover_letter: message")]
    )
    out.append(_para(_what_it_is(protocol)))
    if own.declarations:
        out += [_para("We declare:"), _bullets(own.declarations)]
    else:
        out.append(
            _gap(
                "the authors’ declarations (for instance that all have approved the manuscript, and that it is not under consideration elsewhere)",
                "cover_letter: declarations",
            )
        )
    for statement in stated:
        if statement.code not in _TOLD:
            continue
        out.append(
            _gap(f"the statement “{statement.title}”", _key(statement))
            if statement.missing
            else _lead(statement.title, statement.text)
        )
    for name, people in (
        ("Suggested reviewers", own.suggested_reviewers),
        ("Reviewers whom we ask not to be invited", own.opposed_reviewers),
    ):
        if people:
            out += [_lead(name, ""), _bullets(people)]
    signed = [
        inlines(", ".join(part for part in (a.name, a.email) if part))
        for a in protocol.authors
        if a.corresponding
    ] or [_gap("the corresponding author", "authors: corresponding")["c"]]
    # one paragraph, so that no signature stands alone on a page
    lines = [part for line in signed for part in ({"t": "LineBreak"}, *line)]
    out.append({"t": "Para", "c": [*inlines("Yours sincerely,"), *lines]})
    if enclosed:
        out += [_lead("Enclosed", ""), _bullets(list(enclosed))]
    return out


def response_to_reviewers(
    protocol: Protocol,
    title: str,
    journal: str,
    comments: Mapping[str, Sequence[str]] | None = None,
    changes: Sequence[str] = (),
    since: str = "",
) -> Blocks:
    """The answer to an editor and reviewers, point by point, with a place for each answer and for where the text was changed.

    ``comments`` maps each of them to his or her comments, in order; without any there is one empty point for the editor and for two
    reviewers. ``changes`` are lines that tell what differs from the version that was submitted, and ``since`` names that
    version (``version 2026.11 of 22 November 2026``).
    """
    out: Blocks = [
        _para(day(protocol.date.isoformat())),
        _lead("Manuscript", title),
        _lead("Journal", journal),
        _lead("Version", protocol.version),
        header(inlines(f"Changes made since {since}, by section" if since else "Summary of changes")),
    ]
    out.append(_bullets(list(changes)) if changes else _para("[Tell here in a few lines what has changed.]"))
    asked = comments or dict.fromkeys(("Editor", "Reviewer 1", "Reviewer 2"), ("",))
    for who, points in asked.items():
        out.append(header(inlines(who)))
        for index, point in enumerate(points, start=1):
            out.append(header(inlines(f"{who}, comment {index}"), 2))
            words = (
                inlines(" ".join(point.split())) if point.strip() else inlines("[Paste the comment here.]")
            )
            out += [
                {"t": "BlockQuote", "c": [{"t": "Para", "c": words}]},
                _lead("Answer", "[Answer.]"),
                _lead(
                    "Change in the manuscript", "[What was changed, with page and lines; or: none, and why.]"
                ),
            ]
    return out


def _what_it_is(protocol: Protocol) -> str:
    parts = [
        f"It is version {protocol.version} of a living systematic review. Last search: {day(protocol.search.date.isoformat())}."
    ]
    previous = protocol.previous_version
    if previous is not None:
        doi = f" (doi {previous.doi})" if previous.doi else ""
        parts.append(f"It continues version {previous.label}{doi}.")
    parts.append(
        f"Registration: {protocol.registration.rstrip('.')}." if protocol.registration else NOT_REGISTERED
    )
    parts.append(f"Status: {protocol.status.rstrip('.')}.")
    return " ".join(parts)


def _key(statement: Statement) -> str:
    return "authors: roles" if statement.code == "contributions" else statement.code


def _para(text: str) -> Block:
    return {"t": "Para", "c": inlines(text)}


def _lead(name: str, text: str) -> Block:
    strong: list[Any] = [{"t": "Strong", "c": inlines(f"{name}.")}]
    return {"t": "Para", "c": [*strong, *([{"t": "Space"}, *inlines(text)] if text else [])]}


def _gap(what: str, key: str) -> Block:
    words = f"{MISSING}: {what}. Its place in review.yaml is {key}."
    return {"t": "Para", "c": [{"t": "Strong", "c": inlines(words)}]}


def _bullets(lines: Sequence[str]) -> Block:
    return {"t": "BulletList", "c": [[{"t": "Plain", "c": inlines(line)}] for line in lines]}
