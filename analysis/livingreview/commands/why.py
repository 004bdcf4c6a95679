"""``livingreview why``: what a build would run, and why, before it runs."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from livingreview.commands import enter

if TYPE_CHECKING:
    from livingreview.pipeline.forecast import Step

SUMMARY = "what a build would run, for certain or only if results change, and why"
DESCRIPTION = (
    "Tell, before building, which steps run for certain and which only if results change, and why, in terms of studies. "
    "Nothing is written. After building, `livingreview receipt` tells it exactly."
)
EXAMPLE = "livingreview why manuscript.pdf"
_SHOWN = 4


def arguments(parser: argparse.ArgumentParser) -> None:
    """The step or file to explain."""
    parser.add_argument(
        "target",
        nargs="?",
        metavar="TARGET",
        help="a step, a therapy, a document, or a file of the build (default: all)",
    )
    parser.add_argument("--json", action="store_true", help="the same as data")


def run(given: argparse.Namespace) -> int:
    """Print what awaits all steps, or those that TARGET names and the ones before them."""
    from livingreview.pipeline import forecast
    from livingreview.pipeline.fingerprint import repository

    root = repository()
    enter(given.directory)
    steps = forecast.forecast(Path(), root)
    if given.target:
        wanted = {step.name for step in forecast.find(steps, given.target)}
        chain = {name: step for name, step in steps.items() if name in _above(steps, wanted)}
    else:
        wanted, chain = set(), steps
    if given.json:
        sys.stdout.write(json.dumps(forecast.as_json(chain), indent=2, ensure_ascii=False) + "\n")
        return 0
    for line in told(steps, chain, wanted):
        sys.stdout.write(line + "\n")
    return 0


def _above(steps: dict[str, Step], wanted: set[str]) -> set[str]:
    """The steps wanted and all those that they wait for."""
    found, waiting = set(), list(wanted)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += steps[name].after
    return found


def told(steps: dict[str, Step], chain: dict[str, Step], wanted: set[str]) -> list[str]:
    """The forecast in lines: certain steps with their causes, possible ones with what they wait for, the rest counted."""
    certain = [s for s in chain.values() if s.verdict == "certain"]
    perhaps = [s for s in chain.values() if s.verdict == "perhaps"]
    stays = [s for s in chain.values() if s.verdict == "stays"]
    if not certain and not perhaps:
        named = ", ".join(s.shown for s in stays) if wanted else ""
        return [
            f"Nothing would run for {named}: all it rests on is as the last build left it."
            if named
            else "Nothing would run: everything is up to date."
        ]
    width = max(len(s.shown) for s in (*certain, *perhaps))
    lines: list[str] = []
    if certain:
        lines.append(f"For certain ({len(certain)}):")
        lines += [f"  {s.shown:<{width}}  {_why(s, steps)}" for s in certain]
    if perhaps:
        lines.append(f"Only if results change ({len(perhaps)}):")
        lines += [f"  {s.shown:<{width}}  {_why(s, steps)}" for s in perhaps]
    if stays:
        lines.append(f"Not at all: {len(stays)} step{'' if len(stays) == 1 else 's'}.")
    return lines


def _why(step: Step, steps: dict[str, Step]) -> str:
    if step.causes:
        more = len(step.causes) - _SHOWN
        return "; ".join(step.causes[:_SHOWN]) + (f"; and {more} more (--json names all)" if more > 0 else "")
    before = _listed([steps[name].shown for name in step.after])
    return f"after {before}" if step.verdict == "certain" else f"if something else comes out of {before}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
