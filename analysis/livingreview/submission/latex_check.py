"""Rules for a LaTeX source, checked without LaTeX: what would stop a compiler, as far as the text shows it.

Braces and environments close, what is cited and referred to exists, pictures are there, every command is known to the
packages that the source loads, and no character stands where LaTeX reads it as a command. Passing is no proof that a
source compiles.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator

from livingreview.errors import Problem
from livingreview.submission.latex import pictures
from livingreview.submission.latex_text import CYRILLIC

_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*")
_VERBATIM = re.compile(r"\\begin\{(verbatim|Verbatim|lstlisting)\}.*?\\end\{\1\}", re.S)
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_NEW = re.compile(r"\\(?:newcommand|providecommand|newsavebox|newlength)\{?\\([A-Za-z]+)")
_MATH = re.compile(
    r"\\\(.*?\\\)|\\\[.*?\\\]|\\begin\{(equation\*?|align\*?)\}.*?\\end\{\1\}|\\ensuremath\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}",
    re.S,
)
_NAMES = re.compile(
    r"\\(?:label|ref\*?|cite|bibitem(?:\[[^\]]*\])?|url|href|hyperlink|hypertarget|usepackage(?:\[[^\]]*\])?)\{[^{}]*\}"
    r"|\\hyperref\[[^\]]*\]"
)
# Commands of LaTeX and of the packages of `latex`, as far as pandoc and this package write them.
_COMMANDS = (
    "AA AE DH DJ L O OE P S TH aa ae addcontentsline addlinespace arabic arraybackslash author backslash begin bfseries "
    "bibitem bottomrule caption centering cite cmidrule date dag ddag def dh dj documentclass dots else emph end endfirsthead "
    "endfoot endhead endlastfoot enspace ensuremath fi fontencoding footnote guillemotleft guillemotright hline href hspace "
    "hyperlink hyperref i ifdim includegraphics item itemsep itshape j l label labelenumi ldots linebreak linenumbers linewidth "
    "LTcaptype maketitle midrule multicolumn multirow newcommand newcounter newline newpage newsavebox noalign noindent o oe "
    "paragraph parskip part phantomsection picturebox pounds protect providecommand quad qquad quotedblbase raggedleft "
    "raggedright real ref refname relax renewcommand resizebox sbox section selectfont setcounter setlength setstretch small "
    "smallskip ss st strut subparagraph subsection subsubsection tabcolsep tabularnewline textasciicircum textasciigrave "
    "textasciitilde textbackslash textbar textbf textbullet textcent textcolor textcopyright textdegree texteuro "
    "textexclamdown textgreater textheight textit textless textnumero textonehalf textonequarter textordfeminine "
    "textordmasculine textperiodcentered textperthousand textquestiondown textquotedbl textquotesingle textregistered "
    "textsc textsubscript textsuperscript textthreequarters texttrademark texttt textyen th the thefigure theequation "
    "thesection thetable tightlist title toprule ul uline url usebox usepackage vspace wd ht c k d b r u v H t "
    "IfFileExists AtBeginEnvironment floatplacement LTcapwidth LTpre LTleft nobreakdash textwidth emergencystretch arraystretch "
    "RaggedRightRightskip RaggedLeftLeftskip CenteringLeftskip CenteringRightskip makeatletter makeatother citeleft citeright footnotesize scriptsize hfill par multirow rule quote pandocbounded theenumi theenumii"
)
_KNOWN = frozenset(_COMMANDS.split())
_BLOCKS = (
    "document abstract figure table longtable tabular itemize enumerate description quote quotation verbatim center "
    "flushleft flushright minipage thebibliography equation equation* align align* verse"
)
_ENVIRONMENTS = frozenset(_BLOCKS.split())


def check(source: str, files: Collection[str] | None = None, name: str = "article.tex") -> list[Problem]:
    """What would keep ``source`` from compiling, as far as rules see it; nothing when all hold.

    ``files`` are the names of the pictures beside it (None: not checked), ``name`` is how the problems call the file.
    """
    text = _VERBATIM.sub(lambda m: "\n" * m[0].count("\n"), source)
    text = _COMMENT.sub(r"\1", text)
    found = [*_braces(text), *_environments(text), *_links(text), *_commands(text), *_characters(text)]
    found += _looks(text)
    for place, picture in pictures(text):
        if "/" in picture or "\\" in picture:
            found.append((place, f"a picture lies in a folder: {picture}"))
        elif files is not None and picture not in files:
            found.append((place, f"the picture {picture} is not there"))
    for needed in (r"\documentclass", r"\begin{document}", r"\end{document}", r"\maketitle"):
        if text.count(needed) != 1:
            found.append((0, f"{needed} stands {text.count(needed)} times, not once"))
    problems = [Problem(message, name, text.count("\n", 0, max(place, 0)) + 1) for place, message in found]
    return sorted(problems, key=lambda p: (p.row or 0, p.message))


Finding = tuple[int, str]


def _braces(text: str) -> Iterator[Finding]:
    opened: list[int] = []
    for mark in re.finditer(r"\\.|[{}]", text, re.S):
        if mark[0] == "{":
            opened.append(mark.start())
        elif mark[0] == "}":
            if not opened:
                yield mark.start(), "a brace closes that was never opened"
            else:
                opened.pop()
    yield from ((place, "a brace is never closed") for place in opened)
    for left, right in ((r"\(", r"\)"), (r"\[", r"\]")):
        counts = [len(re.findall(r"(?<!\\)(?:\\\\)*" + re.escape(mark), text)) for mark in (left, right)]
        if counts[0] != counts[1]:
            yield 0, f"{counts[0]} × {left} and {counts[1]} × {right}"


def _environments(text: str) -> Iterator[Finding]:
    opened: list[tuple[str, int]] = []
    for mark in re.finditer(r"\\(begin|end)\{([^{}]*)\}", text):
        if mark[1] == "begin":
            if mark[2] not in _ENVIRONMENTS:
                yield mark.start(), f"the environment {mark[2]} is not known"
            opened.append((mark[2], mark.start()))
        elif not opened or opened[-1][0] != mark[2]:
            inner = f"{opened[-1][0]} is still open" if opened else "nothing is open"
            yield mark.start(), f"the environment {mark[2]} ends where {inner}"
        else:
            opened.pop()
    yield from ((place, f"the environment {name} is never closed") for name, place in opened)


def _links(text: str) -> Iterator[Finding]:
    labels = Counter(re.findall(r"\\label\{([^{}]*)\}", text))
    entries = Counter(re.findall(r"\\bibitem(?:\[[^\]]*\])?\{([^{}]*)\}", text))
    for kind, counted in (("label", labels), ("reference", entries)):
        for name in sorted(name for name, n in counted.items() if n > 1):
            yield text.find(f"{{{name}}}"), f"the {kind} {name} is given {counted[name]} times"
    for mark in re.finditer(r"\\(?:ref\*?\{([^{}]*)\}|hyperref\[([^\]]*)\])", text):
        if (name := mark[1] or mark[2]) not in labels:
            yield mark.start(), f"there is no label {name}"
    for mark in re.finditer(r"\\cite(?:\[[^\]]*\])?\{([^{}]*)\}", text):
        for key in mark[1].split(","):
            if key not in entries:
                yield mark.start(), f"there is no reference {key}"
    for mark in re.finditer(r"\\hyperlink\{cite\.([^{}]*)\}", text):
        if mark[1] not in entries:
            yield mark.start(), f"there is no reference {mark[1]}"


def _looks(text: str) -> Iterator[Finding]:
    """What compiles and prints wrongly: tables over their neighbours or in the spacing of the text, dates for machines."""
    if (day := re.search(r"\\date\{\d{4}-\d\d-\d\d\}", text)) is not None:
        yield day.start(), "the date is written for machines"
    tables = list(re.finditer(r"\\begin\{longtable\}.*?\\end\{longtable\}", text, re.S))
    for needed, what in (
        (r"\AtBeginEnvironment{longtable}{\setstretch{1}", "tables have the spacing of the text"),
        (r"\setlength{\LTcapwidth}{\textwidth}", "captions of tables are narrower than the text"),
    ):
        if tables and needed not in text:
            yield tables[0].start(), what
    if tables and r"\begin{figure}" in text and r"\floatplacement{figure}{H}" not in text:
        yield tables[0].start(), "a figure that waits can set the head of a table above its caption"
    for table in tables:
        whole, place = table[0], table.start()
        if sum(map(float, re.findall(r"\\real\{([\d.]+)\}", whole))) > 1.005:
            yield place, "the columns of a table are wider than the line"
        if re.search(r"\\arraybackslash\}p\{|\\(?:raggedright|raggedleft|centering)\n", whole):
            yield place, "the first word of a cell cannot be hyphenated"
        first, _, rest = whole.partition(r"\endfirsthead")
        if r"\caption" in whole and (r"\caption" not in first or r"\caption" in rest or not rest):
            yield place, "the caption of a table does not stand in its first head alone"


def _commands(text: str) -> Iterator[Finding]:
    """Commands that neither LaTeX nor the source defines; formulas have their own and are left out."""
    known = _KNOWN | set(_NEW.findall(text))
    for mark in _COMMAND.finditer(_blank(_MATH, text)):
        # `\\` before a word ends a line.
        before = len(text[: mark.start()]) - len(text[: mark.start()].rstrip("\\"))
        if before % 2 == 0 and mark[1] not in known:
            yield mark.start(), f"the command \\{mark[1]} is not known"


def _characters(text: str) -> Iterator[Finding]:
    """Characters that LaTeX takes for commands, and those that the declared encodings do not have."""
    cyrillic = re.search(r"\\usepackage\[[^\]]*T2A[^\]]*\]\{fontenc\}", text)
    for character in sorted(set(re.findall(r"[^\x00-\x7f]", text))):
        if not (cyrillic and CYRILLIC.fullmatch(character)):
            message = f"the character {character} (U+{ord(character):04X}) has no declared encoding"
            yield text.find(character), message
    start = text.find(r"\begin{document}")
    plain = _blank(_NAMES, _blank(_MATH, text))
    for place, picture in pictures(plain):
        end = plain.find(picture, place) + len(picture)
        plain = plain[:place] + re.sub(r"[^\n]", " ", plain[place:end]) + plain[end:]
    tables = [
        (m.start(), m.end()) for m in re.finditer(r"\\begin\{(longtable|tabular)\}.*?\\end\{\1\}", text, re.S)
    ]
    for mark in re.finditer(r"\\.|[_^#$&]", plain, re.S):
        if mark.start() < start or len(mark[0]) > 1:
            continue
        if mark[0] == "&" and any(a <= mark.start() < b for a, b in tables):
            continue
        yield mark.start(), f"an unescaped {mark[0]} stands in the text"


def _blank(pattern: re.Pattern[str], text: str) -> str:
    """The text with what fits as blanks, so that places stay."""
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
