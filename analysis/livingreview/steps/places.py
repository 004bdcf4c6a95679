"""Places gate: where everything is in the main documents, and what a supplement says of them: filled checklists, origins."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.errors import Problem, ReviewError
from livingreview.publish import claims
from livingreview.publish.sources import files
from livingreview.reporting import binding, labels, lists, places, tables
from livingreview.tables.origins import origins

FOLDER = Path("manuscript/_built/reporting")
CLAIMS = Path("build/claims/claims.json")


def run(review: Path, root: Path, out: Path) -> list[Path]:
    """Write ``places`` of each main document, and the filled checklists and the origin of each number, from the rendered documents.

    Into ``out`` go ``NAME.json`` (of a main document its places by label: number, title, page; of another document the
    digests of the tables it may print) and ``manifest.json``; into ``manuscript/_built/reporting`` a table a checklist, and
    ``origins.md``.
    Returns the written files. Raises ReviewError for an item without a place, or with one that no document has.
    """
    documents = labels.listed(review)
    main = [name for name, (_, prefix) in documents.items() if not prefix]
    found: dict[str, dict[str, Any]] = {name: dict(_rendered(review, name)) for name in main}
    known = labels.read(review, documents)
    checklists = lists.load(review, root)
    bound = binding.load(review, checklists, known)
    if problems := _missing(bound, known, found):
        raise ReviewError(problems)
    hosts = [
        name for name, (source, prefix) in documents.items() if prefix and _prints(review / source, review)
    ]
    texts = {
        f"{code}.md": tables.checklist(checklists[code], bound, found, known, hosts).markdown()
        for code in checklists
        if code in bound.answers
    }
    # what this table tells of a claim stands in the HTML too, so that the rendered documents are all that the step hangs on
    texts["origins.md"] = origins(_printed(review, main), canonical.read_json(review / CLAIMS)).markdown()
    written = []
    for name, text in texts.items():
        written.append(review / FOLDER / name)
        canonical.write_text(written[-1], text)
    for path in (review / FOLDER).glob("*.md"):
        if path.name not in texts:
            path.unlink()
    prints = {
        f"_built/reporting/{n}": hashlib.sha256(t.encode("utf-8")).hexdigest() for n, t in texts.items()
    }
    for name in documents:
        written.append(out / f"{name}.json")
        canonical.write_json(written[-1], found.get(name, {"prints": prints}))
    digests = {p.name: canonical.file_digest(p) for p in written if p.suffix == ".json"}
    canonical.write_json(out / "manifest.json", {"documents": digests})
    return [*written, out / "manifest.json"]


def _printed(review: Path, documents: list[str]) -> list[str]:
    """Keys of the claims that the main documents print."""
    pages = [
        review / canonical.read_json(review / f"build/documents/{n}.json")["formats"]["html"]["path"]
        for n in documents
    ]
    return [key for page in pages for key in claims.keys(page.read_text(encoding="utf-8"))]


def _rendered(review: Path, name: str) -> dict[str, places.Place]:
    formats = canonical.read_json(review / f"build/documents/{name}.json")["formats"]
    return places.read(review / formats["html"]["path"], review / formats["pdf"]["path"])


def _prints(source: Path, review: Path) -> bool:
    """Whether a document includes a filled checklist."""
    return any(
        code.name == "include" and "_built/reporting/" in code.detail
        for part in files(source)
        for code in part.shortcodes()
    )


def _missing(bound: binding.Binding, known: labels.Labels, found: dict[str, dict[str, Any]]) -> list[Problem]:
    """A problem for each place of a main document that its rendering does not have, and for what turned out not to exist."""
    problems = []
    for answers in bound.answers.values():
        for answer in answers.values():
            for place in answer.places:
                label = place.rpartition("/")[2]
                if label in labels.SPECIAL:
                    there = any(label in document for document in found.values())
                else:
                    there = any(d not in found or label in found[d] for d in known.documents(place))
                if not there:
                    problems.append(
                        Problem(
                            "no rendered document has this place",
                            binding.FILE,
                            answer.line,
                            value=place,
                            suggestion="give the label of a section, table or figure that is printed",
                        )
                    )
    return problems
