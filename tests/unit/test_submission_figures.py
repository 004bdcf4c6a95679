"""Figure files of a submission: order, width, resolution, colour mode, fonts and lines, measured in the files made."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from livingreview.errors import ReviewError
from livingreview.submission import figure_content, figure_pdf
from livingreview.submission.figure_content import Drawing
from livingreview.submission.figure_files import Wanted, chosen_width, figures_of, make
from livingreview.submission.figure_measure import measure

MM = 25.4
WANTED = Wanted(
    formats=("tiff", "pdf"),
    widths_mm=(39, 84, 129, 174),
    max_height_mm=234,
    dpi={"line": 400, "combination": 200, "halftone": 100},
    min_font_pt=8,
    min_line_pt=0.3,
)


def draw(
    path: Path,
    width_mm: float = 120,
    height_mm: float = 40,
    font_pt: float = 10,
    line_pt: float = 0.5,
    colour: str = "#0072b2",
    words: str = "Words",
    hatch: str = "",
    opacity: float | None = None,
    inside: Any = None,
    **metadata: str,
) -> Path:
    """A figure of one line, one area and one word, saved as vectors with TrueType fonts."""
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle

    with mpl.rc_context({"pdf.fonttype": 42, "font.family": "DejaVu Sans", "hatch.linewidth": 0.4}):
        figure = Figure(figsize=(width_mm / MM, height_mm / MM))
        figure.add_artist(Line2D([0.1, 0.9], [0.2, 0.2], linewidth=line_pt, color=colour))
        edge = colour if hatch else "none"
        area = Rectangle(
            (0.1, 0.3), 0.2, 0.2, facecolor=colour, edgecolor=edge, hatch=hatch or None, alpha=opacity
        )
        figure.add_artist(area)
        if words:
            figure.text(0.1, 0.7, words, fontsize=font_pt, color="black")
        if inside is not None:
            figure.add_axes((0.5, 0.3, 0.4, 0.6)).imshow(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(
            path, format="pdf", metadata={"CreationDate": None, "Creator": None, "Producer": None, **metadata}
        )
    return path


def drawn(path: Path) -> Drawing:
    return figure_content.read(figure_pdf.part(figure_pdf.page_of(path.read_bytes())[0]))


def image(path: str, label: str = "") -> dict[str, Any]:
    return {"t": "Image", "c": [[label, [], []], [], [path, ""]]}


def tree(*paths: str) -> dict[str, Any]:
    """A document with these figures, each in a block of its own, named as the documents name them."""
    blocks = [
        {"t": "Div", "c": [[f"item-fig-{Path(path).stem}", [], []], [{"t": "Para", "c": [image(path)]}]]}
        for path in paths
    ]
    return {"blocks": blocks}


def review(folder: Path, *names: str, **how: Any) -> Path:
    for name in names:
        draw(folder / f"figures/{name}.pdf", **how)
    return folder


def made(folder: Path, wanted: Wanted = WANTED, **how: Any) -> Any:
    """The files of a review with one figure."""
    review(folder, "a", **how)
    return make(
        figures_of(tree("_built/figures/a.png"), folder, folder / "manuscript"), wanted, folder / "out"
    )


def test_figures_come_in_the_order_of_the_document_and_once(tmp_path: Path) -> None:
    review(tmp_path, "a", "b", "unused")
    found = figures_of(
        tree("_built/figures/b.png", "_built/figures/a.png", "_built/figures/b.png"), tmp_path, tmp_path
    )
    assert [(f.number, f.label, f.vector and f.vector.name) for f in found] == [
        (1, "fig-b", "b.pdf"),
        (2, "fig-a", "a.pdf"),
    ]


def test_a_figure_block_of_pandoc_names_its_figure(tmp_path: Path) -> None:
    block = {"t": "Figure", "c": [["fig-x", [], []], [None, []], [{"t": "Plain", "c": [image("x.png")]}]]}
    assert figures_of({"blocks": [block]}, tmp_path, tmp_path)[0].label == "fig-x"


def test_sizes_are_those_printed_after_scaling(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", hatch="//")
    before = drawn(path)
    small = tmp_path / "small.pdf"
    small.write_bytes(figure_pdf.resized(path.read_bytes(), 60))
    after = drawn(small)
    assert (before.smallest_font_pt, before.smallest_line_pt, before.kind) == (10, 0.4, "combination")
    assert after.smallest_font_pt == pytest.approx(5, abs=1e-3)
    assert after.smallest_line_pt == pytest.approx(0.2, abs=1e-3)  # the hatch lies on the page's own grid
    assert after.fonts == before.scaled(0.5).fonts and after.hues == before.hues
    assert before.scaled(0.5).smallest_line_pt == pytest.approx(after.smallest_line_pt, abs=1e-3)
    assert measure(small).width_mm == pytest.approx(60, abs=1e-3)


@pytest.mark.parametrize("hatch", ["", "//"])
def test_another_size_shows_the_same(tmp_path: Path, hatch: str) -> None:
    content = draw(tmp_path / "a.pdf", hatch=hatch).read_bytes()
    one, other = (figure_pdf.pixels(c, 480, 160) for c in (content, figure_pdf.resized(content, 40)))
    pairs = zip(one.convert("L").tobytes(), other.convert("L").tobytes(), strict=True)
    assert sum(abs(a - b) > 40 for a, b in pairs) < 480 * 160 * 0.002


@pytest.mark.parametrize(
    ("font_pt", "line_pt", "height_mm", "expected"),
    [
        (12, 0.5, 40, 84),  # 84 of 120 mm leaves 8.4 pt
        (10, 0.5, 40, 129),
        (12, 0.35, 40, 129),  # the line would be 0.25 pt
        (6, 0.5, 40, 174),
        (5, 0.5, 40, 174),  # too small at every width: the widest, and the check fails
        (10, 0.5, 230, 84),  # 129 mm would be 247 mm high
    ],
)
def test_the_narrowest_width_with_large_enough_letters_and_lines(
    font_pt: float, line_pt: float, height_mm: float, expected: float
) -> None:
    drawing = Drawing(smallest_font_pt=font_pt, smallest_line_pt=line_pt)
    assert chosen_width(WANTED, 120, height_mm, drawing) == expected


def test_any_width_between_two() -> None:
    wanted = replace(WANTED, widths_mm=(), width_range_mm=(67, 190.5))
    assert chosen_width(wanted, 120, 40, Drawing(smallest_font_pt=7)) == pytest.approx(137.14)
    assert chosen_width(wanted, 120, 40, Drawing(smallest_font_pt=4)) == 190.5
    assert chosen_width(wanted, 120, 40, Drawing(smallest_font_pt=40)) == 67
    assert chosen_width(replace(wanted, min_font_pt=None), 120, 40, Drawing(smallest_font_pt=40)) == 120
    assert chosen_width(Wanted(), 120, 40, Drawing()) == 120
    for wanted in (WANTED, Wanted(widths_mm=(85,), max_height_mm=20, min_font_pt=9, min_line_pt=1)):
        small = Drawing(smallest_font_pt=3, smallest_line_pt=0.1)
        assert chosen_width(wanted.shaping, 120, 40, small) == chosen_width(wanted, 120, 40, small)


def test_files_measure_as_asked(tmp_path: Path) -> None:
    result = made(tmp_path)
    (figure,) = result.figures
    tiff, pdf = figure.files
    assert (figure.number, figure.width_mm, result.problems, result.left_out) == (1, 129, (), ())
    assert (tiff.name, tiff.format, tiff.mode, tiff.bits, tiff.compression) == (
        "Fig1.tif",
        "tiff",
        "rgb",
        8,
        "lzw",
    )
    assert (tiff.dpi, tiff.width_px, tiff.alpha, tiff.pages) == ((200, 200), round(129 / MM * 200), False, 1)
    assert tiff.width_mm == pytest.approx(129, abs=MM / 200)
    assert (pdf.name, pdf.width_mm, pdf.mode, pdf.fonts_embedded) == ("Fig1.pdf", 129, "rgb", True)
    assert pdf.drawing is not None and [f.name for f in pdf.drawing.fonts] == ["DejaVuSans"]
    assert pdf.drawing.smallest_font_pt == pytest.approx(10.75, abs=1e-3)
    assert tiff.metadata == pdf.metadata == ()
    assert tiff.bytes == (tmp_path / "out/Fig1.tif").stat().st_size


def test_pixels_come_from_the_vectors(tmp_path: Path) -> None:
    """At 400 dpi a black line has hard edges, which an enlarged picture would not have."""
    made(tmp_path, colour="black")
    with Image.open(tmp_path / "out/Fig1.tif") as picture:
        assert picture.info["dpi"] == (400, 400)  # black and white only: line art
        column = (
            picture.convert("L")
            .crop((picture.width // 2, 0, picture.width // 2 + 1, picture.height))
            .tobytes()
        )
    assert min(column) < 60
    assert sum(60 <= value < 250 for value in column) <= 2


@pytest.mark.parametrize(
    ("colour", "mode", "space"),
    [("grey", "grey", {"grey"}), ("cmyk", "cmyk", {"cmyk"}), ("rgb", "rgb", {"rgb"})],
)
def test_colour_modes(tmp_path: Path, colour: str, mode: str, space: set[str]) -> None:
    (figure,) = made(tmp_path, replace(WANTED, colour=colour), hatch="//").figures
    tiff, pdf = figure.files
    assert tiff.mode == mode
    assert set(pdf.drawing.spaces) == space


def test_black_text_is_one_ink() -> None:
    assert figure_pdf.in_space(("rgb", 0.0, 0.0, 0.0), "cmyk") == (0, 0, 0, 1)
    assert figure_pdf.in_space(("grey", 0.5), "cmyk") == (0, 0, 0, 0.5)
    assert figure_pdf.in_space(("cmyk", 0.0, 0.0, 0.0, 1.0), "rgb") == (0, 0, 0)
    picture = Image.new("RGB", (1, 2))
    picture.putpixel((0, 1), (255, 0, 51))
    assert figure_pdf.mode(picture, "cmyk").tobytes() == bytes([0, 0, 0, 255, 0, 255, 204, 0])


def test_same_bytes_whenever_and_wherever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path / "one")
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    monkeypatch.setenv("HOME", "/nowhere")
    before = os.umask(0o077)
    try:
        made(tmp_path / "deeper/two")
    finally:
        os.umask(before)
    for name in ("Fig1.tif", "Fig1.pdf"):
        assert (tmp_path / "one/out" / name).read_bytes() == (tmp_path / "deeper/two/out" / name).read_bytes()


def test_names_in_the_source_do_not_reach_the_files(tmp_path: Path) -> None:
    result = made(tmp_path, Author="Ada Writer", Title="By Ada Writer")
    assert dict(measure(tmp_path / "figures/a.pdf").metadata) == {
        "Author": "Ada Writer",
        "Title": "By Ada Writer",
    }
    assert all(file.metadata == () for file in result.figures[0].files)
    assert b"Ada" not in (tmp_path / "out/Fig1.pdf").read_bytes()


def test_transparency_and_pictures_are_seen(tmp_path: Path) -> None:
    import numpy as np

    assert drawn(draw(tmp_path / "t.pdf", opacity=0.5)).transparent
    assert not drawn(draw(tmp_path / "o.pdf")).transparent
    drawing = drawn(draw(tmp_path / "p.pdf", inside=np.eye(8)))
    assert drawing.pictures and drawing.kind == "combination"


def test_a_picture_within_a_figure_is_too_small(tmp_path: Path) -> None:
    import numpy as np

    result = made(tmp_path, replace(WANTED, dpi={"combination": 100, "halftone": 9000}), inside=np.eye(8))
    assert ["too small for its resolution" in str(p) for p in result.problems] == [True]


def test_photographs(tmp_path: Path) -> None:
    path = tmp_path / "manuscript/photo.png"
    path.parent.mkdir()
    Image.new("RGBA", (500, 300), (200, 30, 30, 128)).save(path)
    sources = figures_of(tree("photo.png"), tmp_path, tmp_path / "manuscript")
    result = make(sources, WANTED, tmp_path / "out")
    (figure,) = result.figures
    (tiff,) = figure.files  # 500 pixels at 100 dpi are 127 mm: the next width below
    assert (figure.width_mm, figure.kind, tiff.width_px, tiff.alpha) == (84, "halftone", 331, False)
    assert [p.severity for p in result.problems] == ["warning"]


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    review(tmp_path, "good")
    Image.new("RGB", (20, 20)).save(tmp_path / "figures/tiny.png")
    (tmp_path / "figures/broken.pdf").write_bytes(b"no PDF")
    paths = [f"_built/figures/{name}.png" for name in ("missing", "tiny", "broken", "good")]
    result = make(figures_of(tree(*paths), tmp_path, tmp_path / "manuscript"), WANTED, tmp_path / "out")
    said = [str(problem) for problem in result.problems]
    assert len(said) == 3
    assert "_built/figures/missing.png: the file of figure 1 is missing" in said[0]
    assert (
        "figure 2 has no vector source" in said[1]
        and "20 × 20 pixels is too small for 100 dpi at 39 mm" in said[1]
    )
    assert "figure 3 cannot be read as a PDF" in said[2]
    assert [figure.files[0].name for figure in result.figures] == ["Fig4.tif"]


def test_a_picture_in_a_pdf_is_no_vector_source(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (400, 200), "red").save(buffer, format="PDF")
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures/a.pdf").write_bytes(buffer.getvalue())
    result = make(figures_of(tree("figures/a.png"), tmp_path, tmp_path), WANTED, tmp_path / "out")
    assert ["its PDF holds only a picture" in str(p) for p in result.problems] == [True]


def test_rules_that_cannot_be_followed(tmp_path: Path) -> None:
    wanted = Wanted(name="Figure", formats=("svg",), colour="cmky", compression="lz", dpi={"lines": 0})
    said = "\n".join(str(p) for p in make([], wanted, tmp_path).problems)
    for words in (
        "did you mean `cmyk`",
        "`lzw`",
        "`line`",
        "none of the figure formats",
        "no number",
        "more than 0",
    ):
        assert words in said
    assert make([], replace(WANTED, formats=("svg", "tiff")), tmp_path).left_out == ("svg",)


def test_measuring_what_is_no_figure(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_text("words")
    for name in ("a.tif", "none.tif"):
        with pytest.raises(ReviewError, match="the file of a figure"):
            measure(tmp_path / name)


def test_measuring_alpha_layers_and_words(tmp_path: Path) -> None:
    one = Image.new("RGBA", (10, 10))
    one.save(tmp_path / "a.tif", save_all=True, append_images=[one], tiffinfo={315: "Ada Writer"})
    found = measure(tmp_path / "a.tif")
    assert (found.alpha, found.pages, found.dpi, found.compression) == (True, 2, None, "none")
    assert dict(found.metadata) == {"Artist": "Ada Writer"}
