"""From a rule's name to the function that does its work. Imports are late: a step loads only what it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from livingreview.pipeline.layout import FIGURE_FORMATS, Layout
from livingreview.pipeline.runner import Call

Written = Iterable[Path | str] | None


def _extract(layout: Layout, call: Call) -> Written:
    from livingreview.steps import extract

    return extract.run(Path(), layout.root, Path("build/extract"))


def _collect(layout: Layout, call: Call) -> Written:
    from livingreview.steps import collect

    results = [Path(p) for p in call.inputs if p not in call.guards]
    return collect.run(Path(call.outputs[0]), results)


def _claims(layout: Layout, call: Call) -> Written:
    from livingreview.steps import claims

    return claims.run(Path(), layout.root, Path("build/claims"))


def _places(layout: Layout, call: Call) -> Written:
    from livingreview.steps import places

    return places.run(Path(), layout.root, Path("build/places"))


def _document(layout: Layout, call: Call) -> Written:
    from livingreview.errors import ReviewError
    from livingreview.prose import check
    from livingreview.steps import render

    if typed := check.document(Path(), layout.root, Path(layout.documents[call.wildcards["document"]])):
        raise ReviewError(typed)

    out = Path(f"build/documents/{call.wildcards['document']}.json")
    record = render.run(call.wildcards["document"], Path.cwd(), layout.root, out)
    written = [made["path"] for made in record["formats"].values()]
    reference = Path("manuscript/_built/reference.docx")
    return [*written, reference] if reference.is_file() else written


def _changes(layout: Layout, call: Call) -> Written:
    from livingreview.steps import changes

    return changes.run(Path(), layout.root)


def _tracked(layout: Layout, call: Call) -> Written:
    from livingreview.steps import tracked

    main = {name: layout.documents[name] for name in layout.main_documents}
    return tracked.run(main, Path(), layout.root, Path(call.outputs[0]))


def _notebook(layout: Layout, call: Call) -> Written:
    from livingreview.steps import notebook

    name = "therapy" if call.rule == "therapy" else f"overview_{call.wildcards['overview']}"
    header = layout.header(name)
    # A notebook knows its files by short names: the therapy it is run for is not one of them.
    inputs = {
        r.replace("/{therapy}", "").split("/")[-1]: f"build/{r.format(**call.wildcards)}.json"
        for r in header["reads"]
    }
    figures = {
        s.replace("_{therapy}", ""): f"figures/{s.format(**call.wildcards)}" for s in header["figures"]
    }
    parameters: dict[str, Any] = {
        "result": next(p for p in call.outputs if p.endswith(".json")),
        "style": "figures/style.mplstyle",  # the review's or the repository's: no path of a machine in the notebook
    }
    if "therapy" in call.wildcards:
        parameters["therapy"] = call.wildcards["therapy"]
    parameters |= {"inputs": inputs, "figures": figures}
    Path("figures").mkdir(exist_ok=True)
    executed = next(p for p in call.outputs if p.endswith(".ipynb"))
    notebook.run(layout.notebook(name), parameters, Path(executed))
    missing = [f"{s}.{f}" for s in figures.values() for f in FIGURE_FORMATS if not Path(f"{s}.{f}").is_file()]
    if missing:
        from livingreview.errors import Problem, ReviewError

        raise ReviewError(
            Problem(
                f"the notebook ended without writing {', '.join(missing)}",
                file=str(layout.notebook(name)),
                suggestion="write every figure that the header names, or take it out of the header",
            )
        )
    return None


def _submission_part(layout: Layout, call: Call) -> Written:
    from livingreview.submission import package_steps

    return package_steps.part(layout, call.wildcards["package"], call.wildcards["part"])


def _submission_package(layout: Layout, call: Call) -> Written:
    from livingreview.submission import package_steps

    return package_steps.package(layout, call.wildcards["package"])


ACTIONS: dict[str, Callable[[Layout, Call], Written]] = {
    "extract": _extract,
    "therapy": _notebook,
    "overview": _notebook,
    "collect": _collect,
    "claims": _claims,
    "places": _places,
    "document": _document,
    "changes": _changes,
    "tracked": _tracked,
    "submission_part": _submission_part,
    "submission_package": _submission_package,
}
