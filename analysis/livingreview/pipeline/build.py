"""One build, seen from the workflow file: the checks before it, the rules' fingerprints, the receipt after it."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livingreview.errors import Problem, ReviewError, report
from livingreview.pipeline import journal, lock, nursery, outcome, preflight, receipt
from livingreview.pipeline.fingerprint import Fingerprints
from livingreview.pipeline.layout import Layout, engine_identity, fingerprint, make_plan
from livingreview.pipeline.process import INTERRUPTED

if TYPE_CHECKING:
    from livingreview.submission.package_plan import Plan

LOCK = Path("build/.lock")
FINGERPRINTS = Path("build/fingerprints.json")
CACHE = Path("build/cache/matplotlib")


class Build:
    """The build of the review in the working directory, with the repository at ``root``.

    With ``really`` false (a dry run, a listing) nothing is checked, locked or written. ``journal`` and ``stage`` are given where a package
    for a journal is asked for (``journal`` may be empty: then the build is refused with the names of all journals).
    """

    def __init__(self, root: Path, *, really: bool, journal: str | None = None, stage: str = "") -> None:
        self.start = time.perf_counter()
        self.really = really
        self.id = preflight.build_id()
        self.review = Path.cwd()
        self.result = "built"
        self.layout: Layout
        self.package: Plan | None = None
        self._asked = None if journal is None else (journal, stage or "initial")
        self._prints = Fingerprints(root / "analysis/livingreview", FINGERPRINTS)
        os.environ["LIVINGREVIEW_ROOT"] = str(root)
        os.environ["LIVINGREVIEW_PARENT"] = str(os.getpid())
        try:
            self._prepare(root)
        except ReviewError as error:
            preflight.say(report(error.problems))
            self._refused()
            preflight.say("\nNothing was built and nothing was changed: the last good build stays as it was.")
            raise SystemExit(1) from None
        except KeyboardInterrupt:  # while the tables and texts were being checked
            self._refused("interrupted")
            raise SystemExit(INTERRUPTED) from None

    def _prepare(self, root: Path) -> None:
        if not Path("review.yaml").is_file():
            raise ReviewError(
                Problem(
                    "no review here: review.yaml is missing",
                    file="review.yaml",
                    suggestion="start one with `livingreview new DIR`, or name its folder with --directory DIR",
                )
            )
        if self.really:
            preflight.writable()
            lock.acquire(LOCK, preflight.say)
            os.environ["LIVINGREVIEW_BUILD"] = self.id
        try:
            plan = make_plan(root, self._prints, remember=self.really)
        except ReviewError:
            from livingreview.extraction import dataset

            dataset.load(Path(), root)  # tells what is wrong in the tables at the same time
            raise
        plan["engine"] = engine_identity()
        self.layout = Layout(root, plan)
        if not self.really:
            self._plan_package()
            return
        door = nursery.open_door(CACHE)
        if door:
            atexit.register(door.shut)

        def work_ahead(*, kernels: bool) -> None:
            if door:
                door.warm(kernels=kernels)

        problems: list[Problem] = []
        for check in (
            self._plan_package,
            lambda: preflight.check_inputs(self.layout, lambda: work_ahead(kernels=True)),
            lambda: preflight.check_text(self.layout, self._prints, lambda: work_ahead(kernels=False)),
        ):
            try:
                check()
            except ReviewError as error:
                problems += error.problems
        if problems:
            raise ReviewError(problems)
        self._discard()
        atexit.register(self._finish)
        sys.excepthook = self._uncaught

    def _plan_package(self) -> None:
        """What the package that was asked for consists of; raises ReviewError with all that is wrong in the journal's profile."""
        if self._asked is None:
            return
        from livingreview.submission import package_plan

        self.package = package_plan.load(*self._asked, self.layout.plan["prefixes"], Path(), self.layout.root)

    def _discard(self) -> None:
        if preflight.missing_records():
            preflight.say("The records of the last build are gone: building everything anew.")
            preflight.discard_gates()
            os.environ["LIVINGREVIEW_RECORDS"] = "missing"
        if self.package and preflight.discard_unknown_package(self.package.name):
            preflight.say(f"submission/{self.package.name} was not made by this build: it is made anew")
        altered = preflight.discard_altered(self.package.name if self.package else "")
        for path, what in altered.items():
            kept = f" (kept in {preflight.KEPT}/)" if what == "changed by hand" else ""
            preflight.say(f"{path} was {what}: it will be built again{kept}")
        preflight.sweep()
        removed = preflight.prune(self.steps())
        preflight.prune_slices(self.layout.therapies)
        if removed:
            preflight.say(f"{len(removed)} files of steps that are no longer part of the review were removed")

    def _refused(self, result: str = "failed") -> None:
        """The receipt of a build that did not begin: nothing ran, because the check failed or was interrupted."""
        if self.really and Path("review.yaml").is_file():
            failed = ["check"] if result == "failed" else []
            with contextlib.suppress(OSError):
                written = receipt.write(self.id, result, time.perf_counter() - self.start, failed, "none")
                if result == "interrupted":
                    preflight.say("\n" + receipt.summary(written))

    def steps(self) -> set[str]:
        """Names of all steps of the present review."""
        return set(self.layout.steps())

    def code(self, rule: str, **fixed: str) -> Callable[[Mapping[str, str]], str]:
        """A function of a rule's wildcards that gives the step's fingerprint, for the rule's ``params``."""

        def of(wildcards: Any) -> str:
            found = fingerprint(self.layout, self._prints, rule, {**dict(wildcards.items()), **fixed})
            if self.really:
                self._prints.save()
            return found

        return of

    def _uncaught(self, kind: type[BaseException], error: BaseException, trace: Any) -> None:
        """Ctrl-C is no fault to show a traceback for; anything else is."""
        if issubclass(kind, KeyboardInterrupt):
            outcome.interrupted = True
        else:
            outcome.errors.append(str(error))
            sys.__excepthook__(kind, error, trace)

    def failed(self) -> None:
        """Note that the workflow engine said that the build failed."""
        self.result = "failed"

    def _finish(self) -> None:
        os.chdir(self.review)  # the workflow engine has gone back to where it was called from
        # An interrupted step has not failed.
        failed = {*journal.failures(self.id), *([] if outcome.interrupted else outcome.failed)}
        # The verdict on a package is no step: all was made, and what does not meet the journal's rules was told.
        judged = failed == {"submission"}
        failures = sorted(failed - {"submission"})
        result = "failed" if failures else "built" if judged else self.result
        if result == "built" and outcome.errors and not judged:
            result = "failed"
        if outcome.interrupted:
            result = "interrupted"
        try:
            written = receipt.write(
                self.id, result, time.perf_counter() - self.start, failures, self.layout.plan["engine"]
            )
        except OSError as error:
            preflight.say(f"the receipt could not be written: {error}")
            return
        preflight.say("\n" + receipt.summary(written, self.package.name if self.package else ""))
