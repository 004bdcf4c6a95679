"""Notebooks run in one process, give the same bytes each time, and fail in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from livingreview.errors import ReviewError
from livingreview.steps import notebook

HEADER = """\
# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   livingreview:
#     reads: [extract/flow]
#     figures: [flow]
# ---
"""
BODY = """
# %% [markdown]
# # A question

# %% tags=["parameters"]
x = 1

# %%
from pathlib import Path
Path("x.txt").write_text(str(x))
x + 1
"""


@pytest.fixture(autouse=True)
def _review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _source(text: str) -> Path:
    path = Path("question.py")
    path.write_text(text, encoding="utf-8")
    return path


def test_parameters_reach_the_cells_and_two_runs_are_the_same_bytes() -> None:
    source = _source(HEADER + BODY)
    notebook.run(source, {"x": 41, "figures": {"flow": "figures/flow"}}, Path("one.ipynb"))
    notebook.run(source, {"x": 41, "figures": {"flow": "figures/flow"}}, Path("two.ipynb"))
    assert Path("x.txt").read_text() == "41"
    assert Path("one.ipynb").read_bytes() == Path("two.ipynb").read_bytes()
    executed = json.loads(Path("one.ipynb").read_text())
    assert executed["cells"][-1]["outputs"][0]["data"]["text/plain"] == ["42"]
    assert [c["id"] for c in executed["cells"]] == ["cell-001", "cell-002", "cell-003", "cell-004"]
    assert not any("execution" in c["metadata"] for c in executed["cells"])


def test_a_failing_cell_is_named_and_the_rest_is_kept() -> None:
    source = _source(HEADER + BODY + '\n# %%\nraise ValueError("planted")\n')
    with pytest.raises(ReviewError) as caught:
        notebook.run(source, {"x": 1}, Path("one.ipynb"))
    told = str(caught.value)
    assert "question.py" in told and "cell 5 failed" in told and "ValueError: planted" in told
    assert "one.failed.ipynb" in told and Path("one.failed.ipynb").is_file()
    assert not Path("one.ipynb").exists()


def test_without_a_parameters_cell() -> None:
    with pytest.raises(ReviewError, match="no cell is tagged `parameters`"):
        notebook.run(_source(HEADER + "\n# %%\n1\n"), {}, Path("one.ipynb"))


def test_the_header_says_what_is_read_and_drawn() -> None:
    assert notebook.header(_source(HEADER + BODY)) == {"reads": ["extract/flow"], "figures": ["flow"]}
    with pytest.raises(ReviewError, match="does not say what it reads"):
        notebook.header(_source("# %%\n1\n"))
