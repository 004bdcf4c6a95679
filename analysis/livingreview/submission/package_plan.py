"""What a package for a journal consists of, and which of the journal's rules each part of it hangs on.

A part is made anew only when what it reads, its code or *its* settings differ: a new limit for the words of the abstract makes no figure.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, get_args

from livingreview.errors import Problem, ReviewError
from livingreview.nearest import did_you_mean
from livingreview.submission import figure_wishes, profile
from livingreview.submission.facts import Stage
from livingreview.submission.figure_files import Wanted
from livingreview.submission.layout import Layout
from livingreview.submission.profile_model import Profile, Rule

FOLDER = Path("submission")
WORK = Path("build/submission")
REVISION = "-revision"
FORMATS = ("pdf", "docx")
CHECKS_JSON, CHECKS_PAGE = "checks.json", "CHECKS.md"
NOT_SENT = (CHECKS_JSON, CHECKS_PAGE)
"""Files of a package's folder that are for the authors."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A package: for which journal, at which stage, from which documents of the review (``main``, and ``others`` as its supplement)."""

    profile: Profile
    stage: Stage
    main: str
    others: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of its folder: that of the journal, with ``-revision`` at that stage."""
        return self.profile.name + (REVISION if self.stage == "revision" else "")

    @property
    def blind(self) -> bool:
        """Whether reviewers must not learn who wrote it."""
        return _value(self.profile.blinding, "none") == "double"

    @property
    def style(self) -> str:
        """The journal's style of citations; empty where the review's own serves."""
        return str(_value(self.profile.references.style, ""))

    @property
    def latex(self) -> bool:
        """Whether the journal takes LaTeX."""
        return bool(_value(self.profile.manuscript.latex, False))

    @property
    def jats(self) -> bool:
        """Whether XML for the journal's production is made; where the profile says nothing it is."""
        return bool(_value(self.profile.manuscript.jats, True))

    @property
    def layout(self) -> Layout:
        """How the manuscript is laid out: the journal's rules, else what is usual (12 pt, double spacing, continuous line numbers)."""
        rules, usual = self.profile.manuscript, Layout()
        return Layout(
            font_size=_value(rules.font_size, usual.font_size),
            line_spacing=_value(rules.line_spacing, usual.line_spacing),
            line_numbers=_value(rules.line_numbers, "continuous") == "continuous",
            page_numbers=_value(rules.page_numbers, usual.page_numbers),
            figures=_value(rules.figures, usual.figures),
            tables=_value(rules.tables, usual.tables),
            blinded=self.blind,
            title_page="separate" if self.blind else _value(rules.title_page, usual.title_page),
            archival=bool(_value(rules.archival, False)),
            without=_value(rules.without_statements, usual.without),
        )

    @property
    def short_texts(self) -> tuple[str, ...]:
        """The keys of the protocol whose short texts the journal asks for."""
        items = self.profile.items
        asked = ("highlights", "capsule_summary", "key_messages")
        return tuple(name for name in asked if getattr(items, name) is not None)

    @property
    def checklists(self) -> tuple[str, ...]:
        """Codes of the reporting checklists."""
        return tuple(rule.value for rule in self.profile.checklists)

    @property
    def cover_letter(self) -> bool:
        """Whether there is a cover letter: unless the journal wants none."""
        return bool(_value(self.profile.items.cover_letter, True))

    def settings(self) -> dict[str, dict[str, Any]]:
        """The settings of each part, by its name, in the order in which parts are made; a part that is not wanted is not among them."""
        layout, rules = asdict(self.layout), self.profile
        plain = asdict(self.layout.plain())
        style = self.style
        look = {"layout": layout, "style": style, "formats": self._formats()}
        counts = _value(rules.text.counts, None)
        title_page = {"short_texts": self.short_texts, "counts": counts.model_dump() if counts else None}
        blind = {"blinded": self.blind}
        parts: dict[str, dict[str, Any]] = {
            "manuscript": {**look, **title_page},
            "figures": {"wanted": self._figures().shaping.to_json()},
            "supplement": {
                "layout": {**plain, **blind},
                "style": style,
                "documents": self.others,
                "codes": self.checklists,
            },
            "tables": {**look, **blind},
            "sources": {
                "latex": self.latex,
                "jats": self.jats,
                "layout": layout,
                "style": style,
                "counts": title_page["counts"],
                "journal": [rules.name, rules.title, rules.publisher, rules.issn],
            },
            "checklists": {**look, "codes": self.checklists, "documents": self.others},
            "revision": {**look, **title_page, "title": rules.title},
            "front": {
                "layout": plain,
                **title_page,
                "title": rules.title if rules.publisher else "your journal",
                "title_page": self.layout.title_page == "separate",
                "cover_letter": self.cover_letter,
                "statements": [rule.value for rule in rules.statements],
            },
            "blinding": {},
        }
        unwanted = {
            "supplement": not self.others,
            "tables": self.layout.tables != "separate",
            "sources": not (self.latex or self.jats),
            "revision": self.stage != "revision",
            "blinding": not self.blind,
        }
        return {name: found for name, found in parts.items() if not unwanted.get(name)}

    def before(self, part: str) -> tuple[str, ...]:
        """The parts that must be there before ``part``."""
        needed = {
            "sources": ("figures", "manuscript"),
            "revision": ("manuscript",),
            "checklists": ("manuscript", "supplement", "figures", "tables"),
            "front": ("manuscript", "figures", "supplement", "tables", "checklists", "sources", "revision"),
            "blinding": (
                "manuscript",
                "figures",
                "supplement",
                "tables",
                "checklists",
                "sources",
                "revision",
            ),
        }.get(part, ())
        return tuple(name for name in self.settings() if name in needed)

    def _figures(self) -> Wanted:
        """The figure files of the profile; LaTeX sets them from PDF, so these are made for it too."""
        found = figure_wishes.wanted(self.profile)
        missing = self.latex and "pdf" not in found.formats
        return replace(found, formats=(*found.formats, "pdf")) if missing else found

    def _formats(self) -> tuple[str, ...]:
        asked = [f for f in _value(self.profile.manuscript.formats, FORMATS) if f in FORMATS]
        # Both are always made: page and line of the checklists are those of the PDF, and Word is what editors edit.
        return tuple(dict.fromkeys([*asked, *FORMATS]))


