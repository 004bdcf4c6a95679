"""Rules on the files of the package: names, sizes, what PDFs claim to be, what Word files still carry, who is named in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from livingreview.submission.check_types import Check, Judge, Outcome, bounds, counted, house, listed, within
from livingreview.submission.docx_types import DocxMeasures
from livingreview.submission.facts import Facts
from livingreview.submission.leaks import Leak
from livingreview.submission.pdf_types import PdfMeasures

_MEGA = 1_000_000
_PORTABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_LONGEST = 100
_APART = ("revision",)
"""Parts whose Word files show changes on purpose."""
_NO_DOCUMENTS = ("figures", "sources")
"""Parts whose PDFs are no documents: pictures to be placed by the journal."""


def check(facts: Facts) -> tuple[Check, ...]:
    """The checks of all files, of the documents among them, and of blinding."""
    judge = Judge(facts.profile)
    return (
        *_sizes(facts, judge),
        *_names(facts, judge),
        *_pdfs(facts),
        *_docx(facts),
        *_sources(facts),
        *_blinding(facts, judge),
    )


def _sizes(facts: Facts, judge: Judge) -> Iterator[Check]:
    asked = facts.profile.files
    if (rule := asked.max_megabytes) is not None:
        heavy = [f"{f.name} ({f.bytes / _MEGA:.2f} MB)" for f in facts.files if f.bytes > rule.value * _MEGA]
        most = max((f.bytes for f in facts.files), default=0) / _MEGA
        yield judge.check(
            rule,
            "files.max_megabytes",
            "Size of each file",
            bounds(None, rule.value, "MB"),
            f"largest: {most:.2f} MB",
            not heavy,
            note=f"too large: {listed(heavy)}",
            numbers={"measured": most, "max": rule.value},
        )
    if (rule_total := asked.total_megabytes) is not None:
        total = sum(f.bytes for f in facts.files) / _MEGA
        yield judge.check(
            rule_total,
            "files.total_megabytes",
            "Size of all files",
            bounds(None, rule_total.value, "MB"),
            f"{total:.2f} MB",
            within(total, None, rule_total.value),
            note=f"{total - rule_total.value:.2f} MB too much",
            numbers={"measured": total, "max": rule_total.value},
        )


def _names(facts: Facts, judge: Judge) -> Iterator[Check]:
    names = [PurePosixPath(f.name).name for f in facts.files]
    if (rule := facts.profile.files.names) is not None:
        wrong = sorted(n for n in names if not re.fullmatch(rule.value, n))
        yield judge.check(
            rule,
            "files.names",
            "Names of files",
            f"all of it matches {rule.value}",
            f"{len(names) - len(wrong)} of {counted(len(names), 'file')}",
            not wrong,
            note=f"otherwise: {listed(wrong)}; {_renaming(facts, wrong)}",
        )
    seen = Counter(f.name.casefold() for f in facts.files)
    twice = sorted(f.name for f in facts.files if seen[f.name.casefold()] > 1)
    odd = sorted(n for n in names if not _portable(n))
    parts = [f"twice: {listed(twice)}"] if twice else []
    parts += [f"not portable: {listed(odd)}"] if odd else []
    yield house(
        "file_names",
        "Names of files are unique and can be used everywhere",
        f"letters, digits, . _ -; at most {_LONGEST} characters; upper and lower case count as the same",
        "; ".join(parts) or counted(len(names), "file"),
        not parts,
        note="rename them",
    )


def _renaming(facts: Facts, wrong: Iterable[str]) -> str:
    """What can be done about names that do not match: only those of figures are chosen in a profile."""
    figures = {PurePosixPath(f.name).name for f in facts.files if f.part == "figures"}
    by_hand = "rename others by hand when uploading, or widen the pattern (`files.names`)"
    if figures.issuperset(wrong):
        return "choose other names of figures (`figures.name`)"
    if figures.isdisjoint(wrong):
        return f"only names of figures can be chosen (`figures.name`): {by_hand}"
    return f"choose other names of figures (`figures.name`); only these can be chosen: {by_hand}"


def _portable(name: str) -> bool:
    return bool(
        _PORTABLE.fullmatch(name)
        and not _RESERVED.fullmatch(name)
        and not name.endswith(".")
        and len(name) <= _LONGEST
    )


def _part(facts: Facts, name: str) -> str:
    return next((f.part for f in facts.files if f.name == name), "")


def _pdfs(facts: Facts) -> Iterator[Check]:
    for name in sorted(facts.pdf):
        if _part(facts, name) in _NO_DOCUMENTS:
            continue
        yield _conforms(facts, name)
        measures = facts.pdf[name]
        for code, title, limit, (measured, met, note) in (
            ("tagged", "Tagged, figures with alternative text", "tags; alternative text for each figure", _tagged(measures)),
            ("fonts", "Fonts embedded", "all", _fonts(measures)),
            ("title", "Title and language set and shown", "both, and the title shown in place of the file's name", _titled(measures)),
            ("plain", "Neither locked nor scripted", "no password, scripts or attachments", _plain(measures)),
        ):  # fmt: skip
            yield house(f"pdf.{code}/{name}", title, limit, measured, met, note=note, where=name)


def _conforms(facts: Facts, name: str) -> Check:
    found = facts.conformance.get(name)
    title, limit = (
        f"PDF is what it says it is: {name}",
        "a claim (PDF/A or PDF/UA) that a validator bears out",
    )
    if found is None:
        return house(
            f"pdf.conformance/{name}",
            title,
            limit,
            "not validated",
            "unverified",
            note="no validator looked at it",
            where=name,
        )
    claims = listed(
        (f"PDF/{'UA-' + c[3:] if c.startswith('ua-') else 'A-' + c}" for c in found.claims), "nothing"
    )
    return house(
        f"pdf.conformance/{name}",
        title,
        limit,
        f"says it is {claims}; {counted(len(found.problems), 'problem')} ({found.validator})",
        bool(found.claims) and not found.problems,
        note="; ".join(found.problems) or "the file claims nothing",
        where=name,
    )


def _tagged(m: PdfMeasures) -> tuple[str, bool, str]:
    figures = m.tags.get("Figure", 0)
    shown = f"{'tagged' if m.tagged else 'not tagged'}; {m.figures_without_alt} of {counted(figures, 'figure')} without"
    return (
        shown,
        m.tagged and not m.figures_without_alt,
        "write the alternative text of these figures (`fig-alt`)",
    )


def _fonts(m: PdfMeasures) -> tuple[str, bool, str]:
    lacking = sorted({font.name for font in m.fonts if not font.embedded})
    shown = f"{sum(f.embedded for f in m.fonts)} of {counted(len(m.fonts), 'font')}"
    return shown, not lacking, f"not in the file: {listed(lacking)}"


def _titled(m: PdfMeasures) -> tuple[str, bool, str]:
    lacking = [what for what, there in (("title", m.title.strip()), ("language", m.language)) if not there]
    lacking += [] if m.shows_title else ["the wish to show the title"]
    shown = f"“{m.title}”, {m.language or 'no language'}, {'shown' if m.shows_title else 'not shown'}"
    return shown, not lacking, f"missing: {listed(lacking)}"


def _plain(m: PdfMeasures) -> tuple[str, bool, str]:
    found = [what for what, there in (("locked", m.encrypted), ("scripts", m.scripts)) if there]
    found += [counted(len(m.attachments), "attachment")] if m.attachments else []
    return listed(found, "plain"), not found, "take them out"


def _docx(facts: Facts) -> Iterator[Check]:
    for name in sorted(facts.docx):
        measures = facts.docx[name]
        if _part(facts, name) not in _APART:
            found = _traces(measures)
            yield house(
                f"docx.traces/{name}",
                "No tracked changes, comments or hidden text",
                "none",
                listed(found),
                not found,
                note="accept or reject the changes, delete comments and hidden text",
                where=name,
            )
        title = measures.core.get("title", "").strip()
        yield house(
            f"docx.title/{name}",
            "Title set in the file's properties",
            "a title",
            f"“{title}”" if title else "none",
            bool(title),
            note="set the title of the document",
            where=name,
        )


def _traces(m: DocxMeasures) -> list[str]:
    kinds = Counter[str]()
    for revision in m.revisions:
        kinds[revision.kind] += revision.number
    found = [f"{number} × {kind}" for kind, number in sorted(kinds.items())]
    found += [counted(len(m.comments), "comment")] if m.comments else []
    found += [f"{m.hidden_characters} hidden characters"] if m.hidden_characters else []
    return found + (["changes are recorded from now on"] if m.tracks_changes else [])


def _sources(facts: Facts) -> Iterator[Check]:
    for name, title, problems in (
        ("jats", "JATS XML is valid", facts.jats),
        ("latex", "LaTeX source is sound", facts.latex),
    ):
        none: bool | Outcome = not problems if problems is not None else "not applicable"
        yield house(
            name,
            title,
            "no problems",
            counted(len(problems), "problem") if problems is not None else "not made",
            none,
            note="; ".join(problems) if problems is not None else "no such file in the package",
        )


def _blinding(facts: Facts, judge: Judge) -> Iterator[Check]:
    """That blinded files name nobody: one check if they do not, else one for each kind of leak, with all of them."""
    rule, title = facts.profile.blinding, "Files for reviewers do not tell who the authors are"
    hidden = rule is not None and rule.value == "double"
    if facts.leaks is None:
        searched: bool | Outcome = False if hidden else "not applicable"
        note = "search the files for reviewers" if hidden else "authors and reviewers may know who wrote it"
        measured = "not searched" if hidden else "authors are named"
        if rule is not None:
            yield judge.check(rule, "blinding", title, f"{rule.value} blind", measured, searched, note=note)
        else:
            yield house("blinding", title, "not asked for", measured, "not applicable", note=note)
        return
    kinds: dict[str, list[Leak]] = {}
    for leak in facts.leaks:
        kinds.setdefault(leak.kind, []).append(leak)
    seen = sum(f.audience == "reviewers" for f in facts.files)
    if not kinds:
        found = [("blinding", f"nothing found in {counted(seen, 'file')}", True, "")]
    else:
        found = [
            (
                f"blinding/{kind}",
                f"{counted(sum(leak.times for leak in leaks), 'leak')} of the kind {kind}",
                False,
                "; ".join(map(_told, leaks)),
            )
            for kind, leaks in sorted(kinds.items())
        ]
    for code, measured, met, note in found:
        if rule is not None:
            limit = "nothing" if hidden else f"nothing ({rule.value} blind)"
            yield judge.check(rule, code, title, limit, measured, met, note=note)
        else:
            yield house(code, title, "nothing", measured, met, note=note)


def _told(leak: Leak) -> str:
    """A leak and its place; how often it stands there, so that what is listed adds up to what is counted."""
    times = f" ({leak.times} times)" if leak.times > 1 else ""
    return f"“{leak.found}” in {leak.file}, {leak.place}{' ' + leak.where if leak.where else ''}{times}"
