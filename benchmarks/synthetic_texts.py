"""What a synthetic review consists of besides its tables: the protocol and two documents that print everything."""

from __future__ import annotations

import colorsys
import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from livingreview.protocol_analyses import PooledModel

DATA_DATE = dt.date(2026, 1, 31)
TOOLS = {"case": ("case_report", 8), "series": ("case_series", 10), "trial": ("controlled_trial", 9)}
"""Appraisal tool of each design, with the number of its items."""

WORDS = {
    "conditions": "nodules plaques deposits ulcers cysts scars",
    "people": "adults children farmers athletes sailors nurses dancers miners teachers smokers",
    "places": "hand foot elbow knee scalp back shoulder ankle",
    "aims": "effect safety course tolerance success failure durability acceptance",
    "settings": "clinic hospital practice registry university ward outpatient village",
    "countries": "Utopia Laputa Erewhon Lilliput Ruritania Freedonia",
}
SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo yu zan bert holm sen"


def choice(rng: random.Random, what: str) -> str:
    """One of the words of a kind."""
    return rng.choice(WORDS[what].split())


def author(rng: random.Random) -> str:
    """A family name that nobody bears."""
    return "".join(rng.choice(SYLLABLES.split()) for _ in range(3)).capitalize()


def title(rng: random.Random, subject: str, number: object) -> str:
    """A title of a study of ``subject``."""
    aim, who, where = choice(rng, "aims"), choice(rng, "people"), choice(rng, "places")
    setting, what = choice(rng, "settings"), choice(rng, "conditions")
    return f"{aim.capitalize()} of {subject} for {what} of the {where} in {who}: {setting} study {number}"


def _colour(place: int, places: int) -> str:
    red, green, blue = colorsys.hsv_to_rgb(place / places, 0.9, 0.7)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def protocol(therapies: int) -> dict[str, Any]:
    """Content of review.yaml."""
    grey = "#c8c8c8"
    return {
        "title": "Synthetic benchmark review of invented therapies",
        "short_title": "Synthetic benchmark review",
        "version": "2026.01",
        "date": DATA_DATE,
        "data_date": DATA_DATE,
        "access_date": DATA_DATE,
        "status": "Synthetic data for measuring the build: nothing here was observed",
        "authors": [{"given": "Ada", "family": "Synthetic", "roles": ["Software"]}],
        "question": {
            "text": "How long does it take to build a review of this size?",
            "population": "Invented people",
            "intervention": "Invented therapies",
            "comparator": "Any or none",
            "outcome": "Improvement, pain, harms and recurrence",
        },
        "eligibility": {"include": ["Invented by the generator"], "exclude": ["Observed by anybody"]},
        "funding": "None",
        "competing_interests": "None",
        "keywords": ["synthetic data"],
        "therapies": [
            {
                "code": f"t{n}",
                "name": f"Therapy {n}",
                "short_name": f"T{n}",
                "colour": _colour(n - 1, therapies),
            }
            for n in range(1, therapies + 1)
        ],
        "out_of_scope": {"untreated": "Untreated"},
        "response": {
            "outcome": "improvement",
            "categories": {
                "complete": "Gone",
                "partial": "Better",
                "any": "Gone or better",
                "none": "Unchanged",
            },
            "definition": "Improvement is invented",
        },
        "constructs": {"look": "Look", "comfort": "Comfort"},
        "units": {
            "patient": {"singular": "patient", "plural": "patients"},
            "lesion": {"singular": "lesion", "plural": "lesions"},
        },
        "designs": {"case": "Case report", "series": "Case series", "trial": "Controlled trial"},
        "aetiologies": {"primary": "Primary", "secondary": "Secondary"},
        "outcomes": [
            {"code": "improvement", "name": "Improvement", "kind": "response"},
            {"code": "pain", "name": "Pain", "kind": "score", "scale": "numeric rating scale"},
            {"code": "harm", "name": "Harms", "kind": "harm"},
            {"code": "recurrence", "name": "Recurrence", "kind": "recurrence"},
        ],
        "bases": {"results_section": "Results of the report"},
        "source_kinds": {"paper": "Whole paper", "summary": "Abstract"},
        "appraisal_tools": {
            tool: {"name": f"Invented checklist ({kind})", "short": kind.capitalize(), "designs": [kind]}
            for kind, (tool, _) in TOOLS.items()
        },
        "judgements": {
            "yes": {"label": "Yes", "symbol": "+", "colour": "#009e73"},
            "no": {"label": "No", "symbol": "−", "colour": "#d55e00"},
            "unclear": {"label": "Unclear", "symbol": "?", "colour": grey},
            "not_applicable": {"label": "Not applicable", "symbol": "n/a", "colour": "#ffffff"},
        },
        "analyses": _analyses(),
        "confidence_level": 0.95,
        "search": {
            "date": DATA_DATE,
            "description": "No search was made: the records are invented",
            "streams": {"first": "First stream", "second": "Second stream"},
        },
        "documents": [
            {"name": "manuscript", "source": "manuscript/manuscript.qmd", "label_prefix": ""},
            {"name": "supplement", "source": "manuscript/supplement.qmd", "label_prefix": "S"},
        ],
        "csl": "springer-basic-brackets",
    }