def load(journal: str, stage: str, documents: dict[str, str], review: Path, root: Path) -> Plan:
    """The plan of a package. ``documents`` maps each document of the review to the prefix of its labels (none: a main document).

    Raises ReviewError with every problem: an unknown journal (with the nearest name) or stage, and whatever is wrong in the profile.
    """
    problems: list[Problem] = []
    if stage not in get_args(Stage):
        problems.append(
            Problem(
                "there is no such stage of a submission",
                value=stage,
                allowed=", ".join(get_args(Stage)),
                suggestion=did_you_mean(stage, get_args(Stage)) or "",
            )
        )
    found = None
    if not journal:
        problems.append(
            Problem(
                "for which journal?",
                file=profile.FOLDER,
                allowed=", ".join(profile.names(review, root)),
                suggestion="make submission JOURNAL=…, or snakemake submission --config journal=…",
            )
        )
    else:
        try:
            found = profile.load(journal, review, root)
        except ReviewError as error:
            problems += error.problems
    main = [name for name, prefix in documents.items() if not prefix]
    if not main:
        problems.append(
            Problem("the review has no main document to submit", file="review.yaml", column="documents")
        )
    if problems or found is None:
        raise ReviewError(problems)
    others = tuple(name for name in documents if name != main[0])
    return Plan(found, "revision" if stage == "revision" else "initial", main[0], others)


def layout_from(settings: dict[str, Any]) -> Layout:
    """A layout from its settings."""
    return Layout(**{field.name: settings[field.name] for field in fields(Layout) if field.name in settings})


def _value(rule: Rule[Any] | None, usual: Any) -> Any:
    return usual if rule is None or rule.value is None else rule.value
