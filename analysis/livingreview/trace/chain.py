"""The chain of one claim: sentence ← claim ← result ← studies ← rows ← source and locator; and all that rests on a study."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.errors import Problem, ReviewError
from livingreview.nearest import nearest
from livingreview.trace.printed import Print, prints
from livingreview.trace.rows import WHOLE, Place, Rows

Record = Mapping[str, Any]

CLAIMS = Path("build/claims/claims.json")
BUILT = Path("manuscript/_built")
_CELL = re.compile(r'^# %%.*\bname="([^"]+)"')
_LABEL = re.compile(r"\{#((?:tbl|fig)-[\w-]+)")
_LISTS = frozenset({"data", "included", "characteristics"})
"""Tables that list studies one by one: a study is in them or it is not."""
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
        _sentences(prints(review, claims, frozenset({key})), "no sentence prints it; a table may"),
    )
    lines += _block("claim", _described(claim, claims))
    if hanging := _hanging(claims, {key}):
        lines += _block("decides", hanging)
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
    own = rows.of_study(study)
    files = {place.file for places in own.values() for place in places}
    # a whole table of records stands for each of its rows
    mine = {*own, *(k for c in claims.values() for k in c["rows"] if WHOLE in k and _in(rows, k, files))}
    resting = {k: c for k, c in claims.items() if study in c["studies"] or not mine.isdisjoint(c["rows"])}
    printed = prints(review, claims, frozenset(resting))
    lines = [study, *(f"  {line}" for line in _source_lines(study, rows)), ""]
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
    lines += _block("conclusions", _hanging(claims, resting) or ["none"])
    lines += _block("tables", list(_tables(review, study, resting)) or ["none"])
    lines += _block("figures", list(_figures(review, resting, study)) or ["none"])
    return lines


def _in(rows: Rows, key: str, files: Collection[str]) -> bool:
    return any(place.file in files for place in rows.find(key))


def _unknown(message: str, value: str, choices: Iterable[str], todo: str) -> Problem:
    near = nearest(value, choices)
    return Problem(message, value=value, suggestion=f"did you mean `{near}`?" if near else todo)


def _block(name: str, lines: Iterable[str]) -> list[str]:
    width = 12
    found = list(lines)
    return [f"{name if i == 0 else '':<{width}}{line}" for i, line in enumerate(found)] + [""]


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _sentences(found: Iterable[Print], nothing: str) -> list[str]:
    lines = []
    for p in found:
        lines += [f"{p.file}, line {p.line} ({p.variable})", f"  “{p.sentence}”"]
    return lines or [nothing]


def _described(claim: Record, claims: Mapping[str, Record]) -> list[str]:
    lines = [claim["definition"], f"value {_value(claim['value'])}, printed as {claim['format'] or 'text'}"]
    if claim["unit"] and claim["unit"] != "text":
        lines[1] += f", unit: {claim['unit']}"
    if claim["parts"]:
        lines.append(f"its numbers: {', '.join(claim['parts'])}")
    for key in claim.get("compared") or ():
        lines.append(f"it hangs on: {key} = {_plain(claims[key]['text'])}")
    return lines


def _hanging(claims: Mapping[str, Record], keys: Collection[str]) -> list[str]:
    """Sentences of conclusions whose predicates compare one of the claims, each with its present state."""
    found = [
        k
        for k, c in sorted(claims.items())
        if k.endswith(".sentence") and not set(keys).isdisjoint(c.get("compared") or ())
    ]
    return [f"{k}: {str(claims[k]['value']).replace('_', ' ')}" for k in found]


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
    status = cells.get("status") or "active"
    notice = (
        [f"  {status} on {cells.get('status_date')}: {cells.get('status_notice')}"]
        if status != "active"
        else []
    )
    return [
        f"{study}: {title}",
        f"  {'; '.join(addresses) or 'no address'}",
        f"  read: {read or 'not said'}",
        *notice,
    ]


def _tables(review: Path, study: str, resting: Collection[str]) -> Iterator[str]:
    """Built tables that rest on the study: those that name it, those with a row or a label of its therapies (whose counts and estimates it
    enters; lists by study apart), what is new in this version, and the conclusions where one hangs on its claims."""
    names = _print_names(review, study)
    therapies = _therapies(review, {key.split(".")[0] for key in resting})
    called = {form for forms in therapies.values() for form in forms}
    whole = {"tbl-whats-new"} | ({"tbl-conclusions"} if "conclusions.summary" in resting else set())
    for path in sorted((review / BUILT).rglob("*.md")):
        if path.parent.name not in ("tables", "supplement"):
            continue
        text = path.read_text(encoding="utf-8")
        for block in re.split(r"(?<=\})\n", text):
            label = _LABEL.search(block)
            if label is None:
                continue
            firsts = {line.split("|")[1].strip() for line in block.splitlines() if line.startswith("|")}
            counted = path.stem not in _LISTS and (
                not called.isdisjoint(firsts)
                or any(label[1].endswith(f"-{code.replace('_', '-')}") for code in therapies)
            )
            if label[1] in whole or counted or any(name in block for name in names):
                yield f"@{label[1]} ({path.relative_to(review).as_posix()})"


def _therapies(review: Path, codes: Collection[str]) -> dict[str, set[str]]:
    """Names of the therapies among the codes, as tables print them."""
    from livingreview.publish.escape import markdown

    try:
        rows = canonical.read_json(review / "build/extract/documents.json")["therapies"]
    except (OSError, ValueError, KeyError):
        return {}
    return {
        row["code"]: {
            form for n in ("name", "short_name") if row.get(n) for form in (row[n], markdown(row[n]))
        }
        for row in rows
        if row["code"] in codes
    }


def _print_names(review: Path, study: str) -> set[str]:
    from livingreview.publish.escape import markdown

    try:
        rows = list(canonical.read_json(review / "build/extract/characteristics.json")["studies"])
        # a retracted study is in the table of notices alone
        rows += canonical.read_json(review / "build/extract/notices.json")["studies"]
    except (OSError, ValueError, KeyError):
        return set()
    found = {r[n] for r in rows if r["study_id"] == study for n in ("label", "label_short") if r.get(n)}
    return {form for name in found for form in (name, markdown(name))}


def _figures(review: Path, resting: Mapping[str, Record], study: str) -> Iterator[str]:
    """Built figures of the therapies of the claims, and those of the whole review."""
    therapies = {k.split(".")[0] for k in resting}
    # a study that only the flow counts (a retracted one) is drawn nowhere else
    counted = any(study in c["studies"] for c in resting.values())
    for path in sorted((review / BUILT / "figures").glob("*.md")):
        ends = next((t for t in therapies if path.stem.endswith(f"_{t}")), None)
        drawn = counted if path.stem in ("responses", "timeline", "appraisal") else path.stem == "flow"
        if ends or (drawn and resting):
            yield f"@fig-{path.stem} (figures/{path.stem}.svg)"
