"""The longest tests first, and what the reference values came to at the end of a run."""

from __future__ import annotations

import json
from collections.abc import Generator

import pytest

# Minutes each, of which one at the end of a run would leave the other processes without work.
LONGEST = ("test_walkthrough.py", "come_and_go_leave_no_trace", "test_kill.py", "builds/test_submission.py")
# Files whose tests look at something that takes seconds to make (words of the documents, claims of the review): one process makes it.
TOGETHER = {
    "documents": ("test_documents",),
    "attribution": ("test_changes_attribution",),
    "notebooks": ("test_figures_notebooks",),
    "claims": (
        "test_claims",
        "test_conclusions",
        "test_prose",
        "test_publish_claims",
        "test_tables",
        "test_trace",
    ),
}


def pytest_make_parametrize_id(val: object) -> str | None:
    """Bytes are no names of tests: a time within them would give each process other tests, and none would run."""
    return f"{len(val)}-bytes" if isinstance(val, bytes) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a run by several processes hands out: the longest first, groups as a whole."""
    items.sort(
        key=lambda item: next((n for n, name in enumerate(LONGEST) if name in item.nodeid), len(LONGEST))
    )
    for item in items:
        for group, files in TOGETHER.items():
            if item.path.name.startswith(files):
                item.add_marker(pytest.mark.xdist_group(group))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None, None, None]:
    yield
    done = [
        report
        for outcome in ("passed", "failed", "skipped")
        for report in terminalreporter.getreports(outcome)
        if "test_oracles.py::test_block" in getattr(report, "nodeid", "")
    ]
    if not done:
        return
    graded = [json.loads(str(v)) for r in done for name, v in r.user_properties if name == "oracle"]
    skipped = sum(report.skipped for report in done)
    worst: dict[str, tuple[float, str]] = {}
    for block, _, error, where, _ in graded:
        worst[block] = max(worst.get(block, (-1.0, "")), (error, where))
    terminalreporter.section("reference values")
    if "A" in terminalreporter.config.option.reportchars:
        for block, (error, where) in sorted(worst.items()):
            terminalreporter.write_line(f"{block:32} worst relative error {error:8.1e}  {where}")
        for block, _, _, where, values in graded:
            for value in values:
                terminalreporter.write_line(f"not graded: {where.split()[0]} {block} {value}")
    alone = sum(len(values) for *_, values in graded)
    if alone:
        terminalreporter.write_line(f"{alone} single values of graded blocks not graded (named with -rA)")
    terminalreporter.write_line(
        f"{sum(values for _, values, *_ in graded)} values graded, {skipped} blocks skipped"
    )
