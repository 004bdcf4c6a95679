"""A small manuscript with one of everything that JATS and LaTeX have a form of their own for, through the real filters."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from publish_review import ROOT, make

from livingreview import protocol
from livingreview.protocol_model import Protocol
from livingreview.publish import snapshot
from livingreview.publish.project import Project

MANUSCRIPT = r"""# Abstract {.unnumbered}

**Invented.**

**Background.** Warts & *more*.

**Results.** Of 20 people 15 (75 %) responded.

# Methods {#sec-methods}

As in [@page2021; @first1996], @tbl-x, @fig-x, @eq-e and @sec-deep. Price: 5 $ at 100 % of \_all\_ #1 for ≥ 2 µm.

- Zoë
- Łódź, Ћирић

## Deeper {#sec-deep}

$$ a_1 + b^2 \geq c $$ {#eq-e}

| a   | b              |
|-----|---------------:|
| 1_2 | x & y^2^ [@page2021] |
| 3   |                |

: A table of *two* columns. {#tbl-x}

![A caption with H~2~O.](_built/figures/x.svg){#fig-x fig-alt="Ћ words [of] 100 %"}

# Statements {.unnumbered}

**Funding.** None.

**Competing interests.** None, see @sec-methods.

# Acknowledgements {.unnumbered}

We thank nobody.
"""


@cache
def small() -> dict[str, Any]:
    """The tree of the manuscript, as the build leaves it."""
    with TemporaryDirectory() as folder:
        made = make(Path(folder), MANUSCRIPT)
        return snapshot.snapshot("manuscript", made, ROOT)


@cache
def invented() -> Protocol:
    """The protocol of the synthetic review: two authors, one with an ORCID iD."""
    return protocol.load(ROOT / "tests/review/review.yaml")


def project() -> tuple[Project, Path]:
    """The synthetic review as a project, and the source of its manuscript."""
    review = ROOT / "tests/review"
    return Project(review, ROOT), review / "manuscript/manuscript.qmd"
