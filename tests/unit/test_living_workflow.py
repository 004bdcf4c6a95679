"""The ready-made schedule: the workflow and the cron line name commands, targets and files that exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from livingreview.commands import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ROOT / ".github/workflows/living-review.yml"


@pytest.fixture(scope="module")
def workflow() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    return found


def scripts(workflow: dict[str, Any]) -> str:
    return "\n".join(step.get("run", "") for job in workflow["jobs"].values() for step in job["steps"])


def test_it_runs_check_build_and_status_and_keeps_the_report(workflow: dict[str, Any]) -> None:
    said = scripts(workflow)
    for command in ("livingreview check", "make rebuild", "livingreview status"):
        assert command in said
    kept = next(s for s in workflow["jobs"]["review"]["steps"] if "upload-artifact" in s.get("uses", ""))
    assert kept["if"] == "always()"
    assert {"manuscript/_output/", "build/changes/", "build/status.json"} <= set(kept["with"]["path"].split())


def test_it_is_scheduled_and_may_change_nothing(workflow: dict[str, Any]) -> None:
    when = workflow.get("on", workflow.get(True))  # YAML 1.1 reads the key `on` as true
    assert re.fullmatch(r"[\d*/,-]+( [\d*/,-]+){4}", when["schedule"][0]["cron"])
    assert workflow["permissions"] == {"contents": "read"}


def test_every_command_and_target_that_it_names_exists(workflow: dict[str, Any]) -> None:
    targets = set(re.findall(r"^(\w[\w-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    cron = readme[readme.index("```cron") :].split("```")[1]
    for said in (scripts(workflow), cron):
        named = set(re.findall(r"livingreview ([a-z-]+)", said))
        assert named
        assert named <= set(COMMANDS)
        assert set(re.findall(r"\bmake ([a-z-]+)", said)) <= targets


def test_what_it_writes_is_not_taken_for_a_change_of_the_review(workflow: dict[str, Any]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    cron = readme[readme.index("```cron") :].split("```")[1]
    for said in (scripts(workflow), cron):
        written = re.findall(r"(?<!2)>\s*([\w./]+)", said)
        assert written
        assert all(path.startswith("build/") for path in written)
