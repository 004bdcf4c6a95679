"""What a build would run, before it runs: for certain, and only if results change. Nothing is written.

It rests on the journal of the last build, on the digests of what people wrote since, and on the extract gate worked out in memory:
which slices a change of the tables touches is then known exactly. What a notebook will make of a changed slice is not; whatever
lies below waits for it.

A step that reads what another step makes runs only if that comes out differently, because gates compare contents. Some pairs have
no gate between them: the results are collected after any therapy, places are read after any main document.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from livingreview import canonical
from livingreview.errors import Problem, ReviewError
from livingreview.pipeline import journal, preflight, reasons
from livingreview.pipeline.fingerprint import Fingerprints
from livingreview.pipeline.layout import Layout, engine_identity, fingerprint_parts, make_plan

Verdict = Literal["certain", "perhaps", "stays"]
FINGERPRINTS = Path("build/fingerprints.json")
EXTRACT_FOLDER = "build/extract"
_FOLLOWS = {("therapy", "collect"), ("document", "places")}
_GATES = ("extract", "collect", "claims", "places")
# Read by every document beside what it includes.
_STATIC = ("manuscript/references.bib",)


@dataclass(slots=True)
class Step:
    """What awaits one step. ``causes`` are its own reasons in study terms; ``after`` the steps before it that it waits for."""

    name: str
    rule: str
    wildcards: dict[str, str]
    verdict: Verdict = "stays"
    causes: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """The step as the build shows it, e.g. ``therapy cryotherapy``."""
        return " ".join([self.rule, *self.wildcards.values()])


def forecast(review: Path, root: Path) -> dict[str, Step]:
    """Every step of the review in the working directory (``review`` is ``Path()``), by name, in the order of the data's way.

    Raises ReviewError with every problem that would stop the build before its first step.
    """
    prints = Fingerprints(root / "analysis/livingreview", FINGERPRINTS)
    plan = make_plan(root, prints, remember=False)
    plan["engine"] = engine_identity()
    layout = Layout(root, plan)
    steps = {name: Step(name, *of) for name, of in layout.steps().items()}
    _Forecast(review, layout, prints, steps).work_out()
    return steps


class _Forecast:
    def __init__(self, review: Path, layout: Layout, prints: Fingerprints, steps: dict[str, Step]) -> None:
        self.review, self.layout, self.prints, self.steps = review, layout, prints, steps
        self.entries = {e.step: e for e in journal.entries()}
        self.producer = {path: e.step for e in self.entries.values() for path in e.outputs}
        self.extracted: dict[str, str] = {}

    def work_out(self) -> None:
        # The tables are checked by every build that finds them changed.
        from livingreview.steps import extract

        _, self.extracted = extract.made(self.review, self.layout.root)
        lost = preflight.missing_records()
        for step in self.steps.values():
            self._own(step)
            if lost and (step.rule in _GATES or step.rule == "document"):
                step.causes.append(reasons.RECORDS_LOST)
            if step.causes:
                step.verdict = "certain"
            self._inherited(step)
            if lost and step.verdict == "stays":
                step.verdict, step.after = "perhaps", ["extract"]

    def _own(self, step: Step) -> None:
        """Reasons that lie in what people wrote, in the code, or in files that are gone."""
        entry = self.entries.get(step.name)
        if entry is None:
            step.causes = [reasons.NEW_STEP if self.entries else reasons.FIRST_BUILD]
            return
        causes = self._of_tables(entry) if step.rule == "extract" else self._of_files(step, entry)
        code = fingerprint_parts(self.layout, self.prints, step.rule, step.wildcards)
        causes += reasons.code_causes(entry.code, code)
        for path, known in entry.outputs.items():
            if what := journal.altered(path, known):
                causes.append(f"{path} was {what}")
        step.causes = list(dict.fromkeys(causes))

    def _of_tables(self, entry: journal.Entry) -> list[str]:
        """Why the extract gate runs, in study terms; empty where no file that it reads differs."""
        listed = self.layout.raw_tables()
        now = {p: canonical.file_digest(p) for p in listed if Path(p).is_file()}
        if now == entry.inputs:
            return []
        present = journal.Entry(entry.step, entry.rule, {}, "", 0.0, "", inputs=now, code=entry.code)
        manifest = json.loads(self.extracted["manifest.json"])
        present.detail = {"studies": reasons.manifest_parts(manifest), "protocol": manifest["protocol"]}
        return reasons.table_causes(entry, present)

    def _of_files(self, step: Step, entry: journal.Entry) -> list[str]:
        """Files that differ from those of the step's last run: written by people, or slices as they would be now."""
        causes: list[str] = []
        listed = self._listed(step)
        for path, digest in entry.inputs.items():
            if path in self.producer:
                if path.startswith(EXTRACT_FOLDER) and self._slice(path) != digest:
                    causes += self._in_study_terms(path, entry)
            elif not Path(path).is_file() or (listed and path not in (*listed, *_STATIC)):
                causes.append(f"{path} no longer there")
            elif canonical.file_digest(path) != digest:
                causes.append(f"{path} changed")
        return causes + [f"{path} is new" for path in listed if path not in entry.inputs]

    def _listed(self, step: Step) -> list[str]:
        """What people write for a step, as far as its set can change."""
        if step.rule == "document":
            return self.layout.document_sources(step.wildcards["document"])
        lists = {
            "places": self.layout.reporting,
            "tracked": self.layout.released_texts,
            "changes": self.layout.ledger,
        }
        return lists[step.rule]() if step.rule in lists else []

    def _slice(self, path: str) -> str:
        """Digest of a file of the extract gate as it would be after the build, or as it is where the gate does not run."""
        text = self.extracted.get(path.removeprefix(f"{EXTRACT_FOLDER}/"))
        if self.steps["extract"].verdict == "certain":
            return hashlib.sha256(text.encode("utf-8")).hexdigest() if text is not None else ""
        return canonical.file_digest(path) if Path(path).is_file() else ""

    def _in_study_terms(self, path: str, entry: journal.Entry) -> list[str]:
        gate = self.steps["extract"].causes
        text = self.extracted.get(path.removeprefix(f"{EXTRACT_FOLDER}/"))
        parts = journal.parts_of(json.loads(text)) if text else {}
        known = entry.parts.get(path, {})
        named = {c.split(" ")[0] for c in journal.changed_parts(known, parts)}
        found = [c for c in gate if c.split(" ")[0] in named]
        if not found and known and not named:  # its studies are the same: it is what the protocol tells it
            found = [c for c in gate if c.startswith(journal.PROTOCOL_FILE)]
        return found or gate or [f"{path} changed"]

    def _inherited(self, step: Step) -> None:
        """What the steps before this one do to it."""
        entry = self.entries.get(step.name)
        if entry is None:
            return
        before = {self.producer[p] for p in entry.inputs if p in self.producer} - {"extract", step.name}
        if (
            step.rule == "collect"
        ):  # of a therapy that is new or gone it has read nothing, or reads nothing more
            before |= {n for n, s in self.steps.items() if s.rule == "therapy"}
            therapies = {f"build/results/therapy/{t}.json" for t in self.layout.therapies}
            step.causes += [
                f"{p} no longer there" for p in sorted(set(entry.inputs) - therapies) if "/therapy/" in p
            ]
            step.verdict = "certain" if step.causes else step.verdict
        moving = [s for n, s in self.steps.items() if n in before and s.verdict != "stays"]
        if step.verdict == "stays" and moving:
            follows = [s.name for s in moving if s.verdict == "certain" and self._follows(s, step)]
            step.verdict = "certain" if follows else "perhaps"
            step.after = follows or [s.name for s in moving]

    def _follows(self, before: Step, step: Step) -> bool:
        """True where no gate ends between the two steps, so that the second runs whatever the first makes."""
        if (before.rule, step.rule) == ("overview", "claims"):
            return self.steps["collect"].verdict == "stays"
        return (before.rule, step.rule) in _FOLLOWS


