"""A case file of the oracle format: its inputs under our names, its blocks, and the tolerance of each value."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from livingreview.synthesis.models import effects
from livingreview.synthesis.models.effects import Array, Effects
from tests.oracles_adapter.blocks import MEASURES, Block, blocks

# names a column of the inputs may have, the usual one first
ALIASES: dict[str, tuple[str, ...]] = {
    "yi": ("yi", "y", "effect"),
    "vi": ("vi", "v", "variance"),
    "sei": ("sei", "se", "sei_yi"),
    "xi": ("xi", "x", "events", "event", "responders", "cases", "lesions_responded"),
    "ni": ("ni", "n", "total", "totals", "patients", "lesions", "lesions_evaluated", "n_total"),
    "mi": ("mi", "mean", "m", "mean_change"),
    "sdi": ("sdi", "sd", "sd_change"),
    "ri": ("ri", "r", "corr"),
    "ai": ("ai", "a", "x1i", "xti", "e1i", "events1", "tpos"),
    "bi": ("bi", "b", "tneg"),
    "ci": ("ci", "c", "x2i", "xci", "e2i", "events2", "cpos"),
    "di": ("di", "d", "cneg"),
    "n1i": ("n1i", "n1", "nti"),
    "n2i": ("n2i", "n2", "nci"),
    "m1i": ("m1i", "m1", "mean1"),
    "m2i": ("m2i", "m2", "mean2"),
    "sd1i": ("sd1i", "sd1"),
    "sd2i": ("sd2i", "sd2"),
    "before": (
        "m_pre",
        "mpre",
        "mean_pre",
        "pre",
        "m_before",
        "mean_before",
        "before",
        "before_mean",
        "pre_mean",
        "m0",
        "baseline",
        "baseline_mean",
        "mean_baseline",
        "m_baseline",
        "pre_m",
    ),
    "after": (
        "m_post",
        "mpost",
        "mean_post",
        "post",
        "m_after",
        "mean_after",
        "after",
        "after_mean",
        "post_mean",
        "m1",
        "followup",
        "followup_mean",
        "mean_followup",
        "m_followup",
        "post_m",
    ),
    "sd_before": ("sd_pre", "sdpre", "sd_before", "before_sd", "pre_sd", "sd0", "sd_baseline", "baseline_sd"),
    "sd_after": ("sd_post", "sdpost", "sd_after", "after_sd", "post_sd", "sd_followup", "followup_sd"),
    "cluster": ("cluster", "patient", "patient_id", "cluster_id", "clusters", "study_id", "author", "id"),
    "year": ("year", "years", "publication_year"),
}
PROPORTIONS = ("PLO", "PFT")


class Case:
    """One file. Raises ValueError where it is not of the format."""

    def __init__(self, path: Path) -> None:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not (isinstance(content, dict) and {"inputs", "expected"} <= content.keys()):
            raise ValueError("no inputs and expected values")
        self.name = path.stem
        self.inputs: dict[str, Any] = content["inputs"]
        if not any(isinstance(value, list) for value in self.inputs.values()):
            # one study, written without brackets
            self.inputs = {name: [value] for name, value in self.inputs.items()}
        self.expected: dict[str, Any] = content["expected"]
        self.tolerance: dict[str, Any] = content.get("tolerance", {})
        calls = content.get("metafor_call", [])
        self.calls = "\n".join([calls] if isinstance(calls, str) else [str(c) for c in calls])
        self.tags = [str(t) for t in content.get("tags", [])]
        self.title, self.id = str(content.get("title", "")), str(content.get("id", ""))
        # which column the reference was given for which argument
        self.arguments = dict(re.findall(r"\b(\w+)\s*=\s*(?:\w+\$)?([A-Za-z][\w.]*)", self.calls))

    def blocks(self) -> tuple[Block, ...]:
        """Every block, those under a correlation one by one."""
        rs = self.inputs.get("r", self.inputs.get("ri"))
        assumed = tuple(float(r) for r in rs) if isinstance(rs, list) and None not in rs else ()
        return tuple(b for name, value in self.expected.items() for b in blocks(name, value, assumed))

    def allowed(self, block: str, key: str) -> tuple[float, float]:
        """Relative and absolute tolerance of a value: the file's, or what it says of the block or of the key."""
        rel, absolute = float(self.tolerance.get("rel", 1e-6)), float(self.tolerance.get("abs", 1e-9))
        if block.endswith("_independent") and block not in self.tolerance:
            return 1e-5, absolute
        for name in sorted(self.tolerance.keys() - {"rel", "abs"}, key=len):
            given = self.tolerance[name]
            given = {"rel": given} if isinstance(given, int | float) else given
            named = key.startswith(name) or any(p.startswith(name) for p in (block, block.split("/")[-1]))
            if named and isinstance(given, dict):
                rel, absolute = float(given.get("rel", rel)), float(given.get("abs", absolute))
        return rel, absolute

    def column(self, name: str) -> list[Any] | None:
        """A column of the inputs by one of its names."""
        lower = {key.casefold(): key for key in self.inputs}
        for alias in (self.arguments.get(name, name), *ALIASES.get(name, ())):
            value = self.inputs.get(lower.get(alias.casefold(), ""))
            if isinstance(value, list):
                return value
        return None

    def numbers(self, *names: str) -> list[Array] | None:
        """Columns of numbers with nan for what is missing; None where a column is missing or holds words."""
        columns = []
        for name in names:
            column = self.column(name)
            if column is None or not all(x is None or isinstance(x, int | float) for x in column):
                return None
            columns.append(np.array([np.nan if x is None else float(x) for x in column]))
        return columns

    def measure(self) -> str | None:
        """The measure that the file's effects show, else the call, the title and the tags, of those that the inputs allow; with one
        way open, that; scores before and after without any such word give mean changes."""
        possible = self.possible()
        shown = self.expected.get("effects")
        wanted = shown.get("yi") if isinstance(shown, dict) else None
        if len(possible) > 1 and isinstance(wanted, list) and (nearest := self.nearest(wanted, None)):
            return nearest
        words = re.findall(r"measure\s*=\s*['\"](\w+)['\"]", self.calls)
        words += re.findall(r"[A-Za-z]+", " ".join([*self.tags, self.title]))
        words += [name.split("_")[0] for name in self.expected] + self.id.upper().split("_")
        words += [m for m, phrase in _PHRASES.items() if re.search(phrase, f"{self.title} {self.tags}", re.I)]
        named = [w for w in words if w in possible]
        if named or len(possible) < 2:
            return (named or possible or [None])[0]
        nearest = self.nearest(_first_effects(self.expected), None)
        return nearest or ("MC" if set(possible) <= {"MC", "SMCR", "SMCC"} else None)

    def possible(self) -> list[str]:
        """Measures that the inputs allow."""
        return [m for m in MEASURES if self._compute(m, 0.5) is not None]

    def nearest(self, wanted: list[Any] | float | None, r: float | None) -> str | None:
        """Of several measures the one whose effects lie nearest to those wanted, if within a thousandth of them."""
        if wanted is None:
            return None
        listed = wanted if isinstance(wanted, list) else [wanted]
        target = np.array([x if isinstance(x, int | float) else np.nan for x in listed], dtype=float)
        away = {
            m: float(np.nanmax(np.abs(e.y - target)))
            for m in self.possible()
            if (e := self._compute(m, 0.5 if r is None else r)) is not None and e.y.size == target.size
        }
        best = min(away, key=lambda m: away[m], default=None)
        return best if best and away[best] <= 1e-3 * (1 + float(np.nanmax(np.abs(target)))) else None

    def given(self) -> Effects | None:
        """Effects and variances that the inputs hold."""
        if (found := self.numbers("yi", "vi")) is not None:
            return Effects(*found)
        if (found := self.numbers("yi", "sei")) is not None:
            return Effects(found[0], found[1] ** 2)
        return None

    def computed(self, measure: str | None, r: float | None) -> Effects | None:
        """Effects computed from raw data; None where the measure is not known or the data are not there."""
        chosen = measure or self.measure()
        return None if chosen is None else self._compute(chosen, r)

    def effects(self, measure: str | None = None, r: float | None = None) -> Effects | None:
        """The effects of the studies that have any: as given, unless a measure or a correlation is asked for."""
        found = None if measure or r is not None else self.given()
        found = found or self.computed(measure, r)
        if found is None:
            return None
        complete = np.isfinite(found.y) & np.isfinite(found.v)
        return Effects(found.y[complete], found.v[complete])

    def _compute(self, measure: str, r: float | None) -> Effects | None:
        found = _SOURCES[measure](self, r)
        if found is None:
            return None
        function, columns = found
        complete = np.isfinite(columns).all(axis=0)
        if measure in PROPORTIONS:
            complete &= columns[1] > 0
        if "drop00=TRUE" in self.calls.replace(" ", "") and measure in ("RR", "OR", "RD"):
            a, n1, c, n2 = columns
            complete &= ~(((a == 0) & (c == 0)) | ((a == n1) & (c == n2)))
        y, v = np.full(complete.size, np.nan), np.full(complete.size, np.nan)
        if complete.any():
            y[complete], v[complete] = function(*(c[complete] for c in columns))
        return Effects(y, v)


