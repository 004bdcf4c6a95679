"""What the reference values came to, at the end of a run."""

from __future__ import annotations

import json
from collections.abc import Generator

import pytest


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
