"""Why a step ran, in words: from its last run's journal entry and what it finds now."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.pipeline import journal

DISCARDED = Path("build/discarded.json")  # what preflight found missing or altered: {path: "missing"|…}

FIRST_BUILD = "first build"
NEW_STEP = "new in the review"
RECORDS_LOST = "the records of the last build were gone"
UNEXPLAINED = "the last build did not finish it"


def manifest_parts(manifest: dict[str, Any]) -> dict[str, str]:
    """The extract gate's study digests in the form of :func:`journal.study_parts`."""
    return {
        f"{table}/{study}": digest
        for study, tables in manifest.get("studies", {}).items()
        for table, digest in tables.items()
    }


def causes(
    previous: journal.Entry | None,
    entry: journal.Entry,
    guards: list[str],
) -> list[str]:
    """Every cause found, in the order: data, other inputs, code, outputs gone, first build.

    ``entry`` holds the present inputs, parts and code; ``previous`` the last run (None: never run here).
    """
    if previous is None:
        return [_first(entry)]
    if _records_lost():
        return [RECORDS_LOST]
    found = _input_causes(previous, entry, guards) + code_causes(previous.code, entry.code)
    for path, what in _discarded().items():
        if path in previous.outputs:
            found.append(f"{path} was {what}")
    return list(dict.fromkeys(found or _fallback(entry, guards)))


def code_causes(old: dict[str, str], new: dict[str, str]) -> list[str]:
    """Parts of a step's fingerprint that differ, in words."""
    found = []
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            word = "added" if name not in old else "no longer used" if name not in new else "changed"
            found.append(f"{name} {word}")
    return found


def _first(entry: journal.Entry) -> str:
    """A step without a past: the whole build is new, or only the step is."""
    beside = journal.submissions() if journal.is_submission(entry.step) else journal.entries()
    return NEW_STEP if any(e.build != entry.build for e in beside) else FIRST_BUILD


def _records_lost() -> bool:
    return os.environ.get("LIVINGREVIEW_RECORDS") == "missing"


def _fallback(entry: journal.Entry, guards: list[str]) -> list[str]:
    """Nothing that this step reads differs: then a step before it ran again, or the records were lost."""
    inherited = [c for path, made in _producers(entry).items() if path in entry.inputs for c in made.causes]
    return inherited or [UNEXPLAINED]


def _producers(entry: journal.Entry) -> dict[str, journal.Entry]:
    """Steps of this same build by the paths that they wrote."""
    return {
        path: made
        for made in [*journal.entries(), *journal.submissions()]
        if made.build == entry.build and made.step != entry.step
        for path in made.outputs
    }


def _discarded() -> dict[str, str]:
    try:
        content: dict[str, str] = canonical.read_json(DISCARDED)
    except (OSError, ValueError):
        return {}
    return content


def _input_causes(previous: journal.Entry, entry: journal.Entry, guards: list[str]) -> list[str]:
    producers = _producers(entry)
    found: list[str] = []
    for path in sorted(previous.inputs.keys() | entry.inputs.keys()):
        if path in guards or previous.inputs.get(path) == entry.inputs.get(path):
            continue
        if path not in entry.inputs:
            found.append(f"{path} no longer there")
        elif path not in previous.inputs and path not in producers:
            found.append(f"{path} is new")
        else:
            studies = journal.changed_parts(previous.parts.get(path, {}), entry.parts.get(path, {}))
            if path in producers:
                own = [
                    c for c in producers[path].causes if c.split(" ")[0] in {s.split(" ")[0] for s in studies}
                ]
                found += own or studies or producers[path].causes
            else:
                found += studies or [f"{path} changed"]
    return found


def extract_causes(previous: journal.Entry | None, entry: journal.Entry) -> list[str]:
    """Causes of the extract gate: which studies changed in which table, which part of the protocol."""
    if previous is None:
        return [_first(entry)]
    found = table_causes(previous, entry)
    rest = causes(previous, entry, guards=[*previous.inputs, *entry.inputs])
    return found + ([] if found and rest == [UNEXPLAINED] else rest)


def table_causes(previous: journal.Entry, entry: journal.Entry) -> list[str]:
    """What differs between two states of the tables and the protocol; files saved anew where nothing does."""
    found = journal.changed_parts(previous.detail.get("studies", {}), entry.detail.get("studies", {}))
    old, new = previous.detail.get("protocol", {}), entry.detail.get("protocol", {})
    found += [
        f"{journal.PROTOCOL_FILE}: {name} changed"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]
    if not found:
        for path in sorted(previous.inputs.keys() | entry.inputs.keys()):
            if previous.inputs.get(path) != entry.inputs.get(path):
                name = Path(path).name
                found.append(f"{name} saved anew" if path in previous.inputs else f"{name} is new")
    return found


def sentence(found: list[str], wildcards: dict[str, str]) -> str:
    """One line for the receipt: the causes, then what this step is about, e.g. ``smith2001 added: cryotherapy``."""
    text = "; ".join(found)
    return f"{text}: {', '.join(wildcards.values())}" if wildcards else text
