"""Where things are: what a review holds itself and what it takes from the repository."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.pipeline.fingerprint import Fingerprints, combined
from livingreview.releases.ledger import READ_BY_EXTRACT, order, with_flow

EXTRACT = "build/extract/manifest.json"
COLLECT = "build/collect/results.json"
CLAIMS = "build/claims/manifest.json"
MANIFESTS = (EXTRACT, COLLECT, CLAIMS)
PLACES = "build/places/manifest.json"
CHANGES = "build/changes/changes.json"
# The last gate lies among the documents: below those of the main kind, above those whose items bear a prefix.
GATES = (*MANIFESTS, PLACES)
FIGURE_FORMATS = ("svg", "pdf", "png")
EXTRACT_FILES = (
    "manifest.json",
    "report.json",
    "characteristics.json",
    "appraisal.json",
    "certainty.json",
    "flow.json",
    "documents.json",
    "supplement.json",
    "bibliography.json",
    "rows.json",
    "releases.json",
    "update.json",
    "notices.json",
)


@dataclass(frozen=True)
class Layout:
    """Paths of one review (the working directory) and of the repository behind it.

    ``plan`` holds what the shape of the build depends on: ``{"therapies": [codes], "documents": {name: source}}``.
    """

    root: Path
    plan: dict[str, Any]

    def resolve(self, name: str) -> Path:
        """The review's own file or folder of that name if it has one, else the repository's."""
        own = Path(name)
        if own.exists() or self.is_own_repository:
            return own
        return self.root / name

    @property
    def is_own_repository(self) -> bool:
        """True where the review is the repository itself."""
        return self.root.resolve() == Path.cwd().resolve()

    @property
    def therapies(self) -> list[str]:
        """Codes of the therapies in the review's order."""
        return list(self.plan["therapies"])

    @property
    def documents(self) -> dict[str, str]:
        """Source of each document by its name."""
        return dict(self.plan["documents"])

    @property
    def main_documents(self) -> list[str]:
        """Names of the documents whose figures and tables are numbered without a prefix."""
        return [name for name in self.plan["documents"] if not self.plan["prefixes"][name]]

    def steps(self) -> dict[str, tuple[str, dict[str, str]]]:
        """Rule and wildcards of every step by its name in journal and receipt, in the order of the data's way."""
        other = [d for d in self.documents if d not in self.main_documents]
        order = [
            ("extract", [""]),
            ("therapy", self.therapies),
            ("collect", [""]),
            ("overview", self.overviews()),
            ("claims", [""]),
            ("document", self.main_documents),
            ("places", [""]),
            ("document", other),
            ("tracked", [""]),
            ("changes", [""]),
        ]
        return {
            f"{rule}-{value}" if value else rule: (rule, {rule: value} if value else {})
            for rule, values in order
            for value in values
        }

    def reporting(self) -> list[str]:
        """The review's list of the places that answer the reporting checklists, if it has one."""
        from livingreview.reporting.binding import FILE

        return [FILE] if Path(FILE).is_file() else []

    def raw_tables(self) -> list[str]:
        """Every file that the extract gate reads: protocol, raw tables, search records, schemas, earlier versions."""
        tables = [p for p in Path("data/raw").rglob("*.csv") if not p.name.startswith((".", "~"))]
        own = list(Path("data/schema").glob("*.json"))
        names = {p.name for p in own}
        schemas = own + [p for p in (self.root / "data/schema").glob("*.json") if p.name not in names]
        earlier = [p for name in READ_BY_EXTRACT for p in Path("data/releases").glob(f"[0-9]*/{name}")]
        return ["review.yaml", *map(str, [*sorted(tables), *sorted(schemas), *sorted(earlier)])]

    def ledger(self) -> list[str]:
        """What names each version of the ledger: its manifest, or the figures of a published one."""
        names = ("manifest.json", "published.yaml")
        return sorted(str(p) for n in names for p in Path("data/releases").glob(f"[0-9]*/{n}"))

    def notebook(self, name: str) -> Path:
        """Source of a notebook: ``therapy`` or ``overview_<name>``."""
        return self.resolve(f"analysis/notebooks/{name}.py")

    def overviews(self) -> list[str]:
        """Names of the overview notebooks (files ``overview_*.py``), the repository's and the review's own."""
        folders = {self.root / "analysis/notebooks", Path("analysis/notebooks")}
        return sorted({p.stem.removeprefix("overview_") for f in folders for p in f.glob("overview_*.py")})

    def header(self, notebook: str) -> dict[str, Any]:
        """``reads`` and ``figures`` of a notebook, from its own header; ``{release}`` stands for each earlier release in turn."""
        found = dict(self.plan["headers"][notebook])
        releases = [version.replace(".", "_") for version in self.plan.get("releases", ())]
        found["figures"] = [
            stem.replace("{release}", release)
            for stem in found["figures"]
            for release in (releases if "{release}" in stem else [""])
        ]
        return found

    def document_sources(self, name: str) -> list[str]:
        """The document's own file and all that it includes and that people write (built parts apart).

        A file that is not there is left out: rendering names it with the line that asks for it.
        """
        from livingreview.publish.sources import dependencies

        source = Path(self.documents[name])
        found = [source, *dependencies(source)]
        written = [p for p in found if "_built" not in p.parts and p.name != "_variables.yml"]
        return [str(p) for p in written if p.is_file()]

    def released_texts(self) -> list[str]:
        """What the comparison with the last release reads: manifests of all releases, snapshots of their documents."""
        found = [
            p
            for name in ("manifest.json", "documents/*.json")
            for p in Path("data/releases").glob(f"[0-9]*/{name}")
        ]
        return sorted(map(str, found))

    def figures(self) -> list[str]:
        """Stems of all figures of the review, sorted."""
        stems = [s.format(therapy=t) for t in self.therapies for s in self.header("therapy")["figures"]]
        stems += [s for name in self.overviews() for s in self.header(f"overview_{name}")["figures"]]
        return sorted(stems)


