"""Figures as the documents take them in: image, caption, label and alternative text, one markdown file a figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from livingreview.claims import living, marks
from livingreview.claims import wording as w
from livingreview.claims.words import PATIENT, Words
from livingreview.publish.escape import markdown

Row = Mapping[str, Any]

FAMILIES = ("forest_", "cumulative_", "small_study_")
"""Figures that there are one a therapy, by the beginning of their names; the therapy's code follows."""


@dataclass(frozen=True)
class Material:
    """What captions and alternative texts are made from: canonical data of the gates."""

    documents: Row
    characteristics: Row
    appraisal: Row
    flow: Row
    results: Row
    update: Row = field(default_factory=dict)

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


def family(name: str) -> tuple[str, str] | None:
    """Family and therapy's code of the figure ``name``; None for a figure of the whole review."""
    return next(((f, name.removeprefix(f)) for f in FAMILIES if name.startswith(f)), None)


def _of_therapy(name: str, material: Material) -> tuple[str, Row] | None:
    """Family and result of a therapy's figure; None where there is no such therapy."""
    found = family(name)
    results = material.results["therapies"]
    return (found[0], results[found[1]]) if found and found[1] in results else None


def _caption(name: str, material: Material) -> str:
    level = marks.level(material.documents["confidence_level"])
    if found := _of_therapy(name, material):
        kind, result = found
        threshold = marks.threshold(material.documents["analyses"]["threshold"])
        return (
            markdown(result["therapy"]["name"])
            + {
                "forest_": f": reported responses by study, with exact {level} intervals, grouped by unit and by what the response was judged on. "
                "Under each declared outcome stand its main analysis and, where they could be estimated, the other models and the sensitivity "
                f"analyses; the dashed line is the threshold of {threshold}. Studies without a counted response are named below the others."
                + _as_independent((r["unit"] for r in result["responses"] if r["used"]), material),
                "cumulative_": f": the main analysis after each study in the order of publication, with {level} intervals and the threshold of "
                f"{threshold}. Studies without a visible year come last."
                + _as_independent((a["unit"] for a in result["analyses"] if a["k"] > 1), material),
                "small_study_": _funnel(result),
            }[kind]
        )
    texts = {
        "flow": f"Flow of records and reports (PRISMA 2020{_updated(material)}). The numbers are summed from the search records and the table of assessed reports.",
        "flow_releases": "Flow of records and studies across the versions of this review: what the search of each version brought, and the studies in total.",
        "responses": f"Reported responses by therapy, unit and what the response was judged on: crude totals with exact {level} intervals, and the "
        "numbers treated, evaluated and unreported. Different units and constructs are not comparable."
        + _as_independent(
            (t["unit"] for r in material.results["therapies"].values() for t in r["totals"] if t["k"]),
            material,
        ),
        "appraisal": "Critical appraisal by study and item. *Unclear* means that the information was missing from what could be read; "
        "judgements are not summed.",
        "timeline": "Included studies by therapy and year. Studies without a visible year (n.d.) stand apart."
        + (
            " The dashed line marks the publication of the previous version."
            if material.characteristics.get("previous_version")
            else ""
        ),
    }
    if entry := earlier(name, material):
        number = entry["version"]["version"]
        version = marks.refer(living.version_key(number), markdown(number))
        return f"Flow of records and reports of release {version}, as released (PRISMA 2020{', form for updated reviews' if entry['previous'] else ''})."
    return texts.get(name, w.sentence(markdown(name.replace("_", " "))))


def earlier(name: str, material: Material) -> Row | None:
    """The earlier release whose flow the figure ``name`` shows; None for any other figure."""
    releases = material.update.get("earlier") or {}
    return next((e for v, e in releases.items() if name == f"flow_of_{v.replace('.', '_')}"), None)


def _updated(material: Material) -> str:
    """Words of the caption where the diagram shows the version before as well."""
    previous = (material.update.get("present") or {}).get("previous")
    return ", form for updated reviews: at the left the studies of the version before" if previous else ""


def _funnel(result: Row) -> str:
    """Caption of a funnel after the name of its therapy: only what was drawn."""
    from livingreview.figures import small_study

    facts = small_study.caption_facts(result)
    if not facts["analyses"]:
        return ": no declared outcome has two studies with a count of responders, so that nothing is drawn."
    text = f": reported proportion by number evaluated; the dashed line is the {facts['line']}."
    limits = facts["with_contours"]
    if limits:
        some = len(limits) < len(facts["analyses"])
        where = f" ({w.listed([markdown(x) for x in limits])} only)" if some else ""
        text += f" The band shows exact binomial limits around it{where}: chance alone leaves few studies outside."
    else:
        text += " No binomial limits are drawn: they need three studies and both responders and failures."
    return f"{text} Asymmetry may come from design, selection or size, and shows none of these."


def _as_independent(units: Iterable[str], material: Material) -> str:
    """A sentence of a caption where some of the ``units`` drawn lie in patients."""
    words = Words(material.documents)
    within = [words.units(u, 2) for u in dict.fromkeys(units) if u != PATIENT]
    one = words.units(PATIENT, 1)
    return f" Exact intervals take {w.listed(within)} of one {one} as independent." if within else ""


def _alt(name: str, material: Material) -> str:
    """Alternative text from the module that draws the figure; the plain name for a figure of the review's own.

    The imports are late, because drawing needs libraries that the claims alone do not, and spelled out, because the
    fingerprint of a step follows imports.
    """
    if found := _of_therapy(name, material):
        kind, result = found
        if kind == "forest_":
            from livingreview.figures import forest

            return forest.alt_text(result, material.names)
        if kind == "cumulative_":
            from livingreview.figures import cumulative

            return cumulative.alt_text(result, material.names)
        from livingreview.figures import small_study

        return small_study.alt_text(result, material.names)
    if name == "responses":
        from livingreview.figures import responses

        return responses.alt_text(material.results, material.order, material.names)
    if name == "flow":
        from livingreview.figures import flow, flow_updated

        now = material.update.get("present")
        return flow_updated.alt_text(now) if now else flow.alt_text(material.flow)
    if name == "flow_releases" and material.update:
        from livingreview.figures import flow_releases

        return flow_releases.alt_text(material.update["across"])
    if entry := earlier(name, material):
        from livingreview.figures import flow_updated

        return flow_updated.alt_text(entry)
    if name == "appraisal":
        from livingreview.figures import appraisal

        return appraisal.alt_text(material.appraisal)
    if name == "timeline":
        from livingreview.figures import timeline

        return timeline.alt_text(material.characteristics)
    return f"Figure: {name.replace('_', ' ')}"
