"""The pages of PDFs as pictures, and one page that shows them all.

``FOLDER/NAME/page-01.png`` are the pages of the document NAME, ``FOLDER/index.html`` shows them. Equal PDFs give equal bytes; a PDF
that has not changed since is not drawn again; what belongs to no document any more is removed.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livingreview.canonical import dumps, write_bytes, write_text
from livingreview.errors import Problem, ReviewError
from livingreview.preview import index_page
from livingreview.preview.page_content import library
from livingreview.preview.page_defects import Defect

DPI = 80
LEAST, MOST = 20, 600
_STATE = "pages.json"


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of a document: ``sizes`` are width and height of each in pixels, ``drawn`` whether they were drawn now."""

    name: str
    pdf: Path
    files: tuple[Path, ...]
    sizes: tuple[tuple[int, int], ...]
    drawn: bool


def built(review: Path) -> dict[str, Path]:
    """The PDFs that a review has built, by the names of their previews: its documents, then its packages for journals."""
    found = {p.stem: p for p in sorted((review / "manuscript" / "_output").glob("*.pdf"))}
    packages = {f"{p.parent.name}-{p.stem}": p for p in sorted((review / "submission").glob("*/*.pdf"))}
    return found | packages


def named(pdfs: Sequence[Path]) -> dict[str, Path]:
    """Files by the names of their previews; of two of one name the second has a number. Raises ReviewError for missing ones."""
    if missing := [p for p in pdfs if not p.is_file()]:
        raise ReviewError([Problem("there is no such file", file=str(p)) for p in missing])
    names: dict[str, Path] = {}
    for pdf in dict.fromkeys(pdfs):
        stem = re.sub(r"[^\w.-]+", "-", pdf.stem).strip(".-") or "document"
        name = next(n for n in (stem, *(f"{stem}-{i}" for i in range(2, len(pdfs) + 2))) if n not in names)
        names[name] = pdf
    return names


def draw(pdfs: Mapping[str, Path], folder: Path, *, dpi: int = DPI) -> tuple[Pictures, ...]:
    """Draw the pages of PDFs, each into ``folder`` under its name, and remove what else is there.

    Raises ReviewError with every file that is no PDF; the others are drawn.
    """
    if not LEAST <= dpi <= MOST:
        raise ReviewError(Problem(f"{dpi} dpi are not possible", suggestion=f"give {LEAST} to {MOST}"))
    if folder.is_dir():
        for entry in sorted(folder.iterdir()):
            if entry.name not in pdfs or not entry.is_dir() or entry.is_symlink():
                _remove(entry)
    made, problems = [], []
    for name, pdf in pdfs.items():
        try:
            made.append(_document(name, pdf, folder / name, dpi))
        except ReviewError as error:
            problems += error.problems
    if problems:
        raise ReviewError(problems)
    return tuple(made)


def write_index(
    documents: Sequence[Pictures], folder: Path, *, title: str, defects: Mapping[str, Sequence[Defect]]
) -> Path:
    """The page that shows all pictures with the defects of each; ``defects`` by the names of the documents."""
    shown = [
        index_page.Document(
            d.name,
            d.pdf.name,
            tuple(p.relative_to(folder).as_posix() for p in d.files),
            d.sizes,
            tuple((f.page, f.warning, f.what) for f in defects.get(d.name, ())),
        )
        for d in documents
    ]
    out = folder / "index.html"
    write_text(out, index_page.page(title, shown))
    return out


def _document(name: str, pdf: Path, folder: Path, dpi: int) -> Pictures:
    pdfium: Any = library()
    try:
        content = pdf.read_bytes()
    except OSError as error:
        raise ReviewError(Problem(f"cannot be read: {error.strerror}", file=str(pdf))) from None
    # Another version of the library may draw otherwise.
    key = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "dpi": dpi,
        "drawn_by": str(pdfium.PYPDFIUM_INFO.version),
    }
    known = _known(folder, key)
    if known is not None:
        return Pictures(name, pdf, known[0], known[1], False)
    _remove(folder)
    folder.mkdir(parents=True)
    files, sizes = [], []
    try:
        document = pdfium.PdfDocument(content)
        try:
            digits = max(2, len(str(len(document))))
            for number in range(len(document)):
                picture = document[number].render(scale=dpi / 72).to_pil().convert("RGB")
                buffer = io.BytesIO()
                picture.save(buffer, "PNG")
                files.append(folder / f"page-{number + 1:0{digits}d}.png")
                write_bytes(files[-1], buffer.getvalue())
                sizes.append((picture.width, picture.height))
        finally:
            document.close()
    except pdfium.PdfiumError as error:
        _remove(folder)
        raise ReviewError(Problem(f"not a PDF that can be read: {error}", file=str(pdf))) from None
    pages = [{"file": p.name, "size": list(s)} for p, s in zip(files, sizes, strict=True)]
    write_text(folder / _STATE, dumps({**key, "pages": pages}))
    return Pictures(name, pdf, tuple(files), tuple(sizes), True)


def _known(folder: Path, key: dict[str, Any]) -> tuple[tuple[Path, ...], tuple[tuple[int, int], ...]] | None:
    """The pictures of an earlier call where they still are those of this PDF; what else lies there is removed."""
    try:
        state = json.loads((folder / _STATE).read_text(encoding="utf-8"))
        files = tuple(folder / str(p["file"]) for p in state["pages"])
        sizes = tuple((int(p["size"][0]), int(p["size"][1])) for p in state["pages"])
    except (OSError, ValueError, LookupError, TypeError):
        return None
    if {k: state.get(k) for k in key} != key or not all(p.is_file() for p in files):
        return None
    for entry in sorted(folder.iterdir()):
        if entry not in files and entry.name != _STATE:
            _remove(entry)
    return files, sizes


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink(missing_ok=True)
