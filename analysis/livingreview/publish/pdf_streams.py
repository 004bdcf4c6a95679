"""Where the streams of a PDF end, as bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator

_END = b"\r\nendstream"
_OPENING = re.compile(rb"stream\r?\n")
_LENGTH = re.compile(rb"/Length\s+(\d+)(?!\d|\s+\d+\s+R)")


def ambiguous_ends(content: bytes) -> Iterator[tuple[int, int]]:
    """First byte and length of streams whose data end with a carriage return, before the line feed that ends the stream.

    Both together look like one end of line, and the stream one byte shorter than its ``/Length`` (ISO 19005-2, 6.1.7.1).
    """
    position = content.find(_END)
    while position >= 0:
        start, length = _before(content, position)
        if length:
            yield start, length
        position = content.find(_END, position + 1)


def plain_ends(content: bytes) -> bytes:
    """The same with a second carriage return in place of each such line feed: an end of line as good, which nobody can misread."""
    changed = bytearray(content)
    for start, length in ambiguous_ends(content):
        changed[start + length] = ord("\r")
    return bytes(changed)


def _before(content: bytes, position: int) -> tuple[int, int]:
    """First byte and ``/Length`` of the stream whose last byte is at ``position``; zeros where there is none."""
    opening = content.rfind(b"stream", 0, position)
    while opening >= 0:
        # The word may stand in the data too: the opening that fits the length is the right one.
        start, begin = _OPENING.match(content, opening), content.rfind(b" obj", 0, opening)
        length = _LENGTH.search(content, begin, opening) if start and begin >= 0 else None
        if start and length and start.end() + int(length[1]) == position + 1:
            return start.end(), int(length[1])
        opening = content.rfind(b"stream", 0, opening)
    return 0, 0
