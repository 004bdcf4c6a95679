"""What the reference software prints where there is nothing to estimate, or where it stopped on its way: not graded, and why."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeGuard

from tests.oracles_adapter.blocks import Block
from tests.oracles_adapter.case import Case
from tests.oracles_adapter.grade import Refused, Ungraded

Answer = dict[str, Any]
LONE = Ungraded("one study shows no spread; the reference prints a constant")
_SAME = Ungraded("the studies' values are all equal; the reference prints a variance of 0")
_STOPPED = Ungraded("the reference stopped at the end of its search, and the limit lies beyond")
_ZERO = Ungraded("tau² is 0; the reference prints the rounding of its own")
_TWO = Ungraded("the file's two references differ, and the independent one counts")


def lone(expected: Any, answer: Answer) -> Answer:
    """One study: what only several studies can show is not graded against the constants that the reference prints."""
    spread: tuple[str, ...] = (
        "tau2",
        "se_tau2",
        "I2",
        "H2",
        "QE",
        "QEp",
        "pi_lb",
        "pi_ub",
        "pi_riley_lb",
        "pi_riley_ub",
    )
    spread += ("tau2_qp_lb", "tau2_qp_ub", "I2_qp_lb", "I2_qp_ub")
    numbers = {k for k in spread if isinstance(expected.get(k), int | float)}
    return {**answer, **dict.fromkeys(spread, Refused("one study alone")), **dict.fromkeys(numbers, LONE)}


def empty_profile(expected: Any, answer: Answer) -> Answer:
    """An empty interval that the reference prints as 0 to 0."""
    for name in ("tau2_qp", "I2_qp"):
        ends = [f"{name}_{end}" for end in ("lb", "ub")]
        if isinstance(answer.get(ends[0]), Refused) and all(expected.get(e) == 0 for e in ends):
            answer |= dict.fromkeys(ends, Ungraded("the interval is empty; the reference prints 0 to 0"))
    return answer


def search_end(expected: Mapping[str, Any], answer: Answer) -> Answer:
    """An upper Q-profile limit beyond the end of the reference's search, which is 100 or ten times tau² if that is more, or a power
    of ten that its call asked for; it prints that end."""
    wanted, found = expected.get("tau2_qp_ub"), answer.get("tau2_qp_ub")
    if isinstance(wanted, str) and wanted.strip().startswith(">") and _number(found):
        return answer | {"I2_qp_ub": _STOPPED}
    if not (_number(wanted) and _number(found)) or found <= wanted:
        return answer
    ends = [max(100.0, 10 * answer["tau2"]), *(10.0**power for power in range(2, 10))]
    if not any(math.isclose(wanted, end, rel_tol=1e-6) for end in ends):
        return answer
    return answer | dict.fromkeys(("tau2_qp_ub", "I2_qp_ub"), _STOPPED)


def same_values(plain: Answer) -> Answer:
    """The Hartung–Knapp block of studies with one and the same value: from the answer with z only what that variance does not touch."""
    kept = ("k", "estimate", "tau2", "se_tau2", "I2", "H2", "QE", "QEp", "harmonic_mean_n")
    touched = dict.fromkeys(plain, _SAME) | {
        "back": {"pred": plain["back"]["pred"]} if "back" in plain else _SAME
    }
    return touched | {name: plain[name] for name in kept if name in plain}


def nothing_to_explain(expected: Mapping[str, Any], answer: Answer) -> Answer:
    """The share of tau² that moderators explain where there is no tau² without them: the reference prints 0."""
    if answer.get("R2") is None and expected.get("R2") == 0:
        answer |= {"R2": Ungraded("there is no spread to explain; the reference prints 0")}
    return answer


def short_of_zero(expected: Mapping[str, Any], answer: Answer) -> Answer:
    """A correlation at its boundary 0, where the reference's search on a logit scale stops short at a likelihood no higher than ours."""
    rho, height = expected.get("rho"), expected.get("loglik")
    if not (answer["boundary"] and _number(rho) and _number(height)):
        return answer
    if 0 < rho < 1e-3 and height <= answer["loglik"] + 1e-9 * (1 + abs(height)):
        short = Ungraded("the reference stops short of the boundary 0, with the information of that point")
        answer |= dict.fromkeys(("rho", "logit_mu", "se_logit_mu", "ci_lb", "ci_ub"), short)
    return answer


def rounding_of_zero(case: Case, block: Block, answer: Answer) -> Answer:
    """I² where our tau² is 0 and the file's is 0 too within its absolute tolerance: its I² is the rounding of that 0 in per cent."""
    wanted, found = _list(block.values.get("tau2")), _list(answer.get("tau2"))
    shares, i2 = _list(block.values.get("I2")), _list(answer.get("I2"))
    absolute, percent = (case.allowed(block.name, name)[1] for name in ("tau2", "I2"))
    if not len(wanted) == len(found) == len(shares) == len(i2):
        return answer
    for i, (a, b, share) in enumerate(zip(wanted, found, shares, strict=True)):
        if _number(a) and _number(share) and b == 0 and 0 < a <= absolute and percent < share < 1e-6:
            i2[i] = _ZERO
    return answer | {"I2": i2 if isinstance(answer.get("I2"), list) else i2[0]}


def other_reference(case: Case, block: Block, answer: Answer) -> Answer:
    """A one-stage fit for which the file has an independent computation that differs from it: what hangs on the optimum is graded
    there, as the file's note asks."""
    other = case.expected.get(f"{block.leaf}_independent")
    if not isinstance(other, dict):
        return answer
    for name in ("estimate", "se", "tau2"):
        rel, absolute = case.allowed(block.name, name)
        pairs = zip(_list(block.values.get(name)), _list(other.get(name)), strict=False)
        if any(abs(a - b) > max(absolute, rel * abs(b)) for a, b in pairs if _number(a) and _number(b)):
            free = {n: v for n, v in answer.items() if n in ("k", "coef_names") or n.startswith("QE")}
            return dict.fromkeys(answer, _TWO) | free
    return answer


def _number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