def _analyses() -> dict[str, Any]:
    """Every model, a sensitivity set of selections of each kind, a subgroup analysis and a meta-regression."""
    outcome = {"judged_on": "look", "unit": "patient", "bases": ["results_section"], "latest_months": 12}
    low_concern = {tool: {"items": {1: ["yes"], 2: ["yes"]}} for tool, _ in TOOLS.values()}
    return {
        "threshold": 0.5,
        "primary_model": "binomial_normal",
        "comparison_models": [m for m in get_args(PooledModel) if m != "binomial_normal"],
        "outcomes": [
            {"code": "better", "name": "Better", "role": "primary", **outcome},
            {"code": "gone", "name": "Gone", "role": "secondary", "counts": "complete", **outcome},
        ],
        "sensitivity": [
            {
                "code": "series_only",
                "name": "Series only",
                "least_total": 2,
                "keep": {"design": ["series", "trial"]},
            },
            {"code": "results_only", "name": "Results only", "keep": {"basis": ["results_section"]}},
            {"code": "papers", "name": "Whole papers only", "drop": {"source_kind": ["summary"]}},
            {"code": "primary_kind", "name": "Without secondary", "drop": {"aetiology": ["secondary"]}},
            {"code": "low_concern", "name": "Low concern in appraisal only", "appraisal": low_concern},
            {"code": "alone", "name": "Given alone", "keep": {"monotherapy": ["yes"]}},
            {"code": "failures", "name": "Unreported as failures", "unreported": "failures"},
        ],
        "subgroups": [{"code": "design", "name": "Design", "by": "design"}],
        "moderators": [{"code": "year", "name": "Year", "by": "year", "per": 10}],
    }


MAIN_PARTS = (
    ("Selection", "{{< var flow.summary >}}", ("figures/flow", "tables/characteristics", "figures/timeline")),
    ("Responses", "{{< var included.summary >}}", ("tables/responses", "figures/responses")),
    (
        "Scores and harms",
        "{{< var harms.summary >}} {{< var recurrence.summary >}}",
        ("tables/doses", "tables/scores", "tables/harms", "tables/recurrence"),
    ),
    ("Appraisal", "{{< var appraisal.summary >}}", ("figures/appraisal",)),
)
SUPPLEMENT_PARTS = (
    "included",
    "data",
    "awaiting",
    "ongoing",
    "excluded",
    "linked",
    "queries",
    "screening",
    "merges",
    "assessment",
    "appraisal",
)
BIBLIOGRAPHY = """\
@article{clopper1934, author = {Clopper, C. J. and Pearson, E. S.}, title = {The use of confidence or fiducial limits
illustrated in the case of the binomial}, journal = {Biometrika}, year = {1934}, doi = {10.1093/biomet/26.4.404}}
"""


def _includes(names: tuple[str, ...]) -> Iterator[str]:
    return (f"{{{{< include _built/{name}.md >}}}}" for name in names)


def manuscript(folder: Path, therapies: int) -> None:
    """Two documents that print everything that is built, as a real review's do."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [
        "**Synthetic document: every number in it is invented.**",
        "# Methods",
        "Intervals are exact [@clopper1934].",
        "# Results",
    ]
    for heading, text, names in MAIN_PARTS:
        parts += [f"## {heading}", text, *_includes(names)]
    for number in range(1, therapies + 1):
        code = f"t{number}"
        parts += [
            f"## {{{{< var {code}.name >}}}}",
            f"{{{{< var {code}.overview >}}}} {{{{< var {code}.response.summary >}}}}",
        ]
        parts += _includes((f"figures/forest_{code}",))
    text = "\n\n".join(parts) + "\n"
    (folder / "manuscript.qmd").write_text(f'---\nlabel-prefix: ""\n---\n\n{text}', encoding="utf-8")
    text = (
        "\n\n".join(["# Studies and data", *_includes(tuple(f"supplement/{p}" for p in SUPPLEMENT_PARTS))])
        + "\n"
    )
    front = '---\ntitle: "Supplement to a synthetic review"\nlabel-prefix: "S"\n---\n\n'
    (folder / "supplement.qmd").write_text(front + text, encoding="utf-8")
    (folder / "references.bib").write_text(BIBLIOGRAPHY, encoding="utf-8")
