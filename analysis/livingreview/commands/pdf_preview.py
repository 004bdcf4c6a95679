"""``livingreview pdf-preview``: the pages of the built PDFs as pictures."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from livingreview.commands import enter

SUMMARY = "the pages of all built PDFs as pictures in build/preview/, with what is wrong on them"
DESCRIPTION = (
    "Draw every page of the built PDFs (manuscript/_output/*.pdf and submission/*/*.pdf, or the files named) as a picture in build/preview/, and "
    "build/preview/index.html that shows them all. Pages are looked through for what should not be printed: content beyond the page or in its margin, "
    "clipped figures, text over text, empty pages, cut rows, lone headings, unresolved marks. What is found is told and changes nothing."
)
EXAMPLE = "livingreview pdf-preview --dpi 120"
FOLDER = Path("build") / "preview"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The files, how large they are drawn, and whether a browser is opened."""
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="the PDFs (default: all that are built)"
    )
    parser.add_argument("--dpi", type=int, default=80, metavar="N", help="pixels per inch (default: 80)")
    parser.add_argument(
        "--open",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="open the pictures in a browser (default: where there are a terminal and a screen)",
    )


def run(given: argparse.Namespace) -> int:
    """Draw the pictures and tell what was found; 1 where nothing is built."""
    from livingreview.preview import page_defects, pictures

    files = [path.resolve() for path in given.files]
    enter(given.directory)
    pdfs = pictures.named(files) if files else pictures.built(Path())
    if not pdfs:
        sys.stderr.write("no PDF is built here: run `make rebuild` first\n")
        return 1
    documents = pictures.draw(pdfs, FOLDER, dpi=given.dpi)
    found = {d.name: page_defects.defects(d.pdf) for d in documents}
    for document in documents:
        count = len(document.files)
        told = found[document.name]
        print(
            f"{document.name}: {count} page{'' if count == 1 else 's'}, {_counted(len(told))}"
            f"{'' if document.drawn else ' (pictures as before)'}"
        )
        for defect in told:
            print(f"  {'warning: ' if defect.warning else ''}{defect}")
    index = pictures.write_index(documents, FOLDER, title=Path().resolve().name, defects=found)
    pages = sum(len(d.files) for d in documents)
    print(
        f"{pages} pictures of {len(documents)} document{'' if len(documents) == 1 else 's'} in {FOLDER.as_posix()}/"
    )
    print(f"to look at them: {index.as_posix()}")
    if _wanted(given.open):
        _show(index)
    return 0


def _counted(found: int) -> str:
    return "nothing wrong" if not found else f"{found} defect{'' if found == 1 else 's'}"


def _wanted(said: bool | None) -> bool:
    """Whether somebody is there to see a browser: one is asked for, or a terminal and a screen are there."""
    screen = sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    if said is None:
        return sys.stdout.isatty() and screen and not os.environ.get("CI")
    return said and screen


def _show(index: Path) -> None:
    """Open a page; where that fails, its address has been printed."""
    import webbrowser

    try:
        webbrowser.open(index.resolve().as_uri())
    except (webbrowser.Error, OSError):
        return
