"""The proof that a blinded package names nobody: what must not be said is searched for wherever a file can say it.

What is a leak, and what is not:

- The name of an author is allowed in an entry of a list of references (a year stands nearby), because journals that blind ask for own
  papers to be cited, in the third person. It is then also allowed in the text where it is cited so ("Smith et al. [12]", "Smith 2020"):
  family name or initials only, never with the given name, and only if a file of those searched lists the work.
- First-person citations ("our previous review [12]") are leaks; the patterns stand in ``blinding.yaml`` and are told with the sentence.
- ORCID iDs, e-mail addresses, institutions, grants, repositories, registrations and folders of users are leaks everywhere, the list of
  references too.
- A field for a person (creator, last modified by, author of a comment or revision, user of an archive) must be empty or neutral,
  whether or not the protocol knows the name in it.
- A file that cannot be opened is told as a leak of the kind ``unreadable``: nothing is proven of it.

What is drawn in pixels, and what outlines of glyphs look like, is not read.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from livingreview.submission import blinding
from livingreview.submission.folding import BORDER, Folded, fold
from livingreview.submission.identities import Identity, identities
from livingreview.submission.leaks_files import passages
from livingreview.submission.passages import PROSE, Passage, heading, one_line
from livingreview.submission.spellings import halves

__all__ = ["Identity", "Leak", "identities", "search", "search_bytes"]

_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}\b(?!\.(?:png|svg|pdf))")
_NO_TOP = ("png", "svg", "pdf", "jpg", "css", "js", "qmd", "md")
_ORCID = re.compile(
    r"(?<![\dX])(\d{4})[-\u2010-\u2015\u2212](\d{4})[-\u2010-\u2015\u2212](\d{4})[-\u2010-\u2015\u2212](\d{3}[\dXx])(?!\w)"
)
_HOME = re.compile(
    r"(?:/home/|/Users/|[A-Za-z]:[\\/]+Users[\\/]+|[A-Za-z]:[\\/]+Documents and Settings[\\/]+)(?!Public\b|Shared\b|runner\b)([\w.-]+)"
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_ENTRY = 600  # characters around a name, within which the entry of a list of references has its year
_DROPPED = re.compile(r"[\x1f\u00ad\u200b-\u200f\u2060\ufeff]+|(?<=[^\W\d_])[-\u2010]\s*\n\s*(?=[a-z])")
_SHORT_RAW = 8  # letters of the shortest spelling that is searched for among bytes


@dataclass(frozen=True, slots=True)
class Leak:
    """Something that says who made the review.

    ``kind`` is that of the identity, or: ``self-citation``, ``acknowledgement``, ``person field``, ``user folder``, ``unreadable``.
    ``found`` is as it stands in the file; ``identity`` what it stands for (or the name of the pattern). ``place`` is one of
    ``passages.Place``, ``where`` the page, field or part; ``context`` some words around it, of a self-citation the whole sentence;
    ``times`` how often it stands there.
    """

    kind: str
    found: str
    identity: str
    file: str
    place: str
    where: str
    context: str
    times: int = 1

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def search(
    files: Iterable[Path],
    identities: Sequence[Identity],
    review: Path | None = None,
    base: Path | None = None,
) -> list[Leak]:
    """All leaks in the files (folders are searched through), in the order of files and places; empty: they name nobody.

    Names of files are told relative to ``base`` (the folder given, or the bare name); all of the told name counts as a file name.
    ``review`` is where the review's own ``manuscript/blinding.yaml`` is looked for.
    """
    known = blinding.load(review)
    looked: list[_Looked] = []
    for given in files:
        top = base or (given if given.is_dir() else given.parent)
        for path in sorted(p for p in given.rglob("*") if p.is_file()) if given.is_dir() else [given]:
            looked += _look(path.relative_to(top).as_posix(), path.read_bytes(), identities, known)
    return _leaks(looked, known)


def search_bytes(
    name: str, data: bytes, identities: Sequence[Identity], review: Path | None = None
) -> list[Leak]:
    """All leaks in one file that is at hand as bytes; see :func:`search`."""
    known = blinding.load(review)
    return _leaks(_look(name, data, identities, known), known)


Hit = tuple[Identity, int, int]
_Looked = tuple[Passage, list[Hit], list[str]]


def _look(name: str, data: bytes, identities: Sequence[Identity], known: blinding.Words) -> list[_Looked]:
    """The passages of a file, the identities in each, and those that stand in a list of references."""
    pieces = [Passage(name, "file name", "", name), *passages(name, data, known)]
    texts = [Folded(piece.text) for piece in pieces]
    present = _present(identities, "\0".join(text.compact for text in texts))
    return [(piece, *_named(piece, text, present)) for piece, text in zip(pieces, texts, strict=True)]


def _leaks(looked: Sequence[_Looked], known: blinding.Words) -> list[Leak]:
    listed = {identity for _, _, cited in looked for identity in cited}
    leaks: dict[tuple[str, ...], Leak] = {}
    for piece, hits, _ in looked:
        for leak in [
            *_kept(piece, hits, listed, known),
            *_general(piece, known, [span for _, *span in hits]),
            *_sentences(piece, known),
        ]:
            key = (leak.kind, fold(leak.identity), leak.file, leak.place, leak.where)
            if key in leaks:
                leaks[key] = replace(leaks[key], times=leaks[key].times + leak.times)
            else:
                leaks[key] = leak
    return list(leaks.values())


def _present(identities: Sequence[Identity], letters: str) -> list[Identity]:
    """The identities with those spellings alone of which the letters occur: few of all in most files."""
    found = []
    for identity in identities:
        if identity.kind == "machine path":
            found.append(identity)
        elif forms := tuple(form for form in identity.forms if form.compact in letters):
            found.append(replace(identity, forms=forms))
    return found


def _named(piece: Passage, text: Folded, identities: Sequence[Identity]) -> tuple[list[Hit], list[str]]:
    """Where identities stand in a passage, the longest spelling of each place, and which of them are in a list of references."""
    if piece.place == "unreadable":
        return [], []
    found: list[Hit] = []
    for identity in identities:
        spans: set[tuple[int, int]] = set()
        if identity.kind == "machine path":
            spans = {m.span() for m in re.finditer(re.escape(identity.value) + r"(?![\w-])", piece.text)}
        else:
            for form in identity.forms:
                if not piece.raw or len(form.compact) >= _SHORT_RAW:
                    spans.update(text.find(form))
        longest = [
            s for s in sorted(spans) if not any(o != s and o[0] <= s[0] and s[1] <= o[1] for o in spans)
        ]
        found += [(identity, *span) for span in longest]
    cited = [identity.value for identity, begin, end in found if _in_list(piece, identity, begin, end)]
    return found, cited


def _in_list(piece: Passage, identity: Identity, begin: int, end: int) -> bool:
    around = piece.text[max(0, begin - _ENTRY) : end + _ENTRY]
    return identity.person and piece.listed(begin) and bool(_YEAR.search(around))


def _kept(piece: Passage, hits: list[Hit], listed: set[str], known: blinding.Words) -> Iterator[Leak]:
    for identity, begin, end in hits:
        if _in_list(piece, identity, begin, end) or (
            identity.value in listed and _third_person(piece, identity, begin, end, known)
        ):
            continue
        yield _leak(piece, identity.kind, identity.value, begin, end)


def _third_person(piece: Passage, identity: Identity, begin: int, end: int, known: blinding.Words) -> bool:
    """Whether a name in the text is cited: family name or initials, and after it what follows the name of a cited author."""
    if piece.place not in PROSE or not identity.person:
        return False
    family = identity.family or identity.value.split()[-1]
    given = map(fold, identity.value.removesuffix(family).split())
    whole = fold(piece.text[begin:end])
    for name in map(fold, (family, *halves(family))):
        whole = whole.replace(name, "", 1)
    if any(len(name) > 1 and name in whole for name in given):
        return False
    after = re.sub(r"\s+", " ", piece.text[end : end + 120].replace(BORDER, ""))
    before = re.sub(r"\s+", " ", piece.text[max(0, begin - 120) : begin].replace(BORDER, ""))
    return any(blinding.search(pattern, after) for pattern in known.third_person) or (
        any(blinding.search(pattern, before) for pattern in known.third_person_before)
    )


def _leak(piece: Passage, kind: str, identity: str, begin: int, end: int, context: str = "") -> Leak:
    found = one_line(piece.text[begin:end])
    return Leak(
        kind,
        found,
        identity,
        piece.file,
        piece.place,
        piece.at(begin),
        context or piece.context(begin, end),
    )


def _general(piece: Passage, known: blinding.Words, taken: Sequence[Sequence[int]]) -> Iterator[Leak]:
    """What gives people away whoever they are: filled fields for people, ORCID iDs, e-mail addresses, folders of users."""
    text = piece.text
    if piece.place == "unreadable":
        yield Leak("unreadable", "", text, piece.file, piece.place, piece.where, text)
        return
    if piece.person and not taken:
        bare = re.split(r",?\s+v?\d", text.strip(), maxsplit=1)[0].casefold()
        if bare not in known.neutral_people:
            yield _leak(piece, "person field", text.strip(), 0, len(text))

    def new(match: re.Match[str]) -> bool:
        return not any(begin < match.end() and match.start() < end for begin, end in taken)

    if not piece.raw:
        for match in filter(new, _EMAIL.finditer(text)):
            if match[0].rsplit(".", 1)[-1].lower() not in _NO_TOP:
                yield _leak(piece, "e-mail", match[0], *match.span())
        for match in filter(new, _ORCID.finditer(text)):
            if _orcid(match):
                yield _leak(piece, "ORCID", "-".join(match.groups()), *match.span())
    for match in filter(new, _HOME.finditer(text)):
        yield _leak(piece, "user folder", match[0], *match.span())


def _orcid(match: re.Match[str]) -> bool:
    """Whether sixteen digits are an ORCID iD: one of its blocks (0000-0001-5, 0000-0003-5, 0009), with the check digit of ISO 7064."""
    digits = "".join(match.groups()).upper()
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    return digits.startswith(("0000000", "0009000")) and digits[-1] == "0123456789X"[(12 - total % 11) % 11]


def _sentences(piece: Passage, known: blinding.Words) -> Iterator[Leak]:
    """Self-citations in the first person, thanks, and sections of thanks."""
    if piece.place not in PROSE or piece.raw:
        return
    text, offsets, removed = _readable(piece.text)
    for kind, patterns in (
        ("self-citation", known.self_citations),
        ("acknowledgement", known.acknowledgements),
    ):
        spans: list[tuple[int, int]] = []
        for pattern in patterns:
            for match in pattern.compiled().finditer(text):
                if any(begin < match.end() and match.start() < end for begin, end in spans):
                    continue
                spans.append(match.span())
                number = bisect_right(offsets, match.start())
                begin = match.start() + (removed[number - 1] if number else 0)
                found = re.sub(r"\s+", " ", match[0])
                sentence = _sentence(text, *match.span())
                yield Leak(
                    kind,
                    found,
                    f"{pattern.name}: {sentence}",
                    piece.file,
                    piece.place,
                    piece.at(begin),
                    sentence,
                )
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if len(line) < 100 and heading(line) in known.acknowledgement_headings:
            below = next((entry.strip() for entry in lines[number + 1 :] if entry.strip()), "")
            if below and below.strip(" .[]()").casefold() not in known.neutral_people:
                yield Leak(
                    "acknowledgement",
                    line.strip(),
                    "section",
                    piece.file,
                    piece.place,
                    piece.where,
                    f"{line.strip()}: {below[:120]}",
                )


def _readable(text: str) -> tuple[str, list[int], list[int]]:
    """The text without invisible characters and hyphens at line ends, ligatures parted; with the offsets (in the new text) of what was
    taken out and how much was, up to there (ligatures not counted)."""
    pieces, offsets, removed = [], [], []
    last = total = length = 0
    for match in _DROPPED.finditer(text):
        pieces.append(text[last : match.start()])
        length += match.start() - last
        total += match.end() - match.start()
        offsets.append(length)
        removed.append(total)
        last = match.end()
    pieces.append(text[last:])
    return unicodedata.normalize("NFKC", "".join(pieces)), offsets, removed


def _sentence(text: str, begin: int, end: int) -> str:
    """The sentence around a span, 400 characters to either side at most."""
    before = text[max(0, begin - 400) : begin]
    after = text[end : end + 400]
    starts = list(re.finditer(r"[.!?][\])”’\"]*\s+(?=[A-Z\[(“])|\n\s*\n", before))
    stop = re.search(r"[.!?][\])”’\"]*(?=\s+[A-Z“]|\s*$)|\n\s*\n", after)
    head = before[starts[-1].end() :] if starts else before
    tail = after[: stop.end()] if stop else after
    return re.sub(r"\s+", " ", head + text[begin:end] + tail).strip()
