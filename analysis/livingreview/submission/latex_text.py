"""Characters of a text in LaTeX's own commands, so that a source is plain ASCII and compiles with any engine."""

from __future__ import annotations

import re
import unicodedata

_ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u", "\u0307": ".", "\u0308": '"',
    "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0323": "d", "\u0327": "c", "\u0328": "k", "\u0331": "b",
}  # fmt: skip
_TEXT = {
    "\xa0": "~", "\xad": r"\-", "–": "--", "—": "---", "‐": "-", "‑": "-", "‒": "--", "‘": "`", "’": "'", "“": "``", "”": "''",
    "‚": ",", "„": r"\quotedblbase{}", "«": r"\guillemotleft{}", "»": r"\guillemotright{}", "…": r"\ldots{}",
    "·": r"\textperiodcentered{}", "•": r"\textbullet{}", "†": r"\dag{}", "‡": r"\ddag{}", "§": r"\S{}", "¶": r"\P{}",
    "©": r"\textcopyright{}", "®": r"\textregistered{}", "™": r"\texttrademark{}", "°": r"\textdegree{}", "€": r"\texteuro{}",
    "£": r"\pounds{}", "¢": r"\textcent{}", "¥": r"\textyen{}", "ª": r"\textordfeminine{}", "º": r"\textordmasculine{}",
    "¿": r"\textquestiondown{}", "¡": r"\textexclamdown{}", "‰": r"\textperthousand{}", "№": r"\textnumero{}",
    "Ł": r"\L{}", "ł": r"\l{}", "Ø": r"\O{}", "ø": r"\o{}", "Æ": r"\AE{}", "æ": r"\ae{}", "Œ": r"\OE{}", "œ": r"\oe{}",
    "ß": r"\ss{}", "ı": r"\i{}", "Đ": r"\DJ{}", "đ": r"\dj{}", "Þ": r"\TH{}", "þ": r"\th{}", "ð": r"\dh{}", "Ð": r"\DH{}",
    "Å": r"\AA{}", "å": r"\aa{}", "\u2002": r"\enspace{}", "\u2003": r"\quad{}", "\u2005": r"\,", "\u2006": r"\,", "\u2007": r"\enspace{}",
    "\u2008": r"\,", "\u2009": r"\,", "\u200a": r"\,", "\u202f": r"\,", "\u200b": r"\hspace{0pt}", "\u2060": "", "\ufeff": "", "\u200d": "",
    "½": r"\textonehalf{}", "¼": r"\textonequarter{}", "¾": r"\textthreequarters{}",
}  # fmt: skip
_GREEK = [
    "alpha", "beta", "gamma", "delta", "varepsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "pi",
    "rho", "sigma", "tau", "upsilon", "varphi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma",
    "Phi", "Psi", "Omega",
]  # fmt: skip
_MATH = {
    "−": "-", "±": r"\pm", "×": r"\times", "÷": r"\div", "≤": r"\leq", "≥": r"\geq", "≠": r"\neq", "≈": r"\approx", "≡": r"\equiv",
    "∞": r"\infty", "√": r"\surd", "∑": r"\sum", "∏": r"\prod", "∫": r"\int", "∂": r"\partial", "∆": r"\Delta", "∈": r"\in",
    "∩": r"\cap", "∪": r"\cup", "→": r"\rightarrow", "←": r"\leftarrow", "↑": r"\uparrow", "↓": r"\downarrow",
    "↔": r"\leftrightarrow", "⇒": r"\Rightarrow", "¬": r"\neg", "∼": r"\sim", "∝": r"\propto", "⋅": r"\cdot", "∗": r"\ast",
    "′": "'", "″": "''", "⟨": r"\langle", "⟩": r"\rangle", "✓": r"\surd", "○": r"\circ", "●": r"\bullet", "■": r"\blacksquare",
    "□": r"\square", "▲": r"\blacktriangle", "◆": r"\blacklozenge", "µ": r"\mu", "⊕": r"\oplus", "⊖": r"\ominus", "⁄": "/",
    "½": r"\frac{1}{2}",
    **{c: rf"\{n}" for c, n in zip(
        "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ",
        _GREEK,
        strict=True,
    )},
    **{c: rf"^{{{i}}}" for i, c in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    **{c: rf"_{{{i}}}" for i, c in enumerate("₀₁₂₃₄₅₆₇₈₉")},
    "⁻": "^{-}", "⁺": "^{+}",
}  # fmt: skip
_OTHER = re.compile(r"[\u0401-\u040c\u040e-\u044f\u0451-\u045c\u045e\u045f\u0490\u0491]+|[^\x00-\x7f]")
# The letters of encoding T2A that Russian, Ukrainian, Belarusian, Bulgarian, Serbian and Macedonian need.
CYRILLIC = re.compile(r"[\u0401-\u040c\u040e-\u044f\u0451-\u045c\u045e\u045f\u0490\u0491]+")


def ascii_latex(text: str) -> tuple[str, set[str]]:
    """LaTeX source with every character beyond ASCII as a command, and the characters for which none is known.

    These are left as they are: a rule of ``latex_check`` refuses them. Letters with an accent are taken apart (Unicode
    normal form D) and written as ``\\'{e}``; Cyrillic words stay, in the encoding T2A, which the source has to load.
    """
    unknown: set[str] = set()

    def command(found: re.Match[str]) -> str:
        character = found[0]
        if CYRILLIC.fullmatch(character):
            return rf"{{\fontencoding{{T2A}}\selectfont {character}}}"
        if character in _TEXT:
            return _TEXT[character]
        if character in _MATH:
            return rf"\ensuremath{{{_MATH[character]}}}"
        parts = unicodedata.normalize("NFD", character)
        if len(parts) == 2 and parts[0] in _LETTERS and parts[1] in _ACCENTS:
            letter = (
                {"i": r"\i", "j": r"\j"}.get(parts[0], parts[0])
                if parts[1] not in "\u0323\u0328\u0331"
                else parts[0]
            )
            return rf"\{_ACCENTS[parts[1]]}{{{letter}}}"
        unknown.add(character)
        return character

    return _OTHER.sub(command, unicodedata.normalize("NFC", text)), unknown


def escaped(text: str) -> str:
    """Plain text as LaTeX prints it, in ASCII (characters without a command stay)."""
    marks = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    marks |= {c: "\\" + c for c in "&%$#_{}"}
    return ascii_latex("".join(marks.get(c, c) for c in text))[0]


_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


_BY_ACCENT = {command: accent for accent, command in _ACCENTS.items()}
_BY_NAME = {
    command[1:].removesuffix("{}"): letter
    for letter, command in _TEXT.items()
    if re.fullmatch(r"\\[A-Za-z]+\{\}", command)
}
# \'n, \'{n}, \'{\i}, {\v S}, \v{S}: signs need nothing between, letters a space or braces.
_ACCENTED = re.compile(
    r"\\(?:(?P<sign>[`'^~=.\"])\s*|(?P<name>[uvHrdckb])(?:\s+|(?=\{)))(?:\{\\?(?P<in>[A-Za-z])\}|\\?(?P<bare>[A-Za-z]))"
)
_NAMED = re.compile(r"\\([A-Za-z]+)(?:\{\}|\s+|(?![A-Za-z]))")


def readable(source: str) -> str:
    """LaTeX source with accents and letters that are commands (``\\'{e}``, ``\\o{}``) as the characters they print; lines stay lines."""

    def accented(found: re.Match[str]) -> str:
        letter = found["in"] or found["bare"]
        return unicodedata.normalize("NFC", letter + _BY_ACCENT[found["sign"] or found["name"]])

    text = _ACCENTED.sub(accented, source)
    text = _NAMED.sub(lambda m: _BY_NAME.get(m[1], m[0]), text)
    return re.sub(r"(?<![A-Za-z])\{([^\W\d_])\}", r"\1", text)  # {\v S}ik
