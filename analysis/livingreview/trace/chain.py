"""The chain of one claim: sentence ← claim ← result ← studies ← rows ← source and locator; and all that rests on a study."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.errors import Problem, ReviewError
from livingreview.nearest import nearest
from livingreview.trace.printed import Print, prints
from livingreview.trace.rows import Place, Rows

Record = Mapping[str, Any]

CLAIMS = Path("build/claims/claims.json")
BUILT = Path("manuscript/_built")
_CELL = re.compile(r'^# %%.*\bname="([^"]+)"')
_LABEL = re.compile(r"\{#((?:tbl|fig)-[\w-]+)")
IDENTIFIERS = (("doi", "https://doi.org/"), ("pmid", "PubMed "), ("pmcid", ""), ("source_url", ""))


def read_claims(review: Path) -> dict[str, Record]:
    """The claims of the last build. Raises :class:`ReviewError` where there is none."""
    try:
        return dict(canonical.read_json(review / CLAIMS))
    except (OSError, ValueError):
        raise ReviewError(
            Problem(
                "there are no claims to trace",
                file=CLAIMS.as_posix(),
                suggestion="build the review first: make rebuild",
            )
        ) from None


def one_claim(review: Path, root: Path, key: str, study: str | None = None) -> list[str]:
    """Lines that tell where a claim comes from; with ``study``, only its rows of that study.

    Raises :class:`ReviewError` for an unknown claim or study, with the nearest that is there.
    """
    claims, rows = read_claims(review), Rows(review)
    if key not in claims:
        raise ReviewError(
            _unknown("there is no claim of this key", key, claims, "trace the key that stands nearest")
        )
    claim = claims[key]
    studies = [s for s in claim["studies"] if study in (None, s)]
    if study is not None and not studies:
        raise ReviewError(
            _unknown(
                f"`{key}` does not rest on this study",
                study,
                claim["studies"],
                "see its studies without --study",
            )
        )
    lines = [key, f"  {_plain(claim['text'])}", ""]
    lines += _block(
        "sentence",
        _sentences(
            prints(review, claims, frozenset({key})), "prints in no document by itself or in a sentence"
        ),
    )
    lines += _block("claim", _described(claim))
    lines += _block("result", [_made(key, claim, review, root)])
    lines += _block("studies", [_study_line(s, rows) for s in studies] or ["none: it rests on no study"])
    kept = [k for k in claim["rows"] if study is None or _study_of(k) in (study, None)]
    lines += _block("rows", list(_row_lines(kept, rows)) or ["none: nothing of this kind is in the tables"])
    lines += _block("source", [line for s in studies for line in _source_lines(s, rows)] or ["see the rows"])
    return lines


def whole_study(review: Path, root: Path, study: str) -> list[str]:
    """Lines that tell everything that rests on a study: its rows, claims, sentences, tables and figures.

    Raises :class:`ReviewError` for an unknown study, with the nearest that is there.
    """
    claims, rows = read_claims(review), Rows(review)
    if rows.study(study) is None:
        raise ReviewError(
            _unknown("there is no study of this id", study, rows.studies(), "see data/raw/studies.csv")
        )
    resting = {k: c for k, c in claims.items() if study in c["studies"]}
    printed = prints(review, claims, frozenset(resting))
    lines = [study, *(f"  {line}" for line in _source_lines(study, rows)), ""]
    own = rows.of_study(study)
    lines += _block("rows", [f"{key:<40} {place}" for key in sorted(own) for place in own[key]])
    told = [
        f"{k} = {_plain(c['text'])[:90]}"
        for k, c in sorted(resting.items())
        if c["unit"] != "text" and c["value"] is not None
    ]
    lines += _block(
        "claims", [f"{len(resting)} rest on it; those with a value:", *told] if resting else ["none"]
    )
    lines += _block("sentences", _sentences(printed, "none"))
    lines += _block("tables", list(_tables(review, study)) or ["none"])
    lines += _block("figures", list(_figures(review, resting)) or ["none"])
    return lines


def _unknown(message: str, value: str, choices: Iterable[str], todo: str) -> Problem:
    near = nearest(value, choices)
    return Problem(message, value=value, suggestion=f"did you mean `{near}`?" if near else todo)


def _block(name: str, lines: Iterable[str]) -> list[str]:
    width = 11
    found = list(lines)
    return [f"{name if i == 0 else '':<{width}}{line}" for i, line in enumerate(found)] + [""]


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _sentences(found: Iterable[Print], nothing: str) -> list[str]:
    lines = []
    for p in found:
        lines += [f"{p.file}, line {p.line} ({p.variable})", f"  “{p.sentence}”"]
    return lines or [nothing]


def _described(claim: Record) -> list[str]:
    lines = [claim["definition"], f"value {_value(claim['value'])}, printed as {claim['format'] or 'text'}"]
    if claim["unit"] and claim["unit"] != "text":
        lines[1] += f", unit: {claim['unit']}"
    if claim["parts"]:
        lines.append(f"its numbers: {', '.join(claim['parts'])}")
    return lines


def _value(value: Any) -> str:
    return (
        "none" if value is None else canonical.dumps(value).strip() if not isinstance(value, str) else value
    )


def _made(key: str, claim: Record, review: Path, root: Path) -> str:
    made = claim["made_by"]
    if "notebook" not in made:
        return f"step {made.get('step', 'claims')} ({made.get('cell', '')})"
    name = f"analysis/notebooks/{made['notebook']}.py"
    path = next((p for p in (review / name, root / name) if p.is_file()), None)
    line = cell_line(path, made["cell"]) if path else None
    # the notebook of the therapies runs once for each
    ran = f"{made['notebook']}_{key.split('.')[0]}" if made["notebook"] == "therapy" else made["notebook"]
    executed = Path(f"build/notebooks/{ran}.ipynb")
    told = f"notebook {name}, cell {made['cell']}" + (f", line {line}" if line else "")
    return f"{told}; as it ran: {executed.as_posix()}" if (review / executed).is_file() else told


def cell_line(notebook: Path, cell: str) -> int | None:
    """Line at which the cell of that name begins; None where there is none."""
    for number, text in enumerate(notebook.read_text(encoding="utf-8").splitlines(), 1):
        if (match := _CELL.match(text)) and match[1] == cell:
            return number
    return None


def _study_of(key: str) -> str | None:
    table, _, rest = key.partition(":")
    return (
        rest.split(":")[0] if table in ("studies", "arms", "outcomes", "participants", "appraisals") else None
    )


def _study_line(study: str, rows: Rows) -> str:
    cells = rows.study(study) or {}
    who = " ".join(
        filter(None, [cells.get("first_author") or "author not shown", cells.get("year") or "n.d."])
    )
    return f"{study} ({who})"


def _row_lines(keys: Iterable[str], rows: Rows) -> Iterator[str]:
    for key in keys:
        places = rows.find(key)
        yield from (f"{key:<40} {_told(place)}" for place in places)
        if not places:
            yield f"{key:<40} no longer in the tables: build again"


def _told(place: Place) -> str:
    cells = place.cells
    said = cells.get("as_reported") or cells.get("note") or cells.get("value") or ""
    return f"{place}" + (f": {said}" if said else "")


def _source_lines(study: str, rows: Rows) -> list[str]:
    cells = rows.study(study)
    if cells is None:
        return [f"{study}: no longer in data/raw/studies.csv"]
    addresses = [f"{before}{cells[name]}" for name, before in IDENTIFIERS if cells.get(name)]
    title = cells.get("title") or "title not shown"
    read = ", ".join(filter(None, [cells.get("source_kind"), cells.get("locator")]))
    return [f"{study}: {title}", f"  {'; '.join(addresses) or 'no address'}", f"  read: {read or 'not said'}"]


def _tables(review: Path, study: str) -> Iterator[str]:
    """Built tables that name the study, by its print name."""
    names = _print_names(review, study)
    for path in sorted((review / BUILT).rglob("*.md")):
        if path.parent.name not in ("tables", "supplement"):
            continue
        text = path.read_text(encoding="utf-8")
        for block in re.split(r"(?<=\})\n", text):
            label = _LABEL.search(block)
            if label and any(name in block for name in names):
                yield f"@{label[1]} ({path.relative_to(review).as_posix()})"


def _print_names(review: Path, study: str) -> set[str]:
    from livingreview.publish.escape import markdown

    try:
        rows = canonical.read_json(review / "build/extract/characteristics.json")["studies"]
    except (OSError, ValueError, KeyError):
        return set()
    found = {r[n] for r in rows if r["study_id"] == study for n in ("label", "label_short") if r.get(n)}
    return {form for name in found for form in (name, markdown(name))}


def _figures(review: Path, resting: Mapping[str, Record]) -> Iterator[str]:
    """Built figures of the therapies of the claims, and those of the whole review."""
    therapies = {k.split(".")[0] for k in resting}
    for path in sorted((review / BUILT / "figures").glob("*.md")):
        ends = next((t for t in therapies if path.stem.endswith(f"_{t}")), None)
        if ends or (path.stem in ("responses", "timeline", "appraisal", "flow") and resting):
            yield f"@fig-{path.stem} (figures/{path.stem}.svg)"
