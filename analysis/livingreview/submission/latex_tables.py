"""Tables of a LaTeX source: columns as wide as their words need, small type on single lines, words that may break.

Pandoc writes a ``longtable`` with columns of fixed shares. A column that is narrower than its longest word prints over its
neighbour, and TeX does not hyphenate the first word of a paragraph: both are put right here, before and after pandoc.
"""

from __future__ import annotations

import re
from typing import Any

from livingreview.publish.snapshot import plain
from livingreview.submission.article import Node, changed

_TABLE = re.compile(r"\\begin\{longtable\}.*?\\end\{longtable\}", re.S)
_RANGE = re.compile(r"(?<=\d)(?:--|\u2013)(?=\d)")
# What the preamble says about tables and figures.
PREAMBLE = (
    r"\usepackage{etoolbox}",
    r"\usepackage[newcommands]{ragged2e}",
    r"\usepackage{float}",
    r"\usepackage[font={small,stretch=1},labelfont=bf,labelsep=period,justification=RaggedRight,singlelinecheck=false]{caption}",
)
SETTINGS = (
    "% Tables: small type on single lines, captions as wide as the text.",
    r"\setlength{\LTcapwidth}{\textwidth}",
    r"\setlength{\tabcolsep}{4pt}",
    r"\setlength{\LTpre}{18pt}",
    r"\setlength{\LTleft}{0pt}",
    r"\AtBeginEnvironment{longtable}{\setstretch{1}\footnotesize\renewcommand{\arraystretch}{1.3}}",
    "% Lines of cells and of references may end anywhere: a word is broken where it would not fit else.",
    r"\setlength{\RaggedRightRightskip}{0pt plus 1fil}",
    r"\setlength{\RaggedLeftLeftskip}{0pt plus 1fil}",
    r"\setlength{\CenteringLeftskip}{0pt plus 1fil}",
    r"\setlength{\CenteringRightskip}{0pt plus 1fil}",
    r"\AtBeginEnvironment{thebibliography}{\raggedright}",
    "% A figure that waits for the next page pushes the caption of a long table off it, after its head: figures stand where they are.",
    r"\floatplacement{figure}{H}",
)
_LINE = 455.0  # the width of the text on A4 with margins of 25 mm, in points
_GAP = 8.0  # between two columns
_LETTER = 0.53  # the width of a letter, as a share of the size of the type
_LONGEST = 15  # letters of a word that are kept together; a longer one is hyphenated
_FOOTNOTE = {10: 8.0, 11: 9.0, 12: 10.0}
_BREAK = re.compile(r"[ \t\n\u200b]+|(?<=[-\u2014])|(?<=\u2013)(?!\d)")
_SLASH = re.compile(r"(?<=[^\W\d])/(?=[^\W\d])")
_HEAD = re.compile(r"(\\begin\{minipage\}\[[btc]\]\{\\linewidth\}\\(?:raggedright|raggedleft|centering))\n")


def fitted(table: Node, size: int) -> Node:
    """The table with columns in which every word has room, as far as the line has room for all of them.

    ``size`` is that of the running text in points. Words may break after a slash between letters and before a bracket. A
    table of short cells without given widths stays as it is.
    """

    def looser(node: Node) -> list[Node] | None:
        if node["t"] != "Str":
            return None
        return [{"t": "Str", "c": _SLASH.sub("/\u200b", node["c"]).replace("\xa0(", " (")}]

    attributes, caption, columns, head, bodies, foot = table["c"]
    head, bodies, foot = (changed(part, looser) for part in (head, bodies, foot))
    words, lines = _needs(
        [head[1], *(part for body in bodies for part in (body[2], body[3])), foot[1]], len(columns)
    )
    given = [column[1].get("c") for column in columns]
    letters = (_LINE - _GAP * (len(columns) - 1)) / (_LETTER * _FOOTNOTE.get(size, 0.83 * size))
    if any(width is not None for width in given):
        known = [width for width in given if width is not None]
        shares = [width if width is not None else sum(known) / len(known) for width in given]
    elif sum(lines) > letters:
        shares = [float(min(line, 40)) for line in lines]
    else:
        shares = []
    if shares:
        shares = _shares(shares, [(word + 0.5) / letters for word in words])
        columns = [
            [column[0], {"t": "ColWidth", "c": round(share, 4)}]
            for column, share in zip(columns, shares, strict=True)
        ]
    return {"t": "Table", "c": [attributes, caption, columns, head, bodies, foot]}


def breakable(source: str) -> str:
    """LaTeX of pandoc whose cells may hyphenate their first word too, and do not break a range of numbers."""
    source = source.replace(r"\arraybackslash}p{", r"\arraybackslash\hspace{0pt}}p{")
    source = _HEAD.sub(lambda m: m[1] + "\\hspace{0pt}%\n", source)
    return _TABLE.sub(lambda m: _RANGE.sub(r"\\nobreakdash--", m[0]), source)


def _needs(parts: list[list[Any]], count: int) -> tuple[list[int], list[int]]:
    """Letters of the longest word, and of the longest line, of each column; cells over several columns do not count."""
    words, lines = [1] * count, [1] * count
    for rows in parts:
        pending = [0] * count
        for row in rows:
            column = 0
            taken = [n > 0 for n in pending]
            pending = [max(0, n - 1) for n in pending]
            for cell in row[1]:
                while column < count and taken[column]:
                    column += 1
                high, wide = cell[2], cell[3]
                if wide == 1 and column < count:
                    for block in cell[4]:
                        text = plain(block["c"]) if block["t"] in ("Plain", "Para") else ""
                        lines[column] = max(lines[column], len(text))
                        longest = max(map(len, _BREAK.split(text)), default=1)
                        words[column] = max(words[column], min(longest, _LONGEST))
                for i in range(column, min(column + wide, count)):
                    pending[i] = high - 1
                column += wide
    return words, lines


def _shares(wanted: list[float], least: list[float]) -> list[float]:
    """Shares of the line like the wanted ones, none below its least; where the least do not fit they are all made smaller."""
    if (needed := sum(least)) >= 1:
        return [share / needed for share in least]
    shares = [share / sum(wanted) for share in wanted]
    missing = sum(max(0.0, low - share) for share, low in zip(shares, least, strict=True))
    room = sum(max(0.0, share - low) for share, low in zip(shares, least, strict=True))
    return [
        low if share <= low else share - (share - low) * missing / room
        for share, low in zip(shares, least, strict=True)
    ]
