"""The review's notebooks on another review: they run, say the same twice, and leave counting to the package."""

from __future__ import annotations

import ast
import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import figure_cases
import jupytext
import pytest
from matplotlib.text import Text

from livingreview import slices
from livingreview.canonical import files_digest, read_json, write_json
from livingreview.certainty.slice import certainty
from livingreview.extraction import dataset
from livingreview.figures import style
from livingreview.figures.sheet import body, heading, small
from livingreview.living.slice import update
from livingreview.releases.slice import releases
from livingreview.steps import notebook

ROOT = Path(__file__).parents[2]
SECOND = ROOT / "tests" / "review"
STYLE = str(ROOT / "figures" / "style.mplstyle")
NOTEBOOKS = sorted((ROOT / "analysis" / "notebooks").glob("*.py"))
OVERVIEWS = [p.stem for p in NOTEBOOKS if p.stem.startswith("overview_")]


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Slices of the second review, as the first gate writes them."""
    folder = tmp_path_factory.mktemp("review")
    found = slices.Review(dataset.load(SECOND, ROOT))
    extract = folder / "build" / "extract"
    write_json(extract / "characteristics.json", slices.characteristics(found))
    write_json(extract / "appraisal.json", slices.appraisal(found))
    write_json(extract / "certainty.json", certainty(found))
    write_json(extract / "flow.json", found.flow)
    write_json(extract / "update.json", update(found, releases(found, SECOND)))
    for code in codes(folder):
        write_json(extract / "therapy" / f"{code}.json", slices.therapy_slice(found, code))
    return folder


def codes(folder: Path) -> list[str]:
    return [t["code"] for t in read_json(folder / "build" / "extract" / "characteristics.json")["therapies"]]


@pytest.fixture
def there(review: Path) -> Iterator[Path]:
    with contextlib.chdir(review):
        yield review


def parameters(name: str, therapy: str | None = None) -> dict[str, Any]:
    header = notebook.header(ROOT / "analysis" / "notebooks" / f"{name}.py")
    if therapy:
        figures = {
            f.replace("_{therapy}", ""): f"figures/{f.format(therapy=therapy)}" for f in header["figures"]
        }
        return {
            "therapy": therapy, "inputs": {"therapy": f"build/extract/therapy/{therapy}.json"}, "style": STYLE,
            "result": f"build/results/therapy/{therapy}.json", "figures": figures,
        }  # fmt: skip
    return {
        "inputs": {read.split("/")[-1]: f"build/{read}.json" for read in header["reads"]}, "style": STYLE,
        "result": f"build/results/overview/{name.removeprefix('overview_')}.json",
        "figures": {figure: f"figures/{figure}" for figure in header["figures"]},
    }  # fmt: skip


def run_here(name: str, given: dict[str, Any]) -> list[str]:
    """Run the cells of a notebook in this process; returns the HTML of the tables that it shows."""
    scope: dict[str, Any] = {"__name__": "__main__"}
    shown = []
    for cell in jupytext.read(ROOT / "analysis" / "notebooks" / f"{name}.py").cells:
        if cell.cell_type != "code":
            continue
        tree = ast.parse(cell.source)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec"), scope)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), name, "eval"), scope)  # type: ignore[attr-defined]
            if value is not None:
                html = getattr(value, "_repr_html_", lambda: None)()
                shown.append(html or type(value).__name__)
        if "parameters" in cell.metadata.get("tags", []):
            scope.update(given)
    return shown


@pytest.fixture(scope="module")
def saved() -> Iterator[dict[str, tuple[set[float], list[str]]]]:
    """Of every figure that a notebook saves: its sizes of letters in points, and what is cut or covered in it."""
    usual, found = style.save, {}

    def save(fig: Any, stem: Path | str) -> list[Path]:
        sizes = {text.get_fontsize() for text in fig.findobj(Text) if text.get_text()}
        found[Path(stem).name] = (sizes, figure_cases.faults(fig))
        return usual(fig, stem)

    style.save = save
    yield found
    style.save = usual


@pytest.fixture(scope="module")
def therapies(saved: Any, review: Path) -> dict[str, list[str]]:
    """What the notebook of each therapy showed; its results and figures lie in the review."""
    with contextlib.chdir(review):
        return {code: run_here("therapy", parameters("therapy", code)) for code in codes(review)}


def test_all_notebooks_run_on_another_review_and_write_what_they_promise(
    there: Path, therapies: dict[str, list[str]], saved: dict[str, tuple[set[float], list[str]]]
) -> None:
    assert list(therapies) == codes(there)
    for code, shown in therapies.items():
        assert "Image" in shown
        assert not any(" at 0x" in text for text in shown)
        assert read_json(f"build/results/therapy/{code}.json")["therapy"]["code"] == code
    results = {code: read_json(f"build/results/therapy/{code}.json") for code in therapies}
    write_json("build/collect/results.json", {"therapies": results})
    for name in OVERVIEWS:
        given = parameters(name)
        shown = run_here(name, given)
        assert ("Image" in shown) is bool(given["figures"])
        assert set(shown) - {"Image"}
        assert read_json(given["result"])
    figures = {p.stem for p in Path("figures").iterdir()}
    header = notebook.header(ROOT / "analysis" / "notebooks" / "therapy.py")
    assert figures == {
        "appraisal",
        "flow",
        "flow_releases",
        "responses",
        "timeline",
        *(f.format(therapy=code) for f in header["figures"] for code in therapies),
    }
    assert len(list(Path("figures").iterdir())) == 3 * len(figures)
    # Letters that the largest publishers take, none of them cut or covered.
    assert set(saved) == figures
    assert {name: faults for name, (_, faults) in saved.items() if faults} == {}
    with style.load(STYLE):
        smallest = min(body(), small(), heading())
    assert smallest >= 8
    assert min(min(sizes) for sizes, _ in saved.values()) == smallest


def test_the_therapy_notebook_says_what_was_not_computed_and_by_which_method(
    there: Path, therapies: dict[str, list[str]]
) -> None:
    shown: list[str] = []
    unfitted = fitted = 0
    for code in codes(there):
        shown += therapies[code]
        found = read_json(f"build/results/therapy/{code}.json")["analyses"]
        unfitted += sum(a["main"]["estimate"] is not None and not a["main"]["fitted"] for a in found)
        fitted += sum(a["main"]["fitted"] for a in found)
        assert any(a["role"] == "secondary" for a in found)
    main = [t for t in shown if "Main analysis" in t]
    assert sum(t.count("no model; exact interval of the counts") for t in main) == unfitted > 0
    assert sum(t.count("binomial–normal") for t in main) == fitted > 0
    roles = "".join(main)
    assert "<td>Secondary</td>" in roles
    assert "<td>secondary</td>" not in roles
    tests = "".join(t for t in shown if "Variance of the groups" in t)
    assert "<th>Test</th>" in tests
    assert "likelihood ratio" in tests
    assert "Q between groups" in tests
    for title in (
        "Variance between studies",
        "Odds ratio",
        "Degrees of freedom",
        "Correlation within patients",
    ):
        told = "".join(t for t in shown if title in t)
        assert told
        assert "not reported" not in told
        assert not re.search(r"\d\.\d{7,}", told)


def test_an_executed_notebook_is_the_same_bytes_and_shows_no_warnings(there: Path) -> None:
    code = codes(there)[0]
    digests = []
    for _ in range(2):
        executed = Path("build/notebooks/therapy.ipynb")
        notebook.run(ROOT / "analysis" / "notebooks" / "therapy.py", parameters("therapy", code), executed)
        digests.append(files_digest([executed, *Path("figures").glob(f"*_{code}.*")]))
    assert digests[0] == digests[1]
    outputs = [o for cell in json.loads(executed.read_text())["cells"] for o in cell.get("outputs", [])]
    assert {o["output_type"] for o in outputs} <= {"execute_result", "display_data"}
    assert str(ROOT) not in executed.read_text().replace(STYLE, "")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_import_little_and_do_no_arithmetic(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    modules |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert all(str(m).split(".")[0] in ("livingreview", "pandas") or m == "IPython.display" for m in modules)
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.BinOp | ast.AugAssign)]
    header = notebook.header(path)
    assert header["reads"]
    assert path.read_text(encoding="utf-8").count("looks.save(") == len(header["figures"])
