"""What a person sees while Snakemake builds: one line a step, and our own words when something is wrong.

Snakemake finds this plugin by its name (``logger: livingreview`` in the profile). Its full log stays in
``.snakemake/log/``. In a dry run Snakemake's own words are passed on unchanged.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

# The engine's own remarks about a failed step; the step has said in plain words what was wrong.
AFTER_A_FAILED_STEP = (
    "Exiting because",
    "WorkflowError:\nAt least one job",
    "At least one job did not complete",
)
ON_CTRL_C = ("Terminating processes on user request", "Cancelling snakemake on user request")
SAID_BY_THE_STEP = re.compile(r"returned non-zero exit status (1|130|137)\.|died with <Signals\.SIGINT")


class LogHandler(LogHandlerBase):
    """Progress and plain words instead of the engine's log."""

    def __post_init__(self) -> None:
        self._jobs: dict[int, str] = {}
        self._steps: dict[int, str] = {}
        self._started = 0
        self._total = 0
        self._failed = False

    @property
    def writes_to_stream(self) -> bool:
        return True

    @property
    def writes_to_file(self) -> bool:
        return False

    @property
    def has_filter(self) -> bool:
        return False

    @property
    def has_formatter(self) -> bool:
        return False

    @property
    def needs_rulegraph(self) -> bool:
        return False

    def emit(self, record: logging.LogRecord) -> None:
        """Handle one record; never raises into the build."""
        try:
            text = self._text(record)
        except Exception:
            self.handleError(record)
            return
        if text:
            sys.stderr.write(text + "\n")
            sys.stderr.flush()

    def _text(self, record: logging.LogRecord) -> str:
        if getattr(self.common_settings, "dryrun", False):
            return self.format(record)
        if record.msg and record.getMessage().startswith(ON_CTRL_C):
            self._interrupted()
            return ""
        event = getattr(record, "event", None)
        if event == LogEvent.RUN_INFO:
            self._total = max(0, int(record.__dict__["stats"].get("total", 1)) - 1)
            return ""
        if event == LogEvent.JOB_INFO:
            self._jobs[record.__dict__["jobid"]] = _name(record.__dict__)
            self._steps[record.__dict__["jobid"]] = _step(record.__dict__)
            return self._start(record.__dict__["jobid"])
        if event == LogEvent.PROGRESS:
            self._total = min(self._total, max(0, record.__dict__["total"] - 1)) if self._total else 0
            return ""
        if event == LogEvent.JOB_ERROR:
            self._failed = True
            self._note("a step failed")
            self._failed_step(self._steps.get(record.__dict__.get("jobid", -1), ""))
            return ""
        if event == LogEvent.ERROR or (event is None and record.levelno >= logging.WARNING):
            return self._error(record)
        return ""

    def _start(self, jobid: int) -> str:
        name = self._jobs[jobid]
        if name in ("rebuild", "submission"):
            return ""
        self._started += 1
        return f"[{self._started} of at most {max(self._total, self._started)}] {name}"

    def _error(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        if record.levelno >= logging.ERROR:
            self._note(message)
            if (self._failed and message.startswith(AFTER_A_FAILED_STEP)) or SAID_BY_THE_STEP.search(message):
                return ""
        return message

    def _interrupted(self) -> None:
        from livingreview.pipeline import outcome

        outcome.interrupted = True

    def _failed_step(self, name: str) -> None:
        from livingreview.pipeline import outcome

        if name:
            # The package may be that of an old release, which knows of no such list.
            getattr(outcome, "failed", []).append(name)

    def _note(self, message: str) -> None:
        # Imported late: the workflow file decides which copy of the package is used.
        from livingreview.pipeline import outcome

        outcome.errors.append(message)


def _name(job: dict[str, Any]) -> str:
    wildcards = job.get("wildcards") or {}
    return " ".join([str(job["rule_name"]).replace("_", " "), *map(str, wildcards.values())])


def _step(job: dict[str, Any]) -> str:
    """The step as journal and receipt call it."""
    return "-".join([str(job["rule_name"]), *map(str, (job.get("wildcards") or {}).values())])
