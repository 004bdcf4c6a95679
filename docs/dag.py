"""The picture of the build: Snakemake's own rule graph, without the arrows that others imply, for Graphviz.

Reads the output of ``snakemake rebuild --rulegraph dot`` on standard input, writes Graphviz text to standard output.
"""

from __future__ import annotations

import re
import sys

TARGET = "rebuild"
LATER = "supplement"
GATES = {
    "extract": "checks every table,\ncuts one slice\na therapy",
    "collect": "all results,\none table",
    "claims": "only what the\ndocuments print",
    "places": "page of every\nsection",
}
COMPARING = {"changes": "since the\nlast release", "tracked": "tracked changes\nfor Word"}
NOTEBOOKS = {"therapy": "notebook,\none run each"}
# What people write or read stands beside the rules: (name, text, drawn before or after, of which rule).
PEOPLE = [
    ("tables", "data/raw\nreview.yaml", "before", "extract"),
    ("prose", "manuscript", "before", "document"),
    ("readers", "PDF\nDOCX\nHTML", "after", "document"),
]


def read(text: str) -> tuple[list[str], set[tuple[str, str]]]:
    """Names of the rules and the pairs (earlier rule, later rule) of a rule graph."""
    names = dict(re.findall(r'^\s*(\d+)\[label = "([^"]+)"', text, re.MULTILINE))
    arrows = {(names[a], names[b]) for a, b in re.findall(r"^\s*(\d+) -> (\d+)", text, re.MULTILINE)}
    # One rule renders the main text, whose pages are read, and after it the supplement, which prints them: as rules a circle.
    if ("places", "document") in arrows:
        arrows = {(a, b) for a, b in arrows if (a, b) != ("places", "document") and a != b} | {
            ("places", LATER)
        }
        names[LATER] = LATER
    return sorted(names.values()), arrows


def needed(arrows: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The arrows that no chain of other arrows implies."""

    def reach(start: str) -> set[str]:
        after = {b for a, b in arrows if a == start}
        return after.union(*map(reach, after)) if after else set()

    return {(a, b) for a, b in arrows if not any(b in reach(c) for x, c in arrows if x == a and c != b)}


def node(rule: str) -> str:
    """One rule as a Graphviz node: gates dark, notebooks blue, documents green."""
    if rule in GATES:
        return box(rule, f"gate: {rule}", GATES[rule], "#22313f", "#22313f", "#ffffff", "filled")
    if rule == "document":
        return box(rule, "documents", "built-in engine\nor Quarto", "#009e73", "#d9f0e7", "#14392c")
    if rule == LATER:
        return box(rule, "supplement", "with the filled\nchecklists", "#009e73", "#d9f0e7", "#14392c")
    if rule in COMPARING:
        return box(rule, rule, COMPARING[rule], "#cc79a7", "#f7e6ef", "#4a2439")
    title = rule.replace("_", " ").removeprefix("overview ")
    return box(rule, title, NOTEBOOKS.get(rule, "notebook"), "#0072b2", "#dbeaf5", "#12303f")


def box(
    name: str, title: str, text: str, border: str, fill: str, letters: str, style: str = "rounded,filled"
) -> str:
    """A Graphviz node with a title in bold and, below it, a text of one line or more."""
    label = f"<b>{title}</b>" if title else ""
    label += ("<br/>" if title and text else "") + text.replace("\n", "<br/>")
    return f'  {name} [label=<{label}>, style="{style}", color="{border}", fillcolor="{fill}", fontcolor="{letters}"];'


def main() -> None:
    """Translate standard input to standard output."""
    rules, arrows = read(sys.stdin.read())
    rules = [r for r in rules if r != TARGET]
    lines = [
        "digraph build {",
        "  graph [rankdir=LR, bgcolor=white, margin=0.1, pad=0.1, nodesep=0.14, ranksep=0.27];",
        '  node [shape=box, fontname="Helvetica, Arial, sans-serif", fontsize=11, margin="0.1,0.07", penwidth=1.4];',
        '  edge [color="#7a8792", penwidth=1.3, arrowsize=0.7];',
        *map(node, rules),
    ]
    lines += [f"  {a} -> {b};" for a, b in sorted(needed({p for p in arrows if TARGET not in p}))]
    first = [
        b
        for a, b in sorted(arrows)
        if a == "extract" and (b, "claims") in arrows and ("collect", b) not in arrows
    ]
    lines.append(f"  {{ rank=same; {'; '.join(r for r in first if r not in GATES)}; }}")
    for name, text, side, rule in PEOPLE:
        lines.append(box(name, "", text, "#7a8792", "#ffffff", "#3c4750", "dashed"))
        pair = (name, rule) if side == "before" else (rule, name)
        lines.append(f"  {pair[0]} -> {pair[1]} [style=dashed];")
    print("\n".join([*lines, "}"]))


if __name__ == "__main__":
    main()
