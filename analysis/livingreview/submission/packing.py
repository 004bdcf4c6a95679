"""Many files as one: a ZIP that is the same bytes for the same content, and the checksums in it."""

from __future__ import annotations

import datetime
import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from livingreview import canonical
from livingreview.errors import Problem, ReviewError

SUMS = "SHA256SUMS"
_FIRST_DAY = 315532800  # 1980-01-01, the first that ZIP can tell


def sums(content: Mapping[str, bytes | Path]) -> bytes:
    """``SHA256SUMS`` of all files, as ``sha256sum -c`` reads it: digest, two spaces, name, sorted by name.

    Raises ReviewError for a name that has no plain form there (a line break or a backslash).
    """
    if wrong := [name for name in sorted(content) if set(name) & set("\n\r\\")]:
        raise ReviewError([Problem("such a name cannot be archived", file=repr(name)) for name in wrong])
    lines = [
        f"{hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else canonical.file_digest(value)}  {name}\n"
        for name, value in sorted(content.items())
    ]
    return "".join(lines).encode("utf-8")


def pack(content: Mapping[str, bytes | Path], seconds: int) -> bytes:
    """A ZIP of the files, sorted by name, all of the time ``seconds`` (since 1970, UTC), readable by all, without extra fields.

    The same bytes with the same zlib; another one may pack the same content otherwise, which is why ``SHA256SUMS`` is of the content.
    """
    moment = datetime.datetime.fromtimestamp(max(seconds, _FIRST_DAY), datetime.UTC)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, value in sorted(content.items()):
            member = zipfile.ZipInfo(name, moment.timetuple()[:6])
            member.create_system = 3  # Unix, on every system: the modes are read
            member.external_attr = 0o100644 << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(
                member, value if isinstance(value, bytes) else value.read_bytes(), compresslevel=6
            )
    return buffer.getvalue()