def fingerprint_parts(
    layout: Layout, prints: Fingerprints, rule: str, wildcards: dict[str, str]
) -> dict[str, str]:
    """All that a step's result depends on besides its inputs: code, notebook text, style, templates, lock."""
    parts = prints.files([layout.root / "requirements.lock"])
    if rule in ("therapy", "overview"):
        name = "therapy" if rule == "therapy" else f"overview_{wildcards['overview']}"
        parts |= prints.modules("livingreview.steps.notebook")
        parts |= prints.notebook(layout.notebook(name))
        if layout.header(name)["figures"]:
            parts |= prints.files([layout.resolve("figures/style.mplstyle")])
    elif rule == "document":
        parts |= prints.modules("livingreview.steps.render")
        files = [layout.resolve("manuscript/_quarto.yml")]
        for folder in ("manuscript/filters", "manuscript/templates"):
            files += [p for p in layout.resolve(folder).rglob("*") if p.is_file() and p.stem != "tracked"]
        parts |= prints.files(files)
        parts["engine"] = layout.plan["engine"]
    elif rule.startswith("submission_"):
        from livingreview.submission import package_code

        parts |= package_code.parts(layout, prints, rule, wildcards)
    else:
        parts |= prints.modules(f"livingreview.steps.{rule}")
        if rule == "places":
            from livingreview.reporting import lists

            parts |= prints.files(lists.files(Path(), layout.root))
        if rule == "changes":
            files = [layout.resolve("manuscript/_quarto.yml")]
            for folder in ("manuscript/filters", "manuscript/templates"):
                files += [p for p in layout.resolve(folder).rglob("*") if p.is_file() and p.stem != "tracked"]
            parts |= prints.files(files)
        if rule == "tracked":
            parts |= prints.files(
                layout.resolve(f"manuscript/templates/{name}")
                for name in ("article.css", "tracked.css", "tracked.html")
            )
    return dict(sorted(parts.items()))


def fingerprint(layout: Layout, prints: Fingerprints, rule: str, wildcards: dict[str, str]) -> str:
    """The parts of :func:`fingerprint_parts` as one short digest."""
    return combined(fingerprint_parts(layout, prints, rule, wildcards))


def engine_identity() -> str:
    """Name and version of the engine that will render, e.g. ``builtin (pandoc 1.17, typst 0.15.2)``."""
    from livingreview.publish import engine

    found = engine.find()
    return f"{found.name} ({found.version})"


def make_plan(root: Path, prints: Fingerprints, *, remember: bool = True) -> dict[str, Any]:
    """What the shape of the build depends on; read anew only when review.yaml, a notebook or the code changed.

    Raises :class:`livingreview.errors.ReviewError` for a protocol that cannot be read.
    """
    memory = Path("build/plan.json")
    own, shared = Path("analysis/notebooks"), root / "analysis/notebooks"
    notebooks = {p.stem: p for p in sorted(shared.glob("*.py"))}
    notebooks |= {p.stem: p for p in sorted(own.glob("*.py"))} if own.is_dir() else {}
    key = {
        "protocol": canonical.file_digest("review.yaml"),
        "code": combined(prints.modules("livingreview.protocol")),
        "notebooks": {n: canonical.file_digest(p) for n, p in notebooks.items()},
        "releases": with_flow(Path()),
    }
    try:
        known = canonical.read_json(memory)
        if known["key"] == key and "prefixes" in known["plan"]:
            return dict(known["plan"])
    except (OSError, ValueError, KeyError):
        pass
    from livingreview import protocol
    from livingreview.steps.notebook import header

    read = protocol.load(Path("review.yaml"))
    plan = {
        "therapies": [t.code for t in read.therapies],
        "documents": {d.name: d.source for d in read.documents},
        "prefixes": {d.name: d.label_prefix for d in read.documents},
        "releases": [v for v in key["releases"] if order(v) < order(read.version)],
        "headers": {
            n: header(p) for n, p in notebooks.items() if n == "therapy" or n.startswith("overview_")
        },
    }
    if remember:
        canonical.write_json(memory, {"key": key, "plan": plan})
    return plan
