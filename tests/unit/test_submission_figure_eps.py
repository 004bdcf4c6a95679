"""EPS made from a vector PDF: well-formed, the same picture as the PDF, nothing left out in silence."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import figure_cases as cases
import pytest
from PIL import Image, ImageChops

from livingreview.figures import appraisal, flow, forest, responses, style
from livingreview.submission import figure_eps, figure_pdf
from livingreview.submission.figure_files import Source, Wanted, make
from livingreview.submission.figure_measure import measure

ROOT = Path(__file__).parents[2]
DRAWN: dict[str, Callable[[], Any]] = {
    "forest": lambda: forest.draw(cases.result(12), cases.NAMES),  # labels in many scripts
    "responses": lambda: responses.draw(cases.results(), ["two"], cases.NAMES),  # hatched areas
    "appraisal": lambda: appraisal.draw(cases.appraisal(5)),
    "flow": lambda: flow.draw(cases.flow()),
}
GHOSTSCRIPT = shutil.which("gs")


@pytest.fixture(autouse=True)
def _styled() -> Iterator[None]:
    with style.load(ROOT / "figures/style.mplstyle"):
        yield


def pdf(fig: Any, folder: Path) -> Path:
    return next(path for path in style.save(fig, folder / "a") if path.suffix == ".pdf")


@pytest.mark.skipif(GHOSTSCRIPT is None, reason="no Ghostscript to draw EPS with")
@pytest.mark.parametrize("space", ["rgb", "cmyk"])
@pytest.mark.parametrize("case", DRAWN)
def test_eps_shows_what_the_pdf_shows(tmp_path: Path, case: str, space: str) -> None:
    content = figure_pdf.resized(pdf(DRAWN[case](), tmp_path).read_bytes(), 129, space)
    path = tmp_path / "a.eps"
    path.write_bytes(figure_eps.eps(content))
    options = "-q -dSAFER -dBATCH -dNOPAUSE -dEPSCrop -r200 -sDEVICE=pnggray -dTextAlphaBits=4 -dGraphicsAlphaBits=4"
    done = subprocess.run(
        [str(GHOSTSCRIPT), *options.split(), f"-sOutputFile={tmp_path / 'e.png'}", str(path)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with Image.open(tmp_path / "e.png") as made:
        there = figure_pdf.pixels(content, *made.size).convert("L")
        # Shrunk, so that half a pixel at an edge, which two programs draw differently, does not count.
        small = [picture.convert("L").reduce(4) for picture in (made, there)]
    different = ImageChops.difference(*small).histogram()
    assert sum(different[70:]) < 0.001 * sum(different)
    assert sum(different[20:]) < 0.2 * sum(different)


def test_eps_is_a_file_of_its_own_with_outlines_for_letters(tmp_path: Path) -> None:
    source = pdf(DRAWN["forest"](), tmp_path)
    wanted = Wanted(formats=("eps", "pdf"), widths_mm=(174,), colour="cmyk")
    result = make([Source(1, "fig-a", "a.png", source, None)], wanted, tmp_path / "out")
    (figure,) = result.figures
    eps, vectors = figure.files
    assert (result.problems, result.left_out) == ((), ())
    assert (eps.name, eps.format, eps.mode, eps.width_mm, eps.metadata) == (
        "Fig1.eps",
        "eps",
        "cmyk",
        174,
        (),
    )
    assert eps.height_mm == pytest.approx(vectors.height_mm, abs=0.01)
    text = (tmp_path / "out/Fig1.eps").read_text(encoding="ascii")
    assert text.startswith("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 494 ")
    assert "findfont" not in text and "show\n" not in text
    assert text.count("gsave") == text.count("grestore")
    assert max(map(len, text.splitlines())) < 256
    again = figure_eps.eps((tmp_path / "out/Fig1.pdf").read_bytes())
    assert again == (tmp_path / "out/Fig1.eps").read_bytes()


def saved(path: Path, alpha: float | None = None, inside: bool = False, letters: int = 42) -> Path:
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    with mpl.rc_context({"pdf.fonttype": letters, "font.family": "DejaVu Sans"}):
        figure = Figure(figsize=(2, 1))
        figure.add_artist(Rectangle((0.1, 0.3), 0.2, 0.2, facecolor="red", alpha=alpha))
        figure.text(0.1, 0.7, "Words", fontsize=10)
        if inside:
            figure.add_axes((0.5, 0.3, 0.4, 0.6)).imshow([[0, 1], [1, 0]])
        figure.savefig(path, format="pdf")
    return path


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"alpha": 0.5}, "it has transparency"),
        ({"inside": True}, "it has a picture of pixels"),
        ({"letters": 3}, "it has letters whose shapes are not in it as TrueType"),
    ],
)
def test_what_postscript_cannot_say_is_told(tmp_path: Path, how: dict[str, Any], words: str) -> None:
    source = Source(3, "fig-a", "a.png", saved(tmp_path / "a.pdf", **how), None)
    wanted = Wanted(formats=("eps", "pdf"), dpi={"halftone": 1})
    result = make([source], wanted, tmp_path / "out")
    assert [f"{p}" for p in result.problems if "EPS" in str(p)] == [str(result.problems[0])]
    assert f"figure 3 cannot be written as EPS: {words}" in str(result.problems[0])
    assert result.problems[0].severity == "warning"
    assert [file.name for file in result.figures[0].files] == ["Fig3.pdf"]
    assert not (tmp_path / "out/Fig3.eps").exists()
    assert [f.name for f in make([source], replace(wanted, formats=("pdf",)), tmp_path).figures[0].files] == [
        "Fig3.pdf"
    ]


def test_an_eps_of_others_is_measured_by_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "a.eps"
    path.write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 10 20 82 92\n%%Creator: Ada\n1 setgray\n")
    found = measure(path)
    assert (found.width_mm, found.height_mm, found.mode, found.metadata) == (
        25.4,
        25.4,
        "grey",
        (("Creator", "Ada"),),
    )
