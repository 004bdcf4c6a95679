"""How the files came about: the workflow, its tools, and one action for each step of the last build, from the build's journal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from livingreview.submission.archive.members import Members, Step

WORKFLOW = "Snakefile"
RUN = "#build"
_ENGINE = "#snakemake"
_LANGUAGE = "#snakemake-language"
_COMPUTATION = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
_PARAMETER = "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"
_STEPS = "analysis/livingreview/steps"
_MODULES = {"document": "render"}
_SAID = {
    "extract": "Reads and checks the tables and writes what each later step needs of them",
    "therapy": "Runs the analysis notebook of one therapy",
    "collect": "Puts the results of all therapies together",
    "overview": "Runs a notebook over all therapies",
    "claims": "Makes every number that the text can print, each with the studies and rows behind it",
    "document": "Renders a document",
    "places": "Finds the places in the text that answer the reporting checklists",
    "tracked": "Compares the text with that of the last release",
    "changes": "Lists what changed since the last release",
}
Entity = dict[str, Any]


def tool(step: Step, members: Members) -> str:
    """The source file of what a step runs: a notebook, or the module of the step; the review's own notebook before the repository's."""
    if step.rule in ("therapy", "overview"):
        name = "therapy" if step.rule == "therapy" else f"overview_{step.wildcards['overview']}"
        path = f"analysis/notebooks/{name}.py"
        return members.prefix + path if members.prefix + path in members.sources else path
    return f"{_STEPS}/{_MODULES.get(step.rule, step.rule)}.py"


def run(members: Members) -> Iterator[Entity]:
    """The workflow with its steps and tools, and the build as actions (Provenance Run Crate 0.5)."""
    steps = members.steps
    tools: dict[str, Step] = {}
    for step in steps:
        tools.setdefault(tool(step, members), step)
    made = {name for step in steps for name in step.outputs}
    read = sorted({name for step in steps for name in step.inputs} - made)
    inputs = {name: _parameter(name, members.prefix) for name in read}
    outputs = {name: _result(name, members.prefix) for name in sorted(made)}
    yield {
        "@id": WORKFLOW,
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
        "name": "The build of the review",
        "description": "From the tables that people fill in to the documents that readers open",
        "conformsTo": _ref(_COMPUTATION),
        "programmingLanguage": _ref(_LANGUAGE),
        "input": _refs(sorted({f"#input-{p}" for p in inputs.values()})),
        "output": _refs(sorted({f"#output-{p}" for p in outputs.values()})),
        "hasPart": _refs(sorted(tools)),
        "step": _refs(f"#step-{step.name}" for step in steps),
    }
    yield {
        "@id": _LANGUAGE,
        "@type": "ComputerLanguage",
        "name": "Snakemake",
        "alternateName": "Snakemake workflow language",
        "identifier": _ref("https://snakemake.readthedocs.io"),
        "url": _ref("https://snakemake.readthedocs.io"),
    }
    yield {
        "@id": "https://snakemake.readthedocs.io",
        "@type": "WebSite",
        "name": "Snakemake documentation",
    }
    for profile in (_PARAMETER, _COMPUTATION):
        yield {
            "@id": profile,
            "@type": "CreativeWork",
            "name": profile.split("/")[-2],
            "version": profile.split("/")[-1],
        }
    yield {
        "@id": _ENGINE,
        "@type": "SoftwareApplication",
        "name": "Snakemake",
        "url": "https://snakemake.github.io",
        "softwareVersion": _locked(members, "snakemake"),
    }
    for group, names, which in (
        ("input", inputs, "what people write"),
        ("output", outputs, "what the build makes"),
    ):
        for parameter in sorted(set(names.values())):
            yield {
                "@id": f"#{group}-{parameter}",
                "@type": "FormalParameter",
                "conformsTo": _ref(_PARAMETER),
                "additionalType": "File",
                "name": parameter,
                "description": f"{parameter.capitalize()}, {which}",
                "valueRequired": group == "input" and parameter == "protocol",
                "workExample": _refs(n for n, p in names.items() if p == parameter),
            }
        for name, parameter in names.items():
            yield {"@id": name, "exampleOfWork": _ref(f"#{group}-{parameter}")}
    for name, step in sorted(tools.items()):
        yield {
            "@id": name,
            "@type": ["File", "SoftwareSourceCode"],
            "description": _SAID.get(step.rule, step.rule),
            "programmingLanguage": _ref("#python"),
        }
    yield {"@id": "#python", "@type": "ComputerLanguage", "name": "Python", "url": "https://www.python.org"}
    yield {
        "@id": RUN,
        "@type": "CreateAction",
        "name": "The last build of the review",
        "description": f"Documents were rendered with {members.engine}" if members.engine else "",
        "instrument": _ref(WORKFLOW),
        "object": _refs(read),
        "result": _refs(sorted(made)),
        "actionStatus": "http://schema.org/CompletedActionStatus",
    }
    yield {
        "@id": "#engine-run",
        "@type": "OrganizeAction",
        "name": "Run of the workflow engine",
        "instrument": _ref(_ENGINE),
        "object": _refs(f"#control-{step.name}" for step in steps),
        "result": _ref(RUN),
    }
    for position, step in enumerate(steps, 1):
        yield from _step(step, position, members)


def _step(step: Step, position: int, members: Members) -> Iterator[Entity]:
    title = " ".join([step.rule, *step.wildcards.values()])
    yield {
        "@id": f"#step-{step.name}",
        "@type": "HowToStep",
        "name": title,
        "position": str(position),
        "workExample": _ref(tool(step, members)),
    }
    yield {
        "@id": f"#control-{step.name}",
        "@type": "ControlAction",
        "name": f"Start of {title}",
        "instrument": _ref(f"#step-{step.name}"),
        "object": _ref(f"#run-{step.name}"),
    }
    yield {
        "@id": f"#run-{step.name}",
        "@type": "CreateAction",
        "name": title,
        "description": _SAID.get(step.rule, step.rule),
        "instrument": _ref(tool(step, members)),
        "object": _refs(step.inputs),
        "result": _refs(step.outputs),
        "actionStatus": "http://schema.org/CompletedActionStatus",
    }


def _parameter(name: str, prefix: str) -> str:
    """Which input of the workflow a source file is."""
    name = name.removeprefix(prefix)
    if name == "review.yaml":
        return "protocol"
    folders = {"data/raw/": "tables", "data/schema/": "schemas", "data/releases/": "releases"}
    return next((what for start, what in folders.items() if name.startswith(start)), "text")


def _result(name: str, prefix: str) -> str:
    """Which output of the workflow a built file is."""
    name = name.removeprefix(prefix)
    folders = {"figures/": "figures", "build/notebooks/": "notebooks", "manuscript/_output/": "documents"}
    return next((what for start, what in folders.items() if name.startswith(start)), "results")


def _locked(members: Members, package: str) -> str:
    """Version of a package in the lock; empty where it is not in there."""
    for line in members.files["requirements.lock"].read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{package}=="):
            return line.split("==")[1].split()[0].rstrip("\\")
    return ""


def _ref(name: str) -> dict[str, str]:
    return {"@id": name}


def _refs(names: Any) -> list[dict[str, str]]:
    return [_ref(name) for name in names]
