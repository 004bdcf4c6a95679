"""A small manuscript as a tree, for the tests of files for journals."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from publish_review import ROOT, make

from livingreview import protocol as protocols
from livingreview.protocol_model import Protocol
from livingreview.publish.pandoc import pandoc_path
from livingreview.publish.project import Project
from livingreview.submission.documents import Source

TEXT = """
::: {custom-style="Author"}
Ada Example^1,\\*^ [ORCID 0000-0002-1825-0097](https://orcid.org/0000-0002-1825-0097), Bo Sample
:::

::: {custom-style="Affiliation"}
First Institute, Oslo
:::

::: {custom-style="Date"}
Version 2026.10
:::

::: {custom-style="Abstract Title"}
Abstract
:::

::: {custom-style="Abstract"}
**Background.** Words of the background.

**Funding and registration.** Paid by the Fund.
:::

# [1]{.heading-number} Introduction {#intro}

Text with [Figure 1](#item-fig-x), [Table 1](#item-tbl-x) and [the statements](#statements); A. E. and Ada
*and* Example are no names here. Screening was done by Ada
Example (A.E.), of the First Institute. See <https://example.org/repo/tree> and example.org/repo. $x^2$

::: {#item-fig-x}
::: {custom-style="Captioned Figure"}
![Words for the picture](_built/figures/x.png){alt="Words for the picture"}
:::

::: {custom-style="Image Caption"}
**Figure 1.** A caption of the figure.
:::
:::

::: {#item-tbl-x}
::: {custom-style="Table Caption"}
**Table 1.** A caption of the table.
:::

::: {custom-style="Table Text"}
| a | b |
|---|---|
| 1 | 2 |
:::
:::

# Statements {.unnumbered #statements}

**Funding.** Paid by the Fund.

**Author contributions (CRediT).** Ada Example: Software.

# Discussion

**Ethics.** Nothing was needed [@none].

Last words, long enough for a second line of text on the page, so that two lines of one paragraph can be measured on it.

# References {.unnumbered #bibliography}

::: {#refs .references .csl-bib-body}
::: {#ref-one .csl-entry}
1. Ada Example (2020) An earlier paper.
:::
:::
"""


def people(**changes: Any) -> Protocol:
    """The protocol of the repository with two authors of whom everything is known, and without the statements that are its own."""
    own = protocols.load(ROOT / "review.yaml").model_dump(mode="json")
    own["affiliations"] = {"first": {"name": "First Institute", "city": "Oslo", "country": "Norway"}}
    own["authors"] = [
        {
            "given": "Ada", "family": "Example", "name": "Ada Example", "orcid": "0000-0002-1825-0097",
            "email": "ada@example.org", "affiliations": ["first"], "roles": ["Software"], "corresponding": True,
        },
        {"name": "Bo Sample"},
    ]  # fmt: skip
    own["repository"] = "https://example.org/repo"
    own |= dict.fromkeys(("data_availability", "code_availability", "ethics", "relation_to_continued_review"))
    return Protocol.model_validate({**own, **changes})


def tree(text: str = TEXT) -> dict[str, Any]:
    """A text in pandoc's markdown as a tree, with a title."""
    done = subprocess.run(
        [pandoc_path(), "--from=markdown", "--to=json"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    words = [{"t": "Str", "c": "A"}, {"t": "Space"}, {"t": "Str", "c": "title"}]
    found["meta"] = {"title": {"t": "MetaInlines", "c": words}}
    return dict(found)


def source(folder: Path, text: str = TEXT, **changes: Any) -> Source:
    """The manuscript as what files are made from, with its picture in ``folder``."""
    review = make(folder, "# One\n")
    project = Project(review, ROOT)
    return Source(project, review / "manuscript" / "manuscript.qmd", tree(text), people(**changes))