def find(steps: dict[str, Step], target: str) -> list[Step]:
    """The steps that a person means by ``target``: a step, a therapy, a document, or a file that a step makes.

    Raises ReviewError with the nearest name for one that nothing has.
    """
    from livingreview.nearest import nearest

    path = Path(target).as_posix()
    made = {p: e.step for e in journal.entries() for p in e.outputs if e.step in steps}
    names: dict[str, list[Step]] = {}
    for step in steps.values():
        for name in (step.name, step.shown, step.rule, *step.wildcards.values()):
            names.setdefault(name, []).append(step)
    for file, maker in made.items():
        for name in (file, Path(file).name):
            if steps[maker] not in names.setdefault(name, []):
                names[name].append(steps[maker])
    if path not in names:
        near = nearest(path, names)
        raise ReviewError(
            Problem(
                "no step, therapy, document or file of the build has this name",
                value=target,
                allowed=f"the steps are {', '.join(s.shown for s in steps.values())}; files as they lie in the review",
                suggestion=f"did you mean `{near}`?" if near else "",
            )
        )
    return names[path]


def as_json(steps: dict[str, Step]) -> dict[str, Any]:
    """The forecast as data: ``{"certain": {step: {"causes", "after"}}, "perhaps": {…}, "stays": [step]}``."""
    out: dict[str, Any] = {"certain": {}, "perhaps": {}, "stays": []}
    for step in steps.values():
        if step.verdict == "stays":
            out["stays"].append(step.shown)
        else:
            out[step.verdict][step.shown] = {
                "causes": step.causes,
                "after": [steps[n].shown for n in step.after],
            }
    return out
