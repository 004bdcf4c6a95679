"""When counts of events can carry a model with a spread between studies."""

from __future__ import annotations

import numpy as np

from livingreview.synthesis.models.random_intercept import Rows
from livingreview.synthesis.models.refusal import LEAST_INFORMATIVE, LEAST_STUDIES, NotEstimable


def refuse(data: Rows, least_informative: int = LEAST_INFORMATIVE) -> int:
    """Raise NotEstimable where there is no event, nothing but events, fewer than three studies, or fewer than ``least_informative`` studies
    of two or more units; returns the number of studies with two or more units."""
    copies = data.copies[data.of]
    events, total = float(copies @ data.x), float(copies @ data.n)
    if events == 0:
        raise NotEstimable("no unit has an event")
    if events == total:
        raise NotEstimable("every unit has an event")
    if data.k < LEAST_STUDIES:
        raise NotEstimable(
            f"there {'is one study' if data.k == 1 else 'are two studies'}, and three are needed"
        )
    informative = int(data.copies[np.add.reduceat(data.n, data.first) >= 2].sum())
    if informative < least_informative:
        raise NotEstimable(
            f"{informative} of {data.k} studies {'has' if informative == 1 else 'have'} two or more units, "
            f"and at least {least_informative} are needed"
        )
    return informative


def refuse_all_or_none(data: Rows) -> None:
    """Raise NotEstimable where every study has only events or none: the spread then has no finite estimate.

    E[pⁿ] <= E[p], with equality only where p is 0 or 1: for a given mean the likelihood rises for ever with the spread.
    """
    if ((data.x == 0) | (data.x == data.n)).all():
        raise NotEstimable(
            "in every study all units or none had the outcome, and the spread between studies has no finite estimate"
        )
