"""The picture of two built pages: the first, and the one with the figure of responses by therapy."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageOps
from pypdf import PdfReader

MANUSCRIPT = Path("manuscript/_output/manuscript.pdf")
FIGURE = "Reported responses by therapy, unit"
WIDTH = 760  # pixels of one page as cropped; two stand side by side
SHOWN = (0.055, 0.03, 0.945, 0.60)  # what is shown of a page: left, top, right, bottom


def main() -> None:
    """Write ``docs/page.png``; needs the built manuscript and poppler's ``pdftoppm``."""
    numbers = [1, figure_page()]
    with tempfile.TemporaryDirectory() as folder:
        pages = [rendered(number, Path(folder)) for number in numbers]
    gap = 20
    sheet = Image.new("RGB", (sum(p.width for p in pages) + gap, pages[0].height), "white")
    sheet.paste(pages[0], (0, 0))
    sheet.paste(pages[1], (pages[0].width + gap, 0))
    # Rounded to 52 levels a channel, which the eye does not see and which makes the file smaller.
    sheet.point(lambda level: round(level / 5) * 5).save("docs/page.png", optimize=True)


def figure_page() -> int:
    """Number of the page that has the figure's caption."""
    for number, page in enumerate(PdfReader(MANUSCRIPT).pages, 1):
        if FIGURE in " ".join(page.extract_text().split()):
            return number
    raise SystemExit(f"no page of {MANUSCRIPT} has the caption “{FIGURE} …”")


def rendered(number: int, folder: Path) -> Image.Image:
    """The shown part of one page as an image with a thin frame."""
    stem = folder / f"page-{number}"
    place = ["-f", str(number), "-l", str(number), "-singlefile"]
    full = round(WIDTH / (SHOWN[2] - SHOWN[0]))
    command = ["pdftoppm", "-png", *place, "-scale-to-x", str(full), "-scale-to-y", "-1"]
    subprocess.run([*command, str(MANUSCRIPT), str(stem)], check=True, stderr=subprocess.DEVNULL)
    page = Image.open(stem.with_suffix(".png")).convert("RGB")
    left, top, right, bottom = SHOWN
    part = (left * page.width, top * page.height, right * page.width, bottom * page.height)
    return ImageOps.expand(page.crop(part), border=2, fill="#c8ced4")


if __name__ == "__main__":
    main()
