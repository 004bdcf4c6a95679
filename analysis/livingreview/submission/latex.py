"""LaTeX source of the manuscript: class article, packages of every distribution, references in the file.

Pandoc writes the text of the tree; figures, tables and sections are numbered and cited by LaTeX itself. No LaTeX is among
the packages of the project: a build checks the source by rules (``latex_check``); the tests compile a small one where there
is a pdflatex.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from livingreview.claims import wording
from livingreview.errors import Problem, ReviewError
from livingreview.protocol_model import Protocol
from livingreview.publish import pandoc
from livingreview.publish.project import Project
from livingreview.publish.snapshot import plain
from livingreview.submission import latex_tables
from livingreview.submission.article import Article, Float, Node, blinded, changed, nodes, renamed
from livingreview.submission.latex_text import CYRILLIC, ascii_latex, escaped

_PART = "%%%% part"
_TEMPLATE = f"""{_PART}
$title$
{_PART}
$abstract$
{_PART}
$body$
$for(entries)$
{_PART}
$it$
$endfor$
"""
_NUMBERS = re.compile(r"[\[(]?\d+(?:[,;–\-\s\xa0]+\d+)*[\])]?")
# A package that the source needs only where pandoc used one of its commands.
_WHERE_USED = ((r"\\st\{|\\ul\{", "soul"), (r"\\multirow", "multirow"), (r"\\textcolor", "xcolor"))


@dataclass(frozen=True, slots=True)
class Layout:
    """What a journal wants of the pages: size of the type in points, spacing of the lines, line numbers."""

    font_size: int = 12
    line_spacing: float = 2.0
    line_numbers: bool = True


def latex(
    parts: Article,
    protocol: Protocol,
    project: Project,
    document: Path,
    *,
    figures: Mapping[str, str],
    epoch: int,
    scratch: Path,
    layout: Layout | None = None,
    anonymous: bool = False,
) -> tuple[str, list[Problem]]:
    """The source (ASCII, one file) and what pandoc said about it; the same input gives the same text.

    ``figures`` maps addresses of pictures in the tree to names of files (``Fig1.pdf``), ``epoch`` is in seconds since 1970,
    ``scratch`` a folder for files in between. With ``anonymous`` authors, thanks
    and the statements about people and funders are left out. Raises ReviewError where pandoc fails.
    """
    parts = blinded(parts) if anonymous else parts
    layout = layout or Layout()
    numeric = _numeric(parts.references)
    superscript = any(True for cite in nodes(parts.body, "Cite") for _ in nodes(cite, "Superscript"))
    template, output = scratch / "latex.template", scratch / "latex.tex"
    template.write_text(_TEMPLATE, encoding="utf-8")
    target = pandoc.Target("latex", "latex", output, template=template)
    problems = pandoc.convert(
        project,
        document,
        _tree(parts, figures, numeric, layout.font_size),
        target,
        epoch=epoch,
        scratch=scratch,
    )
    problems = [p for p in problems if "Could not" not in p.message or "resource" not in p.message]
    if errors := [p for p in problems if p.severity == "error"]:
        raise ReviewError(errors)
    text = latex_tables.breakable(output.read_text(encoding="utf-8"))
    _, title, abstract, body, *entries = [part.strip() for part in text.split(_PART + "\n")]
    lines = [
        *_preamble(parts, body, text + str(protocol.authors), layout, superscript),
        rf"\title{{{title}}}",
        rf"\author{{{'' if anonymous else _authors(protocol)}}}",
        rf"\date{{{escaped(wording.day(protocol.date.isoformat()))}}}",
        "",
        r"\begin{document}",
        r"\maketitle",
    ]
    if abstract:
        lines += [r"\begin{abstract}", abstract, r"\end{abstract}", ""]
    if protocol.keywords:
        lines += [rf"\noindent\textbf{{Keywords:}} {escaped('; '.join(protocol.keywords))}", ""]
    lines += [body, ""]
    if entries:
        heading = escaped(plain(parts.reference_title))
        lines += [
            rf"\renewcommand{{\refname}}{{{heading}}}",
            rf"\begin{{thebibliography}}{{{len(entries)}}}",
        ]
        for (key, _), entry in zip(parts.references, entries, strict=True):
            mark = "" if numeric else "[]"
            lines += [rf"\bibitem{mark}{{{_key(key.removeprefix('ref-'))}}} {entry}"]
        lines += [r"\end{thebibliography}", ""]
    lines += [r"\end{document}", ""]
    source, unknown = ascii_latex("\n".join(lines))
    if unknown:
        message = f"no LaTeX command is known for {' '.join(sorted(unknown))}"
        problems.append(Problem(message, project.shown(document)))
    return source, problems + _numbering(parts, project.shown(document))


def _preamble(parts: Article, body: str, everything: str, layout: Layout, superscript: bool) -> list[str]:
    lines = [
        "% Made from the tree of the manuscript, for pdflatex (three runs, for references and widths of tables).",
        rf"\documentclass[{layout.font_size}pt]{{article}}",
        rf"\usepackage[{'T2A,' if CYRILLIC.search(everything) else ''}T1]{{fontenc}}",
        # Outlines instead of the bitmaps of the first fonts of this encoding.
        r"\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}",
        r"\usepackage[utf8]{inputenc}",
        *(
            rf"\usepackage{{{name}}}"
            for name in (
                "textcomp",
                "amsmath",
                "amssymb",
                "graphicx",
                "longtable",
                "booktabs",
                "array",
                "calc",
            )
        ),
        *(rf"\usepackage{{{name}}}" for pattern, name in _WHERE_USED if re.search(pattern, body)),
        r"\usepackage[a4paper,margin=25mm]{geometry}",
        # Names in the text are links of hyperref, which the package cite would switch off.
        *(
            [rf"\usepackage{'[superscript]' if superscript else ''}{{cite}}"]
            if _numeric(parts.references)
            else []
        ),
        r"\usepackage{setspace}",
        *latex_tables.PREAMBLE,
    ]
    if layout.line_numbers:
        lines.append(r"\usepackage{lineno}")
    lines += [
        r"\usepackage[hidelinks]{hyperref}",
        rf"\setcounter{{secnumdepth}}{{{5 if parts.headings else -2}}}",
        r"\providecommand{\tightlist}{\setlength{\itemsep}{0pt}\setlength{\parskip}{0pt}}",
        "% Tables without a caption are not numbered.",
        r"\newcounter{none}",
        "% A picture is never wider than the text.",
        r"\newsavebox{\picturebox}",
        r"\newcommand{\pandocbounded}[1]{\sbox{\picturebox}{#1}\ifdim\wd\picturebox>\linewidth"
        r"\resizebox{\linewidth}{!}{\usebox{\picturebox}}\else\usebox{\picturebox}\fi}",
    ]
    lines += latex_tables.SETTINGS
    lines += ["% Lines may be loose before they are too long.", r"\setlength{\emergencystretch}{3em}"]
    if _numeric(parts.references) and not superscript and (marks := _marks(parts)):
        lines.append(rf"\renewcommand{{\citeleft}}{{{marks[0]}}}\renewcommand{{\citeright}}{{{marks[1]}}}")
    if parts.references and (label := _label(parts.references)) != "[#1]":
        lines.append(rf"\makeatletter\renewcommand{{\@biblabel}}[1]{{{label}}}\makeatother")
    for counter, items in (("figure", parts.figures), ("table", parts.tables)):
        if prefix := _prefix(items):
            lines.append(rf"\renewcommand{{\the{counter}}}{{{escaped(prefix)}\arabic{{{counter}}}}}")
    if (number := next(iter(parts.headings.values()), "")) and (prefix := number.rstrip("0123456789.")):
        lines.append(rf"\renewcommand{{\thesection}}{{{escaped(prefix)}\arabic{{section}}}}")
    lines.append(rf"\setstretch{{{layout.line_spacing:g}}}")
    if layout.line_numbers:
        lines.append(r"\linenumbers")
    return lines


def _authors(protocol: Protocol) -> str:
    """Names with numbers of their institutions, ORCID iDs and the address for letters, for ``\\author``."""
    used = list(dict.fromkeys(key for author in protocol.authors for key in author.affiliations))
    names, notes = [], []
    for author in protocol.authors:
        marks = ",".join(str(used.index(key) + 1) for key in author.affiliations)
        if author.corresponding and author.email:
            marks += ",*" if marks else "*"
            address = escaped(author.email)
            notes.append(rf"\textsuperscript{{*}}Correspondence: \href{{mailto:{address}}}{{{address}}}")
        name = escaped(author.name) + (rf"\textsuperscript{{{marks}}}" if marks else "")
        if author.orcid:
            name += rf" (\href{{https://orcid.org/{author.orcid}}}{{{author.orcid}}})"
        names.append(name)
    places = []
    for i, key in enumerate(used, 1):
        place = protocol.affiliations[key]
        words = ", ".join(part for part in (place.name, place.city, place.country) if part)
        places.append(rf"\small\textsuperscript{{{i}}}{escaped(words)}")
    return " \\\\\n".join([", ".join(names), *places, *(rf"\small {note}" for note in notes)])


def _tree(parts: Article, figures: Mapping[str, str], numeric: str, size: int) -> Node:
    def change(node: Node) -> list[Node] | None:
        kind = node["t"]
        if kind == "Cite":
            return _citation(node, numeric)
        if kind == "Link" and node["c"][2][0].startswith("#"):
            return _reference(node)
        if kind == "Div" and "equation" in node["c"][0][1]:
            formula = next(nodes(node, "Math"))["c"][1]
            text = rf"\begin{{equation}}\label{{{_key(node['c'][0][0])}}}{formula}\end{{equation}}"
            return [{"t": "Para", "c": [_raw(text)]}]
        if kind == "Table":
            node = latex_tables.fitted(node, size)
        if kind in ("Header", "Figure", "Table", "Div", "Span"):
            place = 1 if kind == "Header" else 0
            attributes = node["c"][place]
            content = list(node["c"])
            content[place] = [_key(attributes[0]), attributes[1], []]
            rest = [changed(c, change) if i != place else c for i, c in enumerate(content)]
            return [{"t": kind, "c": rest}]
        return None

    entries = []
    for _, blocks in parts.references:
        kept = changed(blocks, _without_margin if numeric else _without_columns)
        entries.append({"t": "MetaBlocks", "c": changed(kept, change)})
    return {
        "pandoc-api-version": parts.version,
        "meta": {
            "title": {"t": "MetaInlines", "c": changed(parts.title, change)},
            "abstract": {"t": "MetaBlocks", "c": changed(parts.abstract, change)},
            "entries": {"t": "MetaList", "c": entries},
        },
        "blocks": changed(renamed([*parts.body, *parts.statements], figures), change),
    }


def _raw(text: str) -> Node:
    return {"t": "RawInline", "c": ["latex", text]}


def _key(name: str) -> str:
    """A name that LaTeX takes in ``\\label`` and ``\\bibitem``."""
    return re.sub(r"[^A-Za-z0-9:._\-]", lambda m: f"u{ord(m[0]):x}", name)


def _citation(node: Node, numeric: str) -> list[Node]:
    citations, inlines = node["c"]
    printed = plain(inlines).strip()
    if numeric and _NUMBERS.fullmatch(printed):
        return [_raw(rf"\cite{{{','.join(_key(c['citationId']) for c in citations)}}}")]

    def link(inner: Node) -> list[Node] | None:
        if inner["t"] == "Link" and inner["c"][2][0].startswith("#ref-"):
            key = _key(inner["c"][2][0].removeprefix("#ref-"))
            return [_raw(rf"\hyperlink{{cite.{key}}}{{"), *inner["c"][1], _raw("}")]
        return None

    found: list[Node] = changed(inlines, link)
    return found


def _reference(node: Node) -> list[Node]:
    """A cross-reference: words and number as LaTeX counts it."""
    (_, classes, _), inlines, (address, _) = node["c"]
    label = _key(address.removeprefix("#"))
    words, _, number = plain(inlines).rpartition("\xa0")
    if "crossref" in classes and re.fullmatch(r"\(?\w*\d[\d.]*\)?", number or words):
        shown = f"{escaped(words)}~" if number else ""
        return [_raw(rf"\hyperref[{label}]{{{shown}\ref*{{{label}}}}}")]
    return [_raw(rf"\hyperref[{label}]{{"), *inlines, _raw("}")]


def _numeric(references: list[tuple[str, list[Node]]]) -> str:
    """``numbers`` where the style numbers its references, else nothing."""
    margins = [any("csl-left-margin" in str(block) for block in blocks) for _, blocks in references]
    return "numbers" if margins and all(margins) else ""


def _marks(parts: Article) -> str:
    """The brackets around the numbers of citations; empty where they are square, as LaTeX sets them, or none."""
    found = (plain(cite["c"][1]).strip() for cite in nodes(parts.body, "Cite"))
    first = next((text for text in found if _NUMBERS.fullmatch(text)), "")
    return "()" if first.startswith("(") and first.endswith(")") else ""


def _label(references: list[tuple[str, list[Node]]]) -> str:
    """How the style prints the number of a reference in the list, as the body of ``\\@biblabel``; empty where it has none."""
    margins = (n for n in nodes(references[0][1], "Span") if "csl-left-margin" in n["c"][0][1])
    printed = plain([inline for span in list(margins)[:1] for inline in span["c"][1]]).strip()
    before, _, after = re.sub(r"\d+", "\0", printed, count=1).partition("\0")
    return f"{escaped(before)}#1{escaped(after)}" if _numeric(references) and printed else ""


def _without_margin(node: Node) -> list[Node] | None:
    """The number of a printed reference goes: LaTeX sets its own."""
    if node["t"] == "Span" and "csl-left-margin" in node["c"][0][1]:
        return []
    return _without_columns(node)


def _without_columns(node: Node) -> list[Node] | None:
    if node["t"] == "Span" and {"csl-left-margin", "csl-right-inline"} & set(node["c"][0][1]):
        return list(node["c"][1])
    return None


def _prefix(items: tuple[Float, ...]) -> str:
    return items[0].number.rstrip("0123456789") if items else ""


def _numbering(parts: Article, file: str) -> list[Problem]:
    """Figures and tables whose number in the text is not the one that LaTeX will count."""
    problems = []
    for items in (parts.figures, parts.tables):
        prefix = _prefix(items)
        for i, item in enumerate(items, 1):
            if item.number != f"{prefix}{i}":
                problems.append(Problem(f"{item.label} would be numbered {prefix}{i} by LaTeX", file))
    return problems


def pictures(source: str) -> list[tuple[int, str]]:
    """The files that a source includes, each with the place of its command, in the order of the text."""
    found = []
    for command in re.finditer(r"\\includegraphics(?![A-Za-z])", source):
        depth, start = 0, command.end()
        for mark in re.compile(r"\\.|[][{}]", re.S).finditer(source, start):
            if mark[0] == "{" and depth == 0:
                name = source[mark.end() : source.find("}", mark.end())]
                found.append((command.start(), name))
                break
            depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(mark[0], 0)
    return found
