"""All that a part of a package hangs on beside what it reads: its code, the templates, and the journal's rules that it follows."""

from __future__ import annotations

from pathlib import Path

from livingreview import canonical
from livingreview.pipeline.fingerprint import Fingerprints
from livingreview.pipeline.layout import Layout
from livingreview.submission import package_plan
from livingreview.submission.package_plan import REVISION, Plan
from livingreview.submission.profile import FOLDER

_TEMPLATES = ("manuscript/templates/submission.typ",)
_WORDS = "manuscript/blinding.yaml"
# Parts that write documents; the others need no template.
_WITHOUT_TEXT = ("figures", "sources", "blinding")


def plan_of(layout: Layout, package: str) -> Plan:
    """The plan of a package by the name of its folder."""
    stage = "revision" if package.endswith(REVISION) else "initial"
    prefixes = layout.plan["prefixes"]
    return package_plan.load(package.removesuffix(REVISION), stage, prefixes, Path(), layout.root)


def parts(layout: Layout, prints: Fingerprints, rule: str, wildcards: dict[str, str]) -> dict[str, str]:
    """Digests by what they are of. The rules of the journal stand as one entry, named for a person who asks why a part was made anew."""
    plan = plan_of(layout, wildcards["package"])
    profile = f"{FOLDER}/{plan.profile.name}.yaml"
    if rule == "submission_package":
        content = plan.profile.model_dump(mode="json")
        return {
            profile: canonical.digest([content, plan.stage]),
            **prints.modules("livingreview.submission.package"),
        }
    part = wildcards["part"]
    settings = plan.settings().get(part, {})
    found = {f"{profile}, for {part}": canonical.digest(settings)}
    found |= prints.modules(f"livingreview.submission.parts.{part}")
    if part not in _WITHOUT_TEXT:
        found |= prints.files([layout.resolve(name) for name in _TEMPLATES])
    if part == "blinding":
        found |= prints.files(p for p in [layout.resolve(_WORDS)] if p.is_file())
    return found
