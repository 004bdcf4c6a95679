"""Why a version may not be released now: every reason at once, before the build and after it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from livingreview import protocol
from livingreview.errors import Problem, ReviewError
from livingreview.pipeline import journal
from livingreview.releases import ledger, repository, verify
from livingreview.releases.ledger import Release

OWN_VERSION = re.compile(r"[0-9]{4}\.(0[1-9]|1[0-2])(\.[1-9][0-9]*)?")
NO_CHANGE = frozenset({"version", "date", "data_date"})
"""Fields of the protocol that every release sets anew; another value of these alone is no change."""
SECOND = "data/raw/second/"
COMPARING = ("changes", "tracked")
_SHOWN = 10


def before(review: Path, root: Path, version: str) -> list[Problem]:
    """Reasons that hold whatever a build gives: the version, the tables, the ledger, what is not committed, disputed fields."""
    problems: list[Problem] = []
    for check in (
        lambda: _version(review, version),
        lambda: _valid(review, root),
        lambda: iter(verify.verify(review)),
        lambda: _committed(review, root),
        lambda: _disputed(review, root),
    ):
        problems += _told(check)
    return [p for p in dict.fromkeys(problems) if p.severity == "error"]


def after(
    review: Path, root: Path, manifest: Mapping[str, Any], digests: Mapping[str, Any], last: Release | None
) -> list[Problem]:
    """Reasons seen in a finished build in the working directory: outputs that are not what the build made, red alerts that nobody has
    acknowledged, and that nothing changed since the last release.

    ``manifest`` and ``digests`` are those of the release to be (``manifest.json``, ``studies.json``).
    """
    problems = [*_built(), *_read(root, manifest["inputs"])]
    problems += _told(lambda: _alerts(review, root, str(manifest["version"])))
    if last is not None and last.kind == "released" and _same(last, manifest, digests):
        problems.append(
            Problem(
                f"nothing changed since {last.version}: tables, protocol, texts and code are the same",
                suggestion="a release is made when there is something new to say; version and date alone are not",
            )
        )
    return problems


def acknowledgements(review: Path, version: str) -> list[dict[str, Any]]:
    """Rows of ``data/raw/acknowledgements.csv`` for a version, as people wrote them; none where there is no such table."""
    import csv

    path = review / "data/raw/acknowledgements.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return [dict(row) for row in csv.DictReader(lines) if row.get("version") == version]


def _told(check: Callable[[], Iterator[Problem]]) -> list[Problem]:
    try:
        return list(check())
    except ReviewError as error:
        return error.problems


def _version(review: Path, version: str) -> Iterator[Problem]:
    if not OWN_VERSION.fullmatch(version):
        yield Problem(
            "not a version to release",
            value=version,
            allowed="year and month, and a number from 1 for more than one in a month: 2026.11, 2026.11.1",
        )
        return
    draft = protocol.draft(review / protocol.FILE)
    written = (
        str(draft.protocol.version) if "version" in draft.known else version
    )  # the check of the tables tells the rest
    if written != version:
        yield Problem(
            f"review.yaml is of version {written}, not {version}",
            file="review.yaml",
            column="version",
            suggestion=f'set `version: "{version}"` and the dates in review.yaml, and commit it; or release {written}',
        )
    known = ledger.releases(review)
    for release in known:
        if ledger.order(release.version) == ledger.order(version):
            yield Problem(
                f"{release.version} has been released already, on {release.date}; a release never changes",
                file=(ledger.FOLDER / release.version).as_posix(),
                suggestion="give the new release a higher version in review.yaml",
            )
    if known and ledger.order(known[-1].version) > ledger.order(version):
        yield Problem(
            f"{version} would come before {known[-1].version}, the last release",
            value=version,
            allowed=f"a version above {known[-1].version}",
        )


def _valid(review: Path, root: Path) -> Iterator[Problem]:
    from livingreview.extraction import dataset
    from livingreview.screening import flow

    found = dataset.load(review, root)
    flow.flow(found, flow.duplicates(found))
    yield from ()


def _committed(review: Path, root: Path) -> Iterator[Problem]:
    folders = [review] if review.resolve() == root.resolve() else [review, root]
    tops = set()
    for folder in folders:
        found = repository.checkout(folder)
        if found.top in tops:
            continue
        tops.add(found.top)
        if found.dirty:
            names = [*found.dirty[:_SHOWN], *(["…"] if len(found.dirty) > _SHOWN else [])]
            yield Problem(
                f"{len(found.dirty)} file{'s are' if len(found.dirty) > 1 else ' is'} not committed: {', '.join(names)}",
                file="" if folder == review else str(folder),
                suggestion="commit them (git add, git commit), or put them away (git stash): a release is made of what is committed",
            )


def _disputed(review: Path, root: Path) -> Iterator[Problem]:
    """Fields on which two extractors disagree, where the outputs use them."""
    from livingreview.extraction import agreement

    yield from agreement.blocking(review, root)


def _built() -> Iterator[Problem]:
    entries = journal.entries()
    if not entries:
        yield Problem("nothing has been built here", suggestion="run `make rebuild`")
    for entry in entries:
        for path, known in sorted(entry.outputs.items()):
            if what := journal.altered(path, known):
                yield Problem(f"is {what} since it was built", file=path, suggestion="run `make rebuild`")


def _read(root: Path, known: Mapping[str, str]) -> Iterator[Problem]:
    """What the steps read and git does not know (a file that it ignores), or knows otherwise (committed while the build ran)."""
    entries = journal.entries()
    made = {path for entry in entries for path in entry.outputs}
    told = set()
    for entry in entries:
        for path, digest in sorted(entry.inputs.items()):
            name = Path(path).relative_to(root).as_posix() if Path(path).is_relative_to(root) else path
            if path in made or name in told or name.startswith(("build/", "data/releases/")):
                continue
            if known.get(name) != digest:
                told.add(name)
                yield Problem(
                    "was changed since it was built"
                    if name in known
                    else "is read by the build, but git does not know it",
                    file=name,
                    suggestion="run `make rebuild`"
                    if name in known
                    else "take it out of .gitignore and commit it",
                )


def _alerts(review: Path, root: Path, version: str) -> Iterator[Problem]:
    """Red alerts that no named person has acknowledged for this version."""
    from livingreview.conclusions import alerts

    if not (review / alerts.CONCLUSIONS).is_file():
        return
    for alert in alerts.unacknowledged(review, root):
        reasons = f" ({'; '.join(alert.reasons)})" if alert.reasons else ""
        yield Problem(
            f"red alert: the conclusion `{alert.conclusion}` changed{reasons}, and nobody has acknowledged it",
            file="data/raw/acknowledgements.csv",
            suggestion=f"a named person adds a row for version {version} and {alert.conclusion}, with the reason and the date",
        )


def _same(last: Release, manifest: Mapping[str, Any], digests: Mapping[str, Any]) -> bool:
    def evidence(found: Mapping[str, Any]) -> Any:
        protocol_part = {k: v for k, v in found["protocol"].items() if k not in NO_CHANGE}
        return found["studies"], found["tables"], protocol_part

    def written(found: Mapping[str, Any]) -> dict[str, str]:
        # The tables and review.yaml count by what they say, the second extractor's by their bytes; the ledger grew with the last
        # release itself.
        return {
            path: digest
            for path, digest in found["inputs"].items()
            if path.startswith(SECOND) or not path.startswith(("review.yaml", "data/raw/", "data/releases/"))
        }

    def code(found: Mapping[str, Any]) -> dict[str, str]:
        # steps that compare with the last release are not about the review itself
        return {step: digest for step, digest in found["code"].items() if step not in COMPARING}

    return (
        evidence(last.studies()) == evidence(digests)
        and written(last.manifest) == written(manifest)
        and code(last.manifest) == code(manifest)
    )
