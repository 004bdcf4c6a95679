"""What an alert on a conclusion looks at: where the watched estimate lies, how firmly, and what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from livingreview.protocol_grade import HARMS
from livingreview.synthesis.counting import PATIENT
from livingreview.synthesis.firmness import FIRM_LEVEL, FirmLimits, firm_limits
from livingreview.synthesis.fitting import UNDECIDED, cautious_limits, placed
from livingreview.synthesis.proportions import proportion

if TYPE_CHECKING:
    from livingreview.certainty.model import Certainty

Row = Mapping[str, Any]
ANY = "any"
LEAST_WITHOUT_ONE = 2
"""Studies that must be left when one is left out; fewer cannot confirm anything."""


def evidence(watch: Row | None, results: Mapping[str, Row], rated: Certainty | None) -> dict[str, Any] | None:
    """The evidence behind a watched estimate, JSON-ready; None for a conclusion that watches none.

    ``position`` is where the printed interval lies against ``threshold`` (above, below, undecided; None without an estimate), ``firm``
    the same at :data:`FIRM_LEVEL` with each study left out and whether it ``survives`` that. ``fragile`` holds the studies without
    which the printed interval lies elsewhere, ``sensitivity`` the position of each row of the sensitivity set, ``certainty`` the
    proposed judgement and the digest of the inputs of each domain. A score is its fall: a positive value is less of it.
    """
    if watch is None:
        return None
    result = results[watch["therapy"]]
    if watch.get("analysis"):
        code = watch["analysis"]
        found = _analysis(next((a for a in result["analyses"] if a["code"] == code), None))
    elif watch.get("score"):
        code = watch["score"]
        found = _score(next((s for s in result["scores"] if s["outcome"] == code), None), watch["threshold"])
    else:
        code = HARMS
        found = _harms(result["harms"], watch["threshold"])
    return {
        "therapy": watch["therapy"],
        "code": code,
        "measure": "score" if watch.get("score") else "share",
        **found,
        "certainty": _certainty(rated, watch["therapy"], code),
    }


def _empty(threshold: float | None) -> dict[str, Any]:
    return {
        "threshold": threshold, "k": 0, "n": 0, "value": None, "lower": None, "upper": None, "level": None, "position": None,
        "firm": _firm((), threshold), "fragile": [], "sensitivity": {}, "names": {}, "prediction": None, "studies": [],
    }  # fmt: skip


def _analysis(a: Row | None) -> dict[str, Any]:
    if a is None or a["main"]["estimate"] is None:
        return _empty(a["threshold"] if a else None)
    main = next((state for state, codes in a["verdict"]["states"].items() if "main" in codes), None)
    lower, upper, _ = cautious_limits(a)
    estimate, threshold = a["main"]["estimate"], a["threshold"]
    steps = [s for s in a["leave_one_out"] if s["state"] is not None and s["state"] != main]
    prediction = a["main"]["prediction"]
    return {
        "threshold": threshold,
        "k": a["k"],
        "n": a["n"],
        "value": estimate["value"],
        "lower": lower,
        "upper": upper,
        "level": estimate["level"],
        # a back-translation that was cut says nothing, and then the main analysis is in no state
        "position": None if main is None else placed(lower, upper, threshold),
        "firm": _firm([FirmLimits(**f) for f in a.get("firm") or ()], threshold),
        "fragile": sorted(s["study_id"] for s in steps) if main is not None else [],
        "sensitivity": {row["code"]: row["state"] for row in a["sensitivity"]},
        "names": {row["code"]: row["name"] for row in a["sensitivity"]},
        "prediction": [prediction["lower"], prediction["upper"]] if prediction else None,
        "studies": sorted(s["study_id"] for s in a["studies"]),
    }


def _score(measure: Row | None, threshold: float) -> dict[str, Any]:
    changes = measure["changes"] if measure else None
    if not changes or not changes["n"]:
        return _empty(threshold)
    estimate = changes["hodges_lehmann"]
    firm, usual = (
        [
            FirmLimits(f["left_out"], f["k"], f["n"], _less(f["upper"]), _less(f["lower"]))
            for f in changes.get(steps) or ()
        ]
        for steps in ("firm", "leave_one_out")
    )
    lower, upper = (_less(estimate["upper"]), _less(estimate["lower"])) if estimate else (None, None)
    return _empty(threshold) | {
        "k": changes["studies"],
        "n": changes["n"],
        "value": _less(changes["hodges_lehmann_value"]),
        "lower": lower,
        "upper": upper,
        "level": estimate["level"] if estimate else None,
        "position": _place(lower, upper, threshold),
        "firm": _firm(firm, threshold),
        "fragile": _fragile(usual, threshold),
        "studies": list(changes["used"]),
    }


def _less(change: float | None) -> float | None:
    return None if change is None else 0.0 - change


def _harms(harms: Row, threshold: float) -> dict[str, Any]:
    total = next(
        (t for t in harms["totals"] if (t["category"], t["unit"]) == (ANY, PATIENT) and t["estimate"]), None
    )
    if total is None:
        return _empty(threshold)
    counts: dict[str, tuple[int, int]] = {}
    for row in harms["rows"]:
        if row["used"] and row["estimate"] and (row["category"], row["unit"]) == (ANY, total["unit"]):
            x, n = counts.get(row["study_id"], (0, 0))
            counts[row["study_id"]] = (x + row["estimate"]["events"], n + row["estimate"]["total"])

    def limits(without: str | None, level: float = FIRM_LEVEL) -> tuple[float, float] | None:
        kept = [v for study, v in counts.items() if study != without]
        events, n = sum(x for x, _ in kept), sum(n for _, n in kept)
        if not n:
            return None
        method = "clopper_pearson" if events else "clopper_pearson_one_sided"
        found = proportion(events, n, unit=total["unit"], level=level, method=method)
        return found.lower, found.upper

    estimate = total["estimate"]
    sizes = [(study, n) for study, (_, n) in sorted(counts.items())]
    firm = firm_limits(sizes, limits)
    usual = firm_limits(sizes, lambda without: limits(without, estimate["level"]))
    return _empty(threshold) | {
        "k": total["k"],
        "n": total["evaluated"],
        "value": estimate["value"],
        "lower": estimate["lower"],
        "upper": estimate["upper"],
        "level": estimate["level"],
        "position": _place(estimate["lower"], estimate["upper"], threshold),
        "firm": _firm(firm, threshold),
        "fragile": _fragile(usual, threshold),
        "studies": sorted(counts),
    }


def _fragile(limits: Sequence[FirmLimits], threshold: float) -> list[str]:
    """Studies without which the interval at the level that prints lies elsewhere than with all."""
    states = {f.left_out: _place(f.lower, f.upper, threshold) for f in limits}
    whole = states.pop(None, None)
    return sorted(
        study for study, state in states.items() if study and state is not None and state != whole and whole
    )


def _place(lower: float | None, upper: float | None, threshold: float | None) -> str | None:
    return None if lower is None or upper is None or threshold is None else placed(lower, upper, threshold)


def _firm(limits: Any, threshold: float | None) -> dict[str, Any]:
    """Limits and position at the firm level, and whether every step of leave-one-out has at least two studies and lies there too."""
    whole = next((f for f in limits if f.left_out is None), None)
    steps = [f for f in limits if f.left_out is not None]
    position = _place(whole.lower, whole.upper, threshold) if whole else None
    states = {f.left_out: _place(f.lower, f.upper, threshold) for f in steps}
    decided = position not in (None, UNDECIDED)
    return {
        "level": FIRM_LEVEL,
        "lower": whole.lower if whole else None,
        "upper": whole.upper if whole else None,
        "position": position,
        "without": states,
        "survives": decided
        and bool(steps)
        and all(f.k >= LEAST_WITHOUT_ONE and states[f.left_out] == position for f in steps),
    }


def _certainty(rated: Certainty | None, therapy: str, code: str) -> dict[str, Any] | None:
    found = [r for r in (rated.ratings if rated else ()) if (r.therapy, r.outcome) == (therapy, code)]
    if not found or found[0].overall is None:
        return None
    cells = found[0].all_cells
    return {
        "level": found[0].level,
        "status": found[0].status,
        "proposed": {c.domain: c.proposed for c in cells},
        "digests": {c.domain: c.digest for c in cells},
    }
