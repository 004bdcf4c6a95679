"""Files of figures: the same bytes in every process, fonts embedded, exact size, no traces of the program or the day."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import figure_cases as cases
import pytest

from livingreview.canonical import files_digest
from livingreview.figures import forest, style

ROOT = Path(__file__).parents[2]
STYLE = ROOT / "figures" / "style.mplstyle"

SCRIPT = """
import sys
sys.path[:0] = {path!r}
import figure_analyses
import figure_cases as cases
from livingreview.figures import appraisal, cumulative, flow, forest, responses, small_study, style, timeline
style.load({style!r})
analysed = figure_analyses.with_analyses(cases.result(12))
for name, figure in (("forest_pooled", forest), ("cumulative", cumulative), ("small_study", small_study)):
    style.save(figure.draw(analysed, cases.NAMES), {out!r} + "/" + name)
style.save(forest.draw(cases.result(12), cases.NAMES), {out!r} + "/forest")
style.save(responses.draw(cases.results(), ["two"], cases.NAMES), {out!r} + "/responses")
style.save(appraisal.draw(cases.appraisal(5)), {out!r} + "/appraisal")
style.save(timeline.draw(cases.characteristics(12)), {out!r} + "/timeline")
style.save(flow.draw(cases.flow()), {out!r} + "/flow")
assert "matplotlib.pyplot" not in sys.modules
"""


# What matplotlib itself says in a new home where listing the machine's fonts takes more than five seconds.
SLOW_MACHINE = "Matplotlib is building the font cache; this may take a moment."


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("figures")
    with style.load(STYLE):
        return style.save(forest.draw(cases.result(12), cases.NAMES), folder / "forest")


def test_two_fresh_processes_write_the_same_bytes(tmp_path: Path) -> None:
    path = [str(Path(__file__).parent), str(ROOT / "analysis")]
    digests = []
    for seed in ("1", "2"):
        out = tmp_path / seed
        code = SCRIPT.format(path=path, style=str(STYLE), out=str(out))
        home = {"MPLCONFIGDIR": str(tmp_path / f"config{seed}"), "PYTHONHASHSEED": seed, "TZ": f"UTC+{seed}"}
        done = subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, **home}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert [line for line in done.stderr.splitlines() if line != SLOW_MACHINE] == []
        files = sorted(out.iterdir())
        assert len(files) == 24
        digests.append(files_digest(files))
    assert digests[0] == digests[1]


def test_pdf_has_the_exact_width_and_embeds_its_fonts(saved: list[Path]) -> None:
    from pypdf import PdfReader

    pdf = PdfReader(next(p for p in saved if p.suffix == ".pdf"))
    [page] = pdf.pages
    assert float(page.mediabox.width) * 25.4 / 72 == pytest.approx(174, abs=0.01)
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]
    assert fonts
    for font in fonts:
        descriptors = font.get("/DescendantFonts", [font])
        for descriptor in descriptors:
            assert "/FontFile2" in descriptor.get_object()["/FontDescriptor"].get_object()
    names = {str(font["/BaseFont"]) for font in fonts}
    assert any("FiraSans-Regular" in name for name in names)
    assert any("FiraSans-SemiBold" in name for name in names)


def test_text_of_the_pdf_can_be_read(saved: list[Path]) -> None:
    from pypdf import PdfReader

    text = PdfReader(next(p for p in saved if p.suffix == ".pdf")).pages[0].extract_text()
    assert "<script>alert(1)</script> 1999" in text


def test_png_is_300_dpi(saved: list[Path]) -> None:
    from PIL import Image

    with Image.open(next(p for p in saved if p.suffix == ".png")) as picture:
        assert picture.width == int(174 / 25.4 * 300)
        assert picture.info["dpi"][0] == pytest.approx(300, abs=0.1)
        assert set(picture.info) <= {"dpi"}
        assert picture.mode == "RGB"


def test_svg_has_the_exact_width_and_carries_no_markup_of_labels(saved: list[Path]) -> None:
    from xml.etree import ElementTree

    path = next(p for p in saved if p.suffix == ".svg")
    tree = ElementTree.parse(path).getroot()
    assert float(tree.attrib["width"].removesuffix("pt")) * 25.4 / 72 == pytest.approx(174, abs=0.01)
    assert not [e for e in tree.iter() if e.tag.endswith(("}text", "}script", "}image"))]


def test_files_name_neither_day_nor_program(saved: list[Path]) -> None:
    for path in saved:
        content = path.read_bytes()
        for trace in (
            b"CreationDate",
            b"/Producer (M",
            b"/Creator (M",
            b"Software",
            b"<dc:date",
            str(ROOT).encode(),
        ):
            assert trace not in content, (path.suffix, trace)


def test_save_works_outside_the_style_and_leaves_no_settings_behind(tmp_path: Path) -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    with style.load(STYLE):
        assert mpl.rcParams["font.size"] == 8.5
        fig = forest.draw(cases.result(3), cases.NAMES)
    style.save(fig, tmp_path / "a")
    with style.load(STYLE):
        style.save(forest.draw(cases.result(3), cases.NAMES), tmp_path / "b")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert dict(mpl.rcParams) == before


def test_a_users_own_settings_do_not_show(tmp_path: Path) -> None:
    import matplotlib as mpl

    with mpl.rc_context(
        {"font.weight": "bold", "text.color": "red", "savefig.bbox": "tight", "axes.facecolor": "blue"}
    ):
        with style.load(STYLE):
            style.save(forest.draw(cases.result(3), cases.NAMES), tmp_path / "a")
        assert mpl.rcParams["text.color"] == "red"
    with style.load(STYLE):
        style.save(forest.draw(cases.result(3), cases.NAMES), tmp_path / "b")
    for suffix in style.FORMATS:
        assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


def test_another_style_file_changes_the_look_and_not_the_width(tmp_path: Path) -> None:
    other = tmp_path / "other.mplstyle"
    other.write_text(
        STYLE.read_text(encoding="utf-8").replace("text.color: 1f2328", "text.color: 884400"),
        encoding="utf-8",
    )
    for name, path in (("a", STYLE), ("b", other)):
        with style.load(path):
            style.save(forest.draw(cases.result(3), cases.NAMES), tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() != (tmp_path / "b.svg").read_bytes()


def test_words_about_figures_do_not_import_matplotlib() -> None:
    code = (
        "import sys; from livingreview.figures import appraisal, cumulative, flow, forest, responses, small_study, timeline;"
        "assert not {'matplotlib', 'numpy', 'scipy'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT / "analysis", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
