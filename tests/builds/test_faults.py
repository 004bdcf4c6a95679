"""What a person meets when something is wrong: clear words, and the last good documents still there."""

from __future__ import annotations

import signal
import subprocess
import threading
import time

import pytest

from .sandbox import Sandbox

pytestmark = pytest.mark.build

TRACES = ("Traceback", "RuleException", "CalledProcessError", "WorkflowError", "MissingOutput")


def test_bad_data_is_told_all_at_once_by_build_and_check_and_touches_nothing(sandbox: Sandbox) -> None:
    sandbox.replace("data/raw/arms.csv", "tanaka2009,a,duct_tape", "tanaka2009,a,dukt_tape")
    sandbox.replace(
        "data/raw/outcomes.csv",
        "lindqvist1998,o1,a,clearing,skin,lesion,complete,61,96",
        "lindqvist1998,o1,a,clearing,skin,lesion,complete,97,96",
    )
    before = sandbox.outputs()
    sandbox.build(expect=1)
    assert "data/raw/arms.csv, row 4, column therapy" in sandbox.said
    assert "did you mean `duct_tape`?" in sandbox.said
    assert "data/raw/outcomes.csv, row 2" in sandbox.said
    assert not [t for t in TRACES if t in sandbox.said]
    assert sandbox.outputs() == before
    assert sandbox.receipt()["steps"] == [] and sandbox.receipt()["failed"] == ["check"]
    done = subprocess.run(
        [*sandbox.command()[:2], "livingreview", "check", "--directory", str(sandbox.review)],
        cwd=sandbox.root,
        env={**sandbox.environment, "PYTHONPATH": str(sandbox.root / "analysis")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    told = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    assert told and all(line in sandbox.said for line in told)


def test_a_broken_protocol_names_the_lines(sandbox: Sandbox) -> None:
    sandbox.replace("review.yaml", "short_title:", "shrot_title:")
    # and a name for a model that is not there
    sandbox.replace("review.yaml", "[beta_binomial, logit_reml,", "[beta_binomial, logit_rmel,")
    line = next(
        n for n, text in enumerate(sandbox.text("review.yaml").splitlines(), 1) if "logit_rmel" in text
    )
    before = sandbox.outputs()
    sandbox.build(expect=1)
    assert "review.yaml, line 5" in sandbox.said
    assert "short_title" in sandbox.said
    assert f"review.yaml, line {line}" in sandbox.said and "logit_rmel" in sandbox.said
    assert not [t for t in TRACES if t in sandbox.said]
    assert sandbox.outputs() == before


def test_a_failing_notebook_is_named_and_the_others_finish(sandbox: Sandbox) -> None:
    path = sandbox.root / "analysis/notebooks/therapy.py"
    path.write_text(
        path.read_text(encoding="utf-8") + '\n# %%\nassert therapy != "duct_tape", "planted fault"\n',
        encoding="utf-8",
    )
    documents = {k: v for k, v in sandbox.outputs().items() if k.startswith("manuscript/_output")}
    ran = sandbox.build(expect=1)
    assert ran == {"therapy cryotherapy", "therapy salicylic_acid", "therapy hyperthermia"}
    assert "therapy-duct_tape could not be built" in sandbox.said
    assert "AssertionError: planted fault" in sandbox.said
    assert "build/notebooks/therapy_duct_tape.failed.ipynb" in sandbox.said
    assert (sandbox.review / "build/notebooks/therapy_duct_tape.failed.ipynb").is_file()
    assert sandbox.receipt()["failed"] == ["therapy-duct_tape"]
    assert "CalledProcessError" not in sandbox.said and "RuleException" not in sandbox.said
    after = {k: v for k, v in sandbox.outputs().items() if k.startswith("manuscript/_output")}
    assert after == documents


def test_a_failing_render_names_file_and_line_and_keeps_the_last_documents(sandbox: Sandbox) -> None:
    path = sandbox.review / "manuscript/manuscript.qmd"
    good = path.read_text(encoding="utf-8")
    line = len(good.splitlines()) + 2
    documents = {k: v for k, v in sandbox.outputs().items() if k.startswith("manuscript/_output")}
    for text, expected in (
        ("{{< var no.such.claim >}}", "no.such.claim"),
        ("See @fig-nosuch.", "fig-nosuch"),
        ("As shown before [@nobody1999].", "nobody1999"),
        ("{{< include _nowhere.qmd >}}", "_nowhere.qmd"),
    ):
        path.write_text(good.rstrip("\n") + f"\n\n{text}\n", encoding="utf-8")
        sandbox.build(expect=1)
        assert f"manuscript/manuscript.qmd, line {line}" in sandbox.said
        assert expected in sandbox.said
        assert "Traceback" not in sandbox.said
        after = {k: v for k, v in sandbox.outputs().items() if k.startswith("manuscript/_output")}
        assert after == documents


def test_a_second_build_at_the_same_time_waits_and_says_so(sandbox: Sandbox) -> None:
    sandbox.edit("studies", lambda rows: rows[::-1])
    first = subprocess.Popen(
        sandbox.command(),
        cwd=sandbox.root,
        env=sandbox.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    lock = sandbox.review / "build/.lock"
    deadline = time.monotonic() + 30
    while f"process {first.pid}" not in lock.read_text(encoding="utf-8") and time.monotonic() < deadline:
        time.sleep(0.02)
    # The first is held until the second has met its lock, so that this does not hang on which of them is faster.
    first.send_signal(signal.SIGSTOP)
    waiting = threading.Timer(60, first.send_signal, [signal.SIGCONT])
    waiting.start()
    with subprocess.Popen(
        sandbox.command(),
        cwd=sandbox.root,
        env=sandbox.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as second:
        assert second.stdout is not None
        said = ""
        for line in second.stdout:
            said += line
            if f"Another build of this review is running (process {first.pid}" in line:
                break
        assert "Another build" in said and second.poll() is None, said
        first.send_signal(signal.SIGCONT)
        said += second.stdout.read()
    waiting.cancel()
    assert first.wait(60) == 0
    assert second.returncode == 0, said
    assert "Nothing to do" in said and sandbox.steps() == set()


def test_no_review_here(sandbox: Sandbox) -> None:
    (sandbox.review / "review.yaml").unlink()
    sandbox.build(expect=1)
    assert "no review here" in sandbox.said
    assert "livingreview new" in sandbox.said
