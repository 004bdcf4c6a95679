"""Run one step of the build: look at what it reads, do it, journal it; say plainly what went wrong."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from livingreview import canonical
from livingreview.errors import ReviewError, report
from livingreview.pipeline import journal, process, reasons

LOGS = Path("build/logs")


@dataclass(slots=True)
class Call:
    """What a rule asks of a step: its name, wildcards, declared inputs (guards apart) and outputs."""

    rule: str
    wildcards: dict[str, str]
    inputs: list[str]
    outputs: list[str]
    guards: list[str] = field(default_factory=list)

    @property
    def step(self) -> str:
        """Name in journal and receipt: the rule, or rule-wildcard."""
        return "-".join([self.rule, *self.wildcards.values()])


def run(call: Call, action: Callable[[Call], Iterable[Path | str] | None], code: dict[str, str]) -> int:
    """Run ``action`` as one step; returns the exit status.

    ``action`` returns the paths that it wrote beyond the declared outputs, if any. ``code`` is the step's fingerprint in
    parts. Bad input (:class:`ReviewError`) and a full or read-only disk are told without a traceback; a fault of
    our own keeps its traceback in the step's log.
    """
    process.die_with_parent()
    process.end_on_interrupt()
    start = time.perf_counter()
    log = LOGS / f"{call.step}.log"
    try:
        entry = _prepare(call, code)
        extra = action(call) or []
        _finish(call, entry, extra, start)
        log.unlink(missing_ok=True)
        journal.forget_failure(call.step)
    except ReviewError as error:
        return _say(call, log, report(error.problems))
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM):
            return _say(
                call,
                log,
                f"ERROR  cannot write {error.filename or 'a file'}: {os.strerror(error.errno or 0)}",
            )
        return _fault(call, log)
    except Exception:
        return _fault(call, log)
    return 0


def _prepare(call: Call, code: dict[str, str]) -> journal.Entry:
    inputs = [p for p in dict.fromkeys(call.inputs) if p not in call.guards]
    return journal.Entry(
        step=call.step,
        rule=call.rule,
        wildcards=call.wildcards,
        build=os.environ.get("LIVINGREVIEW_BUILD", ""),
        seconds=0.0,
        why="",
        inputs={p: canonical.file_digest(p) for p in inputs},
        parts={p: parts for p in inputs if (parts := journal.study_parts(Path(p)))},
        code=code,
    )


def _finish(call: Call, entry: journal.Entry, extra: Iterable[Path | str], start: float) -> None:
    entry.outputs = journal.record([*call.outputs, *extra])
    previous = journal.load(call.step)
    manifest = next((p for p in call.outputs if p.endswith("extract/manifest.json")), None)
    if manifest:
        content = canonical.read_json(manifest)
        entry.detail = {"studies": reasons.manifest_parts(content), "protocol": content.get("protocol", {})}
        entry.causes = reasons.extract_causes(previous, entry)
    else:
        entry.causes = reasons.causes(previous, entry, call.guards)
    entry.why = reasons.sentence(entry.causes, entry.wildcards)
    entry.seconds = round(time.perf_counter() - start, 3)
    entry.save()


def _fault(call: Call, log: Path) -> int:
    """Tell a fault of our own in one line; its traceback goes to the step's log."""
    trace = traceback.format_exc()
    text = (
        f"ERROR  step {call.step} failed by a fault in the program, not in your data: {trace.strip().splitlines()[-1]}\n"
        f"    to do:   please report it with the file {log}\n"
    )
    return _say(call, log, text, trace)


def _say(call: Call, log: Path, text: str, trace: str = "") -> int:
    with contextlib.suppress(OSError):
        canonical.write_text(log, text + trace)
        journal.note_failure(call.step, os.environ.get("LIVINGREVIEW_BUILD", ""))
    sys.stderr.write(f"\n{call.step} could not be built.\n{text.rstrip()}\n\n")
    sys.stderr.flush()
    return 1
