"""Rules on critical appraisal."""

from __future__ import annotations

from collections.abc import Iterator

from livingreview.errors import Problem
from livingreview.extraction.ruling import Review, grouped, rule, told, unread


@rule("appraisals", against="appraisal_tools")
def appraisal_item_agrees_with_tool(review: Review) -> Iterator[Problem]:
    """Every appraised item is one of its tool, under the tool's own label."""
    labels = {(r["tool"], r["item_number"]): r["item_label"] for r in review.tables["appraisal_tools"]}
    tools = grouped(review.tables["appraisal_tools"], lambda r: r["tool"])
    for row in review.tables["appraisals"]:
        tool, number = row["tool"], row["item_number"]
        if tool not in tools or number is None:
            continue  # a code that is told elsewhere
        if (tool, number) not in labels:
            numbers = sorted(r["item_number"] for r in tools[tool] if r["item_number"] is not None)
            yield told(row, "item_number", f"{tool} has no such item", allowed=", ".join(map(str, numbers)))
        elif row["item_label"] is not None and labels[tool, number] not in (None, row["item_label"]):
            yield told(
                row,
                "item_label",
                f"item {number} of {tool} has another label in appraisal_tools.csv",
                allowed=labels[tool, number],
                suggestion="check that the judgement belongs to this item",
            )


@rule("appraisals", against="studies appraisal_tools", protocol="appraisal_tools")
def appraisal_complete_for_included(review: Review) -> Iterator[Problem]:
    """Every included study is appraised with the tool for its design, each item once; other studies need no appraisal."""
    items = grouped(review.tables["appraisal_tools"], lambda r: r["tool"])
    numbers = {tool: {r["item_number"] for r in rows} for tool, rows in items.items()}
    fitting = {design: tool for tool, t in review.protocol.appraisal_tools.items() for design in t.designs}
    appraised = grouped(review.tables["appraisals"], lambda r: r["study_id"])
    for study in review.tables["studies"]:
        name, design = study["study_id"], study["design"]
        rows = appraised.get(name, [])
        if name is None or unread(study, "eligibility", "design"):
            continue
        if study["eligibility"] != "included":
            if rows:
                yield told(
                    rows[0], "study_id", "appraised, but the study is not included", severity="warning"
                )
            continue
        if design is None:
            continue
        if design not in fitting:
            yield told(
                study,
                "design",
                "no appraisal tool is for this design",
                allowed=", ".join(fitting),
                suggestion="name it under a tool's designs in review.yaml (appraisal_tools)",
            )
            continue
        tool = fitting[design]
        if any(unread(r, "tool", "item_number", "judgement") for r in rows):
            continue
        for row in rows:
            if row["tool"] != tool:
                yield told(row, "tool", f"not the tool for the design {design} of {name}", allowed=tool)
        done = {r["item_number"] for r in rows if r["tool"] == tool}
        missing = sorted(n for n in numbers.get(tool, set()) - done if n is not None)
        if tool not in numbers:
            yield told(
                study,
                "design",
                f"appraisal_tools.csv has no items of {tool}",
                suggestion="add its items to appraisal_tools.csv",
            )
        elif missing and not any(r["tool"] != tool for r in rows):
            yield told(
                study,
                "study_id",
                f"included, but items of {tool} are not appraised in appraisals.csv: {', '.join(map(str, missing))}",
                suggestion="add a row for each; `unclear` where the source does not say",
            )