_PHRASES = {
    "SMD": r"standardi[sz]ed mean difference|hedges|cohen",
    "SMCR": r"standardi[sz]ed (mean )?change",
    "OR": "odds ratio",
    "RR": "risk ratio|relative risk",
    "RD": "risk difference",
    "MD": "(?<!ed )mean difference",
    "MC": "mean change",
}


def _first_effects(value: Any) -> list[Any] | None:
    """The first list of effects anywhere among the expected values."""
    if isinstance(value, list):
        value = dict(enumerate(value))
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("yi"), list) and not any(isinstance(y, list) for y in value["yi"]):
        return list(value["yi"])
    return next((found for inner in value.values() if (found := _first_effects(inner))), None)


Source = tuple[Callable[..., Effects], list[Array]]


def _proportion(function: Callable[..., Effects]) -> Callable[[Case, float | None], Source | None]:
    def source(case: Case, _r: float | None) -> Source | None:
        columns = case.numbers("xi", "ni")
        return None if columns is None else (function, columns)

    return source


def _table(function: Callable[..., Effects]) -> Callable[[Case, float | None], Source | None]:
    def source(case: Case, _r: float | None) -> Source | None:
        if (columns := case.numbers("ai", "n1i", "ci", "n2i")) is not None:
            return function, columns
        if (columns := case.numbers("ai", "bi", "ci", "di")) is None:
            return None
        a, b, c, d = columns
        return function, [a, a + b, c, c + d]

    return source


