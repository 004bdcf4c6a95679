"""Figures as the documents take them in: image, caption, label and alternative text, one markdown file a figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from livingreview.claims import wording as w
from livingreview.publish.escape import markdown

Row = Mapping[str, Any]

FOREST = "forest_"


@dataclass(frozen=True)
class Material:
    """What captions and alternative texts are made from: canonical data of the gates."""

    documents: Row
    characteristics: Row
    appraisal: Row
    flow: Row
    results: Row

    @property
    def names(self) -> dict[str, Any]:
        """Names of units and constructs, as the figures take them."""
        return {"units": self.documents["units"], "constructs": self.documents["constructs"]}

    @property
    def order(self) -> list[str]:
        """Codes of therapies in print order."""
        return [t["code"] for t in self.documents["therapies"]]


def include(name: str, material: Material) -> str:
    """Markdown of the figure ``name`` (the stem of its files), to be included by a document."""
    caption, alt = _caption(name, material), _alt(name, material)
    return f'![{caption}](_built/figures/{name}.svg){{#fig-{name} fig-alt="{attribute(alt)}"}}\n'


def attribute(text: str) -> str:
    """Text for a quoted attribute: what could end it, or be read as a shortcode or mark-up, is a character reference."""
    return "".join(f"&#{ord(c)};" if c in '&<>{}"\\`$@[]' else c for c in " ".join(text.split()))


def _caption(name: str, material: Material) -> str:
    level = w.level(material.documents["confidence_level"])
    if name.startswith(FOREST) and (code := name.removeprefix(FOREST)) in material.results["therapies"]:
        therapy = markdown(material.results["therapies"][code]["therapy"]["name"])
        return (
            f"{therapy}: reported responses by study, with exact {level} intervals, grouped by unit and by what the response was judged on. "
            "Studies without a counted response are named below the others. Totals are crude."
        )
    texts = {
        "flow": "Flow of records and reports (PRISMA 2020). The numbers are summed from the search records and the table of assessed reports.",
        "responses": f"Reported responses by therapy, unit and what the response was judged on: crude totals with exact {level} intervals, and the "
        "numbers treated, evaluated and unreported. Different units and constructs are not comparable.",
        "appraisal": "Critical appraisal by study and item. *Unclear* means that the information was missing from what could be read; "
        "judgements are not summed.",
        "timeline": "Included studies by therapy and year. Studies without a visible year (n.d.) stand apart."
        + (
            " The dashed line marks the publication of the previous version."
            if material.characteristics.get("previous_version")
            else ""
        ),
    }
    return texts.get(name, w.sentence(markdown(name.replace("_", " "))))


def _alt(name: str, material: Material) -> str:
    """Alternative text from the module that draws the figure; the plain name for a figure of the review's own.

    The imports are late, because drawing needs libraries that the claims alone do not, and spelled out, because the
    fingerprint of a step follows imports.
    """
    if name.startswith(FOREST) and (code := name.removeprefix(FOREST)) in material.results["therapies"]:
        from livingreview.figures import forest

        return forest.alt_text(material.results["therapies"][code], material.names)
    if name == "responses":
        from livingreview.figures import responses

        return responses.alt_text(material.results, material.order, material.names)
    if name == "flow":
        from livingreview.figures import flow

        return flow.alt_text(material.flow)
    if name == "appraisal":
        from livingreview.figures import appraisal

        return appraisal.alt_text(material.appraisal)
    if name == "timeline":
        from livingreview.figures import timeline

        return timeline.alt_text(material.characteristics)
    return f"Figure: {name.replace('_', ' ')}"
