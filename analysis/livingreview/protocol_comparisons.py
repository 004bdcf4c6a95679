"""What of the present data stands beside each figure that the previous version published."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from livingreview.protocol_types import Code, Model, Text

KINDS = ("analysis", "harm", "recurrence", "dose", "score", "nothing")
"""The keys of a counterpart of which exactly one says what it is."""
OF_ONE_THERAPY = ("analysis", "dose", "score")
"""Those that only one therapy has."""


class Counterpart(Model):
    """A result of ours for a published figure.

    ``published`` is the dotted path of the figure in the published file. Exactly one of these says what stands beside it:
    ``analysis`` (code of a declared analysis), ``harm`` (category as the tables write it), ``recurrence`` (unit in which it is
    counted), ``dose`` (quantity of the arms, without ``_median``, ``_min`` or ``_max``), ``score`` (code of a score outcome;
    its changes), or ``nothing`` (a sentence that says why there is no counterpart). ``therapy`` may be left out for a harm or for recurrence:
    all therapies together. ``direction`` is ``fall`` where the published figure counts a fall as a positive number.
    """

    published: Text
    therapy: Code | None = None
    analysis: Code | None = None
    harm: Text | None = None
    recurrence: Code | None = None
    dose: Code | None = None
    score: Code | None = None
    nothing: Text | None = None
    direction: Literal["change", "fall"] = "change"

    @model_validator(mode="after")
    def _one_thing(self) -> Counterpart:
        given = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            told = f"{' and '.join(given)} are given" if given else "none is given"
            raise ValueError(
                f"a counterpart is exactly one of {', '.join(KINDS[:-1])} or {KINDS[-1]}; {told}"
            )
        if given[0] in OF_ONE_THERAPY and self.therapy is None:
            raise ValueError(f"`{given[0]}` needs the key `therapy`")
        if self.direction == "fall" and given[0] != "score":
            raise ValueError("`direction` is for a score only")
        return self

    @property
    def kind(self) -> str:
        """Which of the kinds is given."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)
