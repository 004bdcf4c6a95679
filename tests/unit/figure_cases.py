"""Data in the shape of the slices and results, and what must hold for every figure drawn from them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from livingreview.synthesis.proportions import clopper_pearson

HOSTILE = [
    "$x^2$ _a_ {b} 2010",
    "<script>alert(1)</script> 1999",
    r"\textbf{x} % #1 ^ ~ & 2004",
    "Ørsted-Łukasiewicz & Ğüneş-Żółć 2014",
    "Παπαδόπουλος, Иванов – “quoted” ﬁ 2003",
    "{{< var x >}} @fig-x `code` 2001",
    "A very long label of sixty characters that has to break, n.d.",
    "Unbreakablewordofmorethanfortycharacterswithoutaspace 2020",
    "tab\tand\nline\x07break \u202eright to left 2021",
]
NAMES = {
    "units": {
        "patient": {"singular": "patient", "plural": "patients"},
        "lesion": {"singular": "lesion", "plural": "lesions"},
    },
    "constructs": {"nodule": "Nodule", "pain": "Pain", "unspecified": "Not specified"},
}
JUDGEMENTS = {
    "yes": {"label": "Yes", "symbol": "+", "colour": "#009e73"},
    "no": {"label": "No", "symbol": "−", "colour": "#d55e00"},
    "unclear": {"label": "Unclear (information missing)", "symbol": "?", "colour": "#c8c8c8"},
    "not_applicable": {"label": "Not applicable", "symbol": "n/a", "colour": "#ffffff"},
}
COLOURS = ["#0072b2", "#56b4e9", "#e69f00", "#cc79a7", "#000000", "#f0e442"]


def estimate(events: int, total: int) -> dict[str, Any]:
    lower, upper = clopper_pearson(events, total)
    return {
        "events": events,
        "total": total,
        "value": events / total,
        "lower": lower,
        "upper": upper,
        "level": 0.95,
    }


def response(
    i: int, label: str, unit: str, construct: str, x: int | None, n: int, treated: int | None
) -> dict[str, Any]:
    evaluated = 0 if x is None else n
    return {
        "study_id": f"s{i}", "label": label, "year": 2000, "arm_id": "a", "unit": unit, "construct": construct,
        "responders": x, "total": n, "evaluated": evaluated, "treated": treated, "at_least": 0, "used": i % 11 != 5,
        "unreported": None if treated is None else treated - evaluated,
        "estimate": None if x is None else estimate(x, n),
    }  # fmt: skip


def result(k: int, code: str = "warmth", name: str = "Warmth of the limb") -> dict[str, Any]:
    """A therapy with ``k`` studies in three groups, of which the last tells no response at all."""
    rng = random.Random(k)
    responses = []
    for i in range(k - 1):
        unit, construct = [("patient", "nodule"), ("lesion", "pain"), ("patient", "unspecified")][i % 3]
        n = rng.choice([1, 1, 2, 5, 12, 60, 400])
        label = HOSTILE[i] if i < len(HOSTILE) else f"Author{i} {1980 + i % 45}"
        x = None if i % 7 == 6 else rng.randint(0, n)
        responses.append(response(i, label, unit, construct, x, n, None if i % 5 == 3 else n + i % 3))
    totals = []
    for unit, construct in dict.fromkeys((r["unit"], r["construct"]) for r in responses):
        used = [
            r
            for r in responses
            if (r["unit"], r["construct"]) == (unit, construct) and r["used"] and r["estimate"]
        ]
        x, n = sum(r["responders"] for r in used), sum(r["total"] for r in used)
        totals.append({
            "unit": unit, "construct": construct, "k": len(used), "responders": x, "evaluated": n,
            "treated": n + 9, "unreported": 9, "treated_unknown": int(construct == "pain"),
            "estimate": estimate(x, n) if n else None, "if_failures": None if construct == "pain" else estimate(x, n + 9),
            "if_failures_reason": "the number treated is not known in 1 study" if construct == "pain" else None,
        })  # fmt: skip
    studies = [
        {"study_id": r["study_id"], "label": r["label"], "year": 2000, "n_patients": r["treated"]}
        for r in responses
    ]
    if k:
        studies.append({"study_id": "silent", "label": "Silent n.d.", "year": None, "n_patients": 1234})
    therapy = {"code": code, "name": name, "short_name": name, "colour": COLOURS[len(code) % len(COLOURS)]}
    return {"therapy": therapy, "studies": studies, "responses": responses, "totals": totals}


def results() -> dict[str, Any]:
    parts = [
        result(20),
        result(0, "none", "Nothing <b> $x$"),
        result(1, "still", "A therapy of a name that is very long indeed"),
        result(2, "two"),
    ]
    return {"therapies": {r["therapy"]["code"]: r for r in parts}}


def appraisal(k: int) -> dict[str, Any]:
    rng = random.Random(k)
    tools = {
        tool: {
            "name": f"Checklist {tool} $x$",
            "short": tool,
            "items": [
                {"item_number": n, "item_label": f"Item {n} with a <label> of some forty characters"}
                for n in range(1, count + 1)
            ],
        }
        for tool, count in (("reports", 8), ("series", 11), ("unused", 3))
    }
    studies = []
    for i in range(k):
        tool = "series" if i % 3 == 0 else "reports"
        numbers = [str(item["item_number"]) for item in tools[tool]["items"]]
        items = {n: rng.choice(list(JUDGEMENTS)) for n in numbers if n != "4"}
        label = HOSTILE[i] if i < len(HOSTILE) else f"Author{i} 2000"
        studies.append({"study_id": f"s{i}", "label": label, "tool": tool, "therapies": [], "items": items})
    return {"tools": tools, "studies": studies, "judgements": JUDGEMENTS}


def characteristics(k: int, lanes: int = 3, dated: bool = True) -> dict[str, Any]:
    rng = random.Random(k)
    therapies = [
        {
            "code": f"t{i}",
            "name": f"Therapy {i} $x$",
            "short_name": f"Therapy {i} with a longer name",
            "colour": COLOURS[i % 6],
        }
        for i in range(lanes)
    ]
    studies = []
    for i in range(k):
        codes = [f"t{rng.randrange(lanes)}"] if i % 4 else [f"t{j}" for j in range(min(2, lanes))]
        studies.append({
            "study_id": f"s{i}", "label": HOSTILE[i] if i < len(HOSTILE) else f"Author{i}",
            "year": rng.randint(1981, 2026) if dated and i % 5 else None, "therapies": codes,
            "n_patients": {c: rng.choice([None, 1, 1, 3, 40]) for c in codes},
        })  # fmt: skip
    return {"therapies": therapies, "studies": studies}


def flow(reasons: int = 5) -> dict[str, Any]:
    why = [
        {"reason": f"{HOSTILE[i % len(HOSTILE)]} as a reason for which a record was excluded ({i})", "n": 3}
        for i in range(reasons)
    ]
    return {
        "boxes": {
            "identified": {"total": 12345, "by_stream": {"a": 12000, "b": 345}}, "duplicates_removed": 45, "screened": 12300,
            "excluded_screening": {"total": 3 * reasons, "reasons": why}, "awaiting_assessment": 7,
            "awaiting_assessment_reasons": [{"reason": "Unclear", "n": 7}], "sought": 60, "other_sources": 3, "assessed": 63,
            "excluded_assessed": {"total": 3 * reasons, "reasons": why}, "awaiting_classification": 7, "ongoing": 3,
            "linked_reports": 1, "included_studies": 19, "included_reports": 20,
        },
        "labels": {"identified": "Records identified from a source with a long name that breaks over lines", "assessed": "<b> $x$ assessed"},
        "streams": {"a": "Stream one", "b": "Stream two"},
    }  # fmt: skip


def texts(fig: Any) -> Iterator[tuple[str, Any]]:
    """Every printed text with its box in millimetres, y downwards."""
    from matplotlib.text import Text

    fig.set_dpi(300)
    renderer = fig.canvas.get_renderer()
    to_mm = 25.4 / fig.dpi
    for artist in fig.findobj(Text):
        if artist.get_text():
            box = artist.get_window_extent(renderer)
            yield artist.get_text(), (box.x0 * to_mm, box.y0 * to_mm, box.x1 * to_mm, box.y1 * to_mm)


def faults(fig: Any) -> list[str]:
    """Texts outside the sheet and texts on each other, in words."""
    wide, high = (side * 25.4 for side in fig.get_size_inches())
    found = list(texts(fig))
    out = [
        f"outside: {text!r} {box}"
        for text, box in found
        if box[0] < -0.01 or box[1] < -0.01 or box[2] > wide + 0.01 or box[3] > high + 0.01
    ]
    for i, (text, a) in enumerate(found):
        for other, b in found[i + 1 :]:
            across = min(a[2], b[2]) - max(a[0], b[0])
            along = min(a[3], b[3]) - max(a[1], b[1])
            # boxes of letters with tails may touch by a hair in tightly set lines
            if across > 0.05 and along > 0.35:
                out.append(f"overlap: {text!r} {other!r}")
    return out
