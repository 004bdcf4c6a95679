"""What a revision is compared with: the version that was last sent to the journal.

Where it is looked for, in this order:

1. the rounds recorded for the journal by ``livingreview submitted`` (see :mod:`livingreview.submission.rounds`), the newest first;
2. the releases in the ledger that hold the text of the document, the newest first.

Of those of the first kind that there is, the newest whose text differs from the present one counts: what is being sent again cannot be
its own base, and a package stays the same once it has been recorded. Where none differs it is the newest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livingreview import protocol as protocols
from livingreview.changes.tables import Copy
from livingreview.claims.wording import day
from livingreview.extraction import dataset
from livingreview.protocol_model import Protocol
from livingreview.publish import snapshot
from livingreview.releases import ledger
from livingreview.releases.ledger import Release
from livingreview.releases.slice import present
from livingreview.slices import Review
from livingreview.submission import rounds
from livingreview.submission.arrange import Tree
from livingreview.submission.rounds import Round

DOCUMENT = "manuscript"
_PEOPLE = ("authors", "affiliations", "repository", "registration", "acknowledgements")
_TITLE_PAGE = (
    *("short_title", "running_title", "authors", "affiliations", "keywords"),
    *("highlights", "capsule_summary", "key_messages"),
)


@dataclass(frozen=True)
class Base:
    """A version to compare with.

    ``name`` is short (``round 1``, ``release 2026.11``), ``description`` a phrase that names it with version and date. ``studies`` are
    those of the version in the form of a release's ``studies.json``, with the ids of retracted ones under ``retracted``. ``protocol`` is
    the ``review.yaml`` of then as far as it can be read; None where those who made the review cannot be. ``printable`` says whether it
    holds what the title page of then printed.
    """

    tree: Tree
    name: str
    description: str
    version: str
    date: str
    studies: Mapping[str, Any]
    protocol: Protocol | None
    printable: bool = True

    @property
    def since(self) -> str:
        """Version and date, as people outside know them."""
        return f"version {self.version} of {day(self.date)}"


def base(review: Path, journal: str, tree: Tree | None = None, document: str = DOCUMENT) -> Base | str:
    """What a revision for ``journal`` is compared with, or in plain words why there is nothing.

    ``tree`` is the present text; without it, that of the last build, if there is one. Raises ReviewError for a record or a release that
    cannot be read, or that is not what was written.
    """
    if tree is None:
        built = review / f"build/documents/{document}.ast.json"
        tree = snapshot.read(built) if built.is_file() else None
    sent = rounds.recorded(review, journal)
    if sent:
        found = _newest([(r.tree, r) for r in sent], tree)
        return _of_round(*found)
    known = ledger.releases(review)
    held = [(text, r) for r in known if (text := r.document(document)) is not None]
    return _of_release(*_newest(held, tree)) if held else _reason(known, journal, document)


def studies_now(review: Path, root: Path) -> dict[str, Any]:
    """The studies of the present tables in the form of :attr:`Base.studies`. Raises ReviewError for tables that are not valid."""
    found = Review(dataset.load(review, root))
    return {**present(found), "retracted": _retracted(Copy(review).studies)}


def _newest(versions: Sequence[tuple[Tree, Any]], tree: Tree | None) -> tuple[Tree, Any]:
    differing = [version for version in versions if version[0] != tree]
    return (differing or versions)[-1]


def _of_round(tree: Tree, sent: Round) -> Base:
    which = "" if sent.number == 1 else f" (revision {sent.number - 1})"
    return Base(
        tree,
        f"round {sent.number}",
        f"version {sent.version} of {day(sent.date)}, recorded as sent in round {sent.number}{which}",
        sent.version,
        sent.date,
        sent.studies,
        *read_protocol(sent.folder / rounds.PROTOCOL),
    )


def _of_release(tree: Tree, release: Release) -> Base:
    return Base(
        tree,
        f"release {release.version}",
        f"release {release.version} of {day(release.date)}",
        release.version,
        release.date,
        {**release.studies(), "retracted": _retracted(Copy(release.review).studies)},
        *read_protocol(release.review / protocols.FILE),
    )


def _reason(known: Sequence[Release], journal: str, document: str) -> str:
    said = [f"no submission to {journal} is recorded"]
    if not known:
        said.append("there is no release yet")
    else:
        said.append(f"no release holds the text of the {document} ({', '.join(map(_without_text, known))})")
    advice = f"When a package has been sent, record it: livingreview submitted {journal}"
    return f"There is nothing to compare the revision with: {', and '.join(said)}. {advice}."


def _without_text(release: Release) -> str:
    return f"{release.version} was published elsewhere" if release.kind == "published" else release.version


def _retracted(studies: Mapping[str, Mapping[str, str]]) -> list[str]:
    return sorted(s for s, row in studies.items() if row.get("status") == "retracted")


def read_protocol(path: Path) -> tuple[Protocol | None, bool]:
    """The protocol of then (None where it does not say who made the review), and whether its title page can be printed.

    By today's rules a part of it may not be readable. An optional key that was never written says that there was no such thing.
    """
    found = protocols.draft(path)
    data = found.source.data if found.source else None
    written = set(data if isinstance(data, dict) else ())
    if not found.known.issuperset({"authors", *written.intersection(_PEOPLE)}):
        return None, False
    return found.protocol, found.known.issuperset({"short_title", *written.intersection(_TITLE_PAGE)})
