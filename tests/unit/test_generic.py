"""The build system knows no disease and no therapy of the first review: all of that stands in its review.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from livingreview.protocol import load

ROOT = Path(__file__).resolve().parents[2]
GENERIC = (
    "Snakefile",
    "Makefile",
    "analysis/livingreview",
    "analysis/snakemake_logger_plugin_livingreview",
    "analysis/notebooks",
    "analysis/rules",
    "figures/style.mplstyle",
    "manuscript/filters",
    "manuscript/templates",
    "profiles",
)
# Stems of the field that no code or name of the protocol spells out.
FIELD = (
    "calcinosis", "calcific", "calciphylaxis", "calcium", "thiosulf", "thiosulph", "lithotripsy", "shock wave", "shockwave",
    "laser", "sclerosis", "sclerod", "crest syndrome", "nowaczyk",
)  # fmt: skip
TEXT = {
    ".py",
    ".smk",
    ".yaml",
    ".yml",
    ".json",
    ".qmd",
    ".md",
    ".bib",
    ".lua",
    ".typ",
    ".css",
    ".html",
    ".mplstyle",
    ".csl",
    "",
}


def forbidden() -> re.Pattern[str]:
    """Therapy codes, names and search streams of the first review, and the stems of its field, in any case.

    Stems are found inside words too; codes only as whole words, since short ones may occur within others.
    """
    protocol = load(ROOT / "review.yaml")
    names = {n.casefold() for t in protocol.therapies for n in (t.name, t.short_name)}
    codes = {t.code.casefold() for t in protocol.therapies} | {"sts", "eswl", "eswt"}
    stems = {re.escape(n).replace(r"\ ", r"[\s_-]*") for n in (*names, *FIELD)}
    whole = {rf"(?<![A-Za-z0-9]){re.escape(c)}(?![A-Za-z0-9])" for c in codes}
    return re.compile("|".join(sorted(stems | whole)), re.IGNORECASE)


def generic_files() -> Iterator[Path]:
    for name in GENERIC:
        place = ROOT / name
        found = sorted(place.rglob("*")) if place.is_dir() else [place]
        yield from (p for p in found if p.is_file() and p.suffix in TEXT and "__pycache__" not in p.parts)


def test_generic_parts_name_nothing_of_the_first_review() -> None:
    words = forbidden()
    places = [
        f"{path.relative_to(ROOT)}:{number}: {found.group()!r} in: {line.strip()[:100]}"
        for path in generic_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found := words.search(line))
    ]
    places += [f"{p.relative_to(ROOT)}: the file's name" for p in generic_files() if words.search(p.name)]
    assert not places, "words of one review in what is shared by all:\n" + "\n".join(places)


@pytest.mark.parametrize(
    "text",
    [
        "Calcinosis",
        "topical_sts",
        "topical sodium\u00a0thiosulfate",
        "ESWL",
        "CO2 lasers",
        "shock-wave",
        "STS",
    ],
)
def test_the_search_finds_them(text: str) -> None:
    assert forbidden().search(text)


@pytest.mark.parametrize("text", ["lists of tests", "lesion", "topical", "posts", "eruption"])
def test_the_search_leaves_other_words_alone(text: str) -> None:
    assert not forbidden().search(text)


def test_files_are_searched() -> None:
    searched = {p.relative_to(ROOT).as_posix() for p in generic_files()}
    assert {"Snakefile", "analysis/livingreview/protocol.py", "figures/style.mplstyle"} <= searched
    assert not any("__pycache__" in name for name in searched)
