"""User text prints literally."""

from __future__ import annotations

import json
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from publish_review import HOSTILE

from livingreview.publish.escape import flat, markdown
from livingreview.publish.pandoc import pandoc_path

TEXTS = [
    HOSTILE, "1. one", "(1) one", "a) one", "iv. one", "(a) one", "- x", "+ 3", "* x", "# head", "> quote", "| a | b |", ": cap {#tbl-x}",
    "::: {.x}", "---", "===", "~~~", "```", "[^1]", "[@x; -@y]", "<a@b.c>", "a\nb\r\n\tc", "12.5 (3-4); 10%", "e.g. Mr. Foo", "\\", "x\\",
    "\\( x \\) \\[ y \\]", "$$y$$", "http://a.b/c", "H~2~O x^2^", "'single' \"double\" -- --- ...", "&lt; &#91; &nbsp;", "{.x} {=html}",
    "`r 1` `{python} x`", "snake_case *a* _b_", "12–14 é 中 ½", "@", "(@x)", "A. B", "[1]", "[x]: y", "!", "![a](b)", "{{{< var x >}}}",
]  # fmt: skip
FORMATS = [
    "markdown",
    "markdown+autolink_bare_uris+tex_math_single_backslash+emoji+mark+hard_line_breaks+lists_without_preceding_blankline",
]


def printed(sources: list[str], dialect: str) -> list[str]:
    """What pandoc reads in each source, one call for all."""
    joined = "\n\n::: {.sep}\n:::\n\n".join(sources)
    done = subprocess.run(
        [pandoc_path(), "--from", dialect, "--to", "json"],
        input=joined,
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    out: list[list[dict[str, object]]] = [[]]
    for block in json.loads(done.stdout)["blocks"]:
        if block["t"] == "Div":
            out.append([])
        else:
            out[-1].append(block)
    return [_text(blocks) for blocks in out]


def _text(blocks: list[dict[str, object]]) -> str:
    (block,) = blocks
    if block["t"] == "Table":
        block = block["c"][4][0][3][0][1][0][4][0]  # type: ignore[index]
    assert block["t"] in ("Para", "Plain"), block
    parts = []
    for inline in block["c"]:  # type: ignore[attr-defined]
        assert inline["t"] in ("Str", "Space"), inline
        parts.append(inline["c"] if inline["t"] == "Str" else " ")
    return "".join(parts)


@pytest.mark.parametrize("dialect", FORMATS)
@pytest.mark.parametrize(
    "frame", ["{}", "before {} after", "| a | b |\n|---|---|\n| {} | y |"], ids=["start", "inside", "cell"]
)
def test_literal(dialect: str, frame: str) -> None:
    sources = [frame.replace("{}", markdown(text)) for text in TEXTS]
    cell = "|---|" in frame
    expected = [flat(text) if cell else frame.replace("{}", flat(text)) for text in TEXTS]
    assert printed(sources, dialect) == expected


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1, max_size=40))
def test_any_text(texts: list[str]) -> None:
    wanted = [flat(text) for text in texts]
    kept = [(text, flat_text) for text, flat_text in zip(texts, wanted, strict=True) if flat_text]
    if kept:
        assert printed([f"x{markdown(t)}x" for t, _ in kept], FORMATS[1]) == [f"x{f}x" for _, f in kept]


def test_none_and_blank() -> None:
    assert markdown(None) == "" and markdown("  \n ") == "" and markdown(12) == "12"
