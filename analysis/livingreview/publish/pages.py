"""Pages of a PDF."""

from __future__ import annotations

from pathlib import Path


def page_count(pdf: Path) -> int:
    """Number of pages, read from the page tree (Typst writes it uncompressed, or in an object stream)."""
    import re
    import zlib

    content = pdf.read_bytes()
    found = [int(n) for n in re.findall(rb"/Type\s*/Pages\b[^>]*?/Count\s+(\d+)", content)]
    if not found:
        found = [int(n) for n in re.findall(rb"/Count\s+(\d+)[^>]*?/Type\s*/Pages\b", content)]
    if not found:
        for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.S):
            try:
                text = zlib.decompress(stream)
            except zlib.error:
                continue
            found += [int(n) for n in re.findall(rb"/Type\s*/Pages\b[^>]*?/Count\s+(\d+)", text)]
    if not found:
        raise ValueError(f"{pdf.name} has no page tree")
    return max(found)
