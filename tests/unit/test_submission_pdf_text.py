"""Reading a page without its paths gives the same words at the same places."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import submission_source
from pypdf import PdfReader
from pypdf.generic import ContentStream, DecodedStreamObject

from livingreview.submission import documents, pdf_text
from livingreview.submission.layout import Layout


def test_words_and_their_places_stay_where_paths_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = submission_source.source(tmp_path)
    made = documents.manuscript(given, Layout(figures="end"), tmp_path / "m", formats=("pdf",)).files[0]
    data = made.read_bytes()

    def pages() -> list[object]:
        return [pdf_text.read(page)[0] for page in PdfReader(io.BytesIO(data)).pages]

    seen: set[int] = set()
    thin = [pdf_text.thinned(page, seen).extract_text() for page in PdfReader(io.BytesIO(data)).pages]
    assert (
        thin == [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages] and "".join(thin).strip()
    )
    pieces = pages()
    monkeypatch.setattr(pdf_text, "without_paths", ContentStream)
    assert pages() == pieces


def test_strings_and_names_that_look_like_paths_stay() -> None:
    stream = DecodedStreamObject()
    stream.set_data(
        b"1 0 0 1 72 700 cm 0 0 m 5 5 l S BT /m 12 Tf (1 2 m \\) 3 4 l) Tj <31> Tj ET 0 0 9 9 re f\n"
    )
    left = pdf_text.without_paths(stream, None).get_data()
    assert b"(1 2 m \\) 3 4 l)" in left and b"/m 12 Tf" in left and b"cm" in left
    assert b" re" not in left and b" l " not in left.replace(b"(1 2 m \\) 3 4 l)", b"")
    picture = DecodedStreamObject()
    picture.set_data(b"0 0 m BI /W 1 /H 1 /BPC 8 /CS /G ID \x01 EI S\n")
    assert b"0 0 m" in pdf_text.without_paths(picture, None).get_data()