def _arms(function: Callable[..., Effects]) -> Callable[[Case, float | None], Source | None]:
    def source(case: Case, _r: float | None) -> Source | None:
        columns = case.numbers("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
        return None if columns is None else (function, columns)

    return source


def _means(case: Case, _r: float | None) -> Source | None:
    columns = case.numbers("mi", "sdi", "ni")
    return None if columns is None else (effects.means, columns)


def _paired(function: Callable[..., Effects], spreads: int) -> Callable[[Case, float | None], Source | None]:
    """Mean changes. With numbered columns the change is 1 minus 2 in units of 1, as the reference software takes it; with named
    ones after minus before, unless the expected effects are all of the other sign."""

    def source(case: Case, r: float | None) -> Source | None:
        numbered = case.numbers("m1i", "m2i", "sd1i", "sd2i", "ni")
        columns = numbered or case.numbers("before", "after", "sd_before", "sd_after", "ni")
        if columns is None and spreads == 1:
            # standardised by the scores before: the spread of the others is not needed
            numbered = case.numbers("m1i", "m2i", "sd1i", "sd1i", "ni")
            columns = numbered or case.numbers("before", "after", "sd_before", "sd_before", "ni")
        if columns is None:
            return None
        before, after, sd_before, sd_after, n = columns
        rho = None if r is None else np.full(n.size, r)
        one = case.inputs.get("ri", case.inputs.get("r"))
        if rho is None and isinstance(one, int | float):
            rho = np.full(n.size, float(one))
        if rho is None and (given := case.numbers("ri")) is not None and given[0].size == n.size:
            rho = given[0]
        sign = -1.0 if numbered or _falling(case, after - before) else 1.0
        taken = [sign * before, sign * after, *(sd_before, sd_after)[:spreads], n]
        if rho is None and (assumed := _assumed(case, function, taken)) is not None:
            rho = np.full(n.size, assumed)
        return None if rho is None else (function, [*taken, rho])

    return source


def _assumed(case: Case, function: Callable[..., Effects], columns: list[Array]) -> float | None:
    """The one correlation of the whole file: the one that its variances show, else that of the call."""
    block = case.expected.get("effects")
    wanted = block.get("vi") if isinstance(block, dict) else None
    wanted = wanted if isinstance(wanted, list) and all(isinstance(v, int | float) for v in wanted) else []
    for r in np.arange(0, 20) / 20 if wanted else ():
        with np.errstate(all="ignore"):
            found = function(*columns, np.full(columns[0].size, r)).v if np.isfinite(columns).all() else None
        if found is not None and found.size == len(wanted) and np.allclose(found, wanted, rtol=1e-4):
            return float(r)
    said = re.search(r"\bri?\s*=\s*(?:rep\()?(0?\.\d+)", case.calls)
    return float(said[1]) if said else None


def _falling(case: Case, change: Array) -> bool:
    """Whether the file counts a fall as positive: its effects, or else its first pooled estimate, are of the other sign."""
    wanted = _first_effects(case.expected)
    if wanted is None or len(wanted) != change.size:
        estimate = _first_estimate(case.expected)
        return estimate is not None and float(np.nansum(change)) * estimate < 0
    return (
        float(np.nansum(np.array([x if isinstance(x, int | float) else np.nan for x in wanted]) * change)) < 0
    )


def _first_estimate(value: Any) -> float | None:
    """The first pooled estimate anywhere among the expected values."""
    if isinstance(value, list):
        return next((found for inner in value if (found := _first_estimate(inner)) is not None), None)
    if not isinstance(value, dict):
        return None
    estimate = value.get("estimate")
    estimate = estimate[0] if isinstance(estimate, list) and estimate else estimate
    if isinstance(estimate, int | float):
        return float(estimate)
    return _first_estimate(list(value.values()))


_SOURCES: dict[str, Callable[[Case, float | None], Source | None]] = {
    "PLO": _proportion(effects.logit_proportions),
    "PFT": _proportion(effects.freeman_tukey),
    "RR": _table(effects.log_risk_ratios),
    "OR": _table(effects.log_odds_ratios),
    "RD": _table(effects.risk_differences),
    "MD": _arms(effects.mean_differences),
    "SMD": _arms(effects.standardised_mean_differences),
    "MN": _means,
    "MC": _paired(effects.mean_changes, 2),
    "SMCR": _paired(effects.standardised_mean_changes, 1),
    "SMCC": _paired(effects.change_score_standardised, 2),
}
