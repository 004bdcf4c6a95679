"""Claims on double extraction: how far two extractions agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livingreview.claims import wording as w
from livingreview.claims.model import PER_CENT, Claims

Row = Mapping[str, Any]


def add_agreement(claims: Claims, found: Row) -> None:
    """Claims ``agreement.…``; ``found`` is what :func:`livingreview.supplement.agreement` gives (empty: nothing was extracted twice)."""
    cells = found.get("cells", 0)
    counts = {
        "studies": (len(found.get("studies") or ()), "studies", "studies extracted a second time"),
        "cells": (cells, "cells", "cells of the tables that both extractions fill"),
        "agreed": (found.get("agreed", 0), "cells", "cells in which two extractions agree"),
        "differences": (
            len(found.get("differences") or ()),
            "cells",
            "cells in which two extractions differ",
        ),
        "open": (found.get("open", 0), "cells", "differences that wait for adjudication"),
    }
    for name, (value, unit, definition) in counts.items():
        claims.add(f"agreement.{name}", value, w.integer(value), unit=unit, definition=definition)
    share = found["agreed"] / cells if cells else None
    claims.add(
        "agreement.percent",
        share,
        w.percent(share),
        unit=PER_CENT,
        definition="cells in which two extractions agree, share of all that both fill",
    )
