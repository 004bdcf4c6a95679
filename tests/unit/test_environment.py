"""One lock rules: environment.yml, pyproject.toml and requirements.lock never disagree, and name no index."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

from livingreview.pipeline import environment

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_environment_is_written_from_the_lock() -> None:
    assert (ROOT / "environment.yml").read_text(encoding="utf-8") == environment.text(LOCK)
    content = yaml.safe_load(environment.text(LOCK))
    pip = next(d["pip"] for d in content["dependencies"] if isinstance(d, dict))
    assert dict(p.split("==") for p in pip) == environment.locked(LOCK)


def test_every_direct_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    names = {_normal(re.split(r"[<>=!\[ ;]", w, maxsplit=1)[0]) for w in wanted}
    assert names <= {_normal(n) for n in environment.locked(LOCK)}


def test_the_lock_is_hashed_and_names_no_index() -> None:
    text = LOCK.read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text)
    pinned = [b for b in blocks if re.match(r"[A-Za-z0-9._-]+==", b)]
    assert len(pinned) > 50
    assert all("--hash=sha256:" in b for b in pinned)
    for path in (LOCK, ROOT / "environment.yml", ROOT / "pyproject.toml"):
        assert not re.search(r"https?://|index-url|find-links", path.read_text(encoding="utf-8")), path


def test_quarto_and_jupyter_are_for_people_only() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(project["optional-dependencies"]["people"]) == {"jupyter", "quarto-cli"}
    assert not {"jupyter", "quarto-cli"} & set(environment.locked(LOCK))
