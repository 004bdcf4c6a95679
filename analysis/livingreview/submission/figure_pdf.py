"""The page of a vector PDF: what it draws, the same page at another size or in another colour space, and as pixels.

The PDF is read and written with pypdf (BSD) and made into pixels with PDFium (pypdfium2, Apache/BSD), from the vectors and
at the size asked for: nothing is enlarged.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from livingreview.submission.figure_content import (
    UNIT,
    Font,
    Matrix,
    Operation,
    Part,
    colour,
    matrix,
    product,
)

if TYPE_CHECKING:
    from PIL.Image import Image

POINTS_PER_MM = 72 / 25.4
_FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")
_SET = {"grey": ("g", "G"), "rgb": ("rg", "RG"), "cmyk": ("k", "K")}
_DEVICE = {"grey": "/DeviceGray", "rgb": "/DeviceRGB", "cmyk": "/DeviceCMYK"}


def page_of(content: bytes) -> tuple[Any, int]:
    """The first page of a PDF (an object of pypdf) and the number of pages. Raises ValueError when it is no PDF."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(content))
        return reader.pages[0], len(reader.pages)
    except (PyPdfError, IndexError, OSError) as error:
        raise ValueError("cannot be read as a PDF") from error


def box(page: Any) -> tuple[float, float, float, float]:
    """Left, bottom, width and height of what is shown of a page, in points."""
    shown = page.cropbox
    return float(shown.left), float(shown.bottom), float(shown.width), float(shown.height)


def part(page: Any) -> Part:
    """The page with its fonts, forms, pictures and patterns."""
    contents = page.get_contents()
    return _part(page, contents, page.get("/Resources"), UNIT)


def _part(owner: Any, stream: Any, resources: Any, placed: Matrix) -> Part:
    found = _dictionary(resources)
    objects, patterns = _dictionary(found.get("/XObject")), _dictionary(found.get("/Pattern"))

    def inner(table: dict[str, Any]) -> Callable[[str], Part | None]:
        def look(name: str) -> Part | None:
            made = table.get(name)
            made = None if made is None else made.get_object()
            if made is None or "/Shading" in made:
                return None
            if made.get("/Subtype") == "/Image":
                return Part(picture=(int(made["/Width"]), int(made["/Height"])))
            return _part(made, made, made.get("/Resources", resources), matrix(made.get("/Matrix", UNIT)))

        return look

    return Part(
        operations=() if stream is None else operations(stream, getattr(owner, "pdf", None)),
        matrix=placed,
        fonts={name: font(entry.get_object()) for name, entry in _dictionary(found.get("/Font")).items()},
        opacity={
            name: (_number(entry.get_object().get("/CA")), _number(entry.get_object().get("/ca")))
            for name, entry in _dictionary(found.get("/ExtGState")).items()
        },
        objects=inner(objects),
        patterns=inner(patterns),
    )


def operations(stream: Any, pdf: Any = None) -> list[Operation]:
    """The operators of a content stream, each with its operands, in their order."""
    from pypdf.generic import ContentStream

    return [
        (operands, operator.decode("latin-1")) for operands, operator in ContentStream(stream, pdf).operations
    ]


def _dictionary(value: Any) -> dict[str, Any]:
    found: Any = None if value is None else value.get_object()
    return dict(found.items()) if hasattr(found, "items") else {}


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def descriptor(entry: Any) -> tuple[Any, Any]:
    """The font that holds the shapes (the descendant of a composite font) and its descriptor, or None."""
    inner = entry
    if entry.get("/Subtype") == "/Type0":
        inner = entry["/DescendantFonts"].get_object()[0].get_object()
    described = inner.get("/FontDescriptor")
    return inner, None if described is None else described.get_object()


def font(entry: Any) -> Font:
    """A font of a PDF; one whose letters are drawings in the file itself (Type 3) counts as embedded."""
    inner, described = descriptor(entry)
    kind = str(inner.get("/Subtype", "")).lstrip("/")
    name = str(inner.get("/BaseFont") or inner.get("/Name") or "unnamed").lstrip("/")
    if len(name) > 7 and name[6] == "+":
        name = name[7:]
    embedded = kind == "Type3" or (described is not None and any(key in described for key in _FONT_FILES))
    return Font(name, embedded, kind)


def resized(content: bytes, width_mm: float, space: str | None = None) -> bytes:
    """The first page of a PDF at another width, in proportion, with all its vectors and fonts.

    ``space`` is the colour space to draw in: ``rgb``, ``cmyk``, ``grey`` or None to leave colours as they are. Nothing
    of the old file's metadata, links or notes is kept; the same content gives the same bytes.
    """
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import FloatObject, NameObject, RectangleObject, StreamObject

    writer = PdfWriter()
    page = writer.add_page(PdfReader(io.BytesIO(content)).pages[0])
    left, bottom, width, height = box(page)
    factor = width_mm * POINTS_PER_MM / width
    if abs(factor - 1) < 1e-6:
        factor = 1.0
    fit: Matrix = (factor, 0.0, 0.0, factor, -left * factor, -bottom * factor)
    resources = page.get("/Resources")
    drawn: Any = page.get_contents()
    data = b"" if drawn is None else bytes(drawn.get_data())
    if space is not None and drawn is not None:
        data = _recoloured(drawn, writer, space)
        _recolour_inner(resources, writer, space, set())
    if fit != UNIT:
        data = f"{' '.join(f'{v:.8g}' for v in fit)} cm\n".encode() + data
        # A pattern lies on the page's own grid, whatever the page's content is scaled by.
        for entry in _dictionary(_dictionary(resources).get("/Pattern")).values():
            pattern = entry.get_object()
            placed = product(matrix(pattern.get("/Matrix", UNIT)), fit)
            pattern[NameObject("/Matrix")] = _array(placed)
    stream = StreamObject()
    stream.set_data(data)
    page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    shown = RectangleObject(
        (0, 0, FloatObject(f"{width * factor:.4f}"), FloatObject(f"{height * factor:.4f}"))
    )
    for name in [key for key in page if key not in ("/Type", "/Parent", "/Resources", "/Contents", "/Group")]:
        del page[name]
    page[NameObject("/MediaBox")] = shown
    writer.metadata = None
    writer.compress_identical_objects()
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _array(values: Iterable[float]) -> Any:
    from pypdf.generic import ArrayObject, FloatObject

    return ArrayObject([FloatObject(f"{v:.8g}") for v in values])


def _recolour_inner(resources: Any, writer: Any, space: str, seen: set[int]) -> None:
    from pypdf.generic import NameObject

    found = _dictionary(resources)
    for group in ("/XObject", "/Pattern"):
        for entry in _dictionary(found.get(group)).values():
            inner = entry.get_object()
            if id(inner) in seen or inner.get("/Subtype") == "/Image" or not hasattr(inner, "get_data"):
                continue
            seen.add(id(inner))
            changed = _recoloured(inner, writer, space)
            for key in ("/Filter", "/DecodeParms"):
                if key in inner:
                    del inner[NameObject(key)]
            inner._data = changed
            _recolour_inner(inner.get("/Resources"), writer, space, seen)


def _recoloured(stream: Any, writer: Any, space: str) -> bytes:
    from pypdf.generic import ContentStream, FloatObject, NameObject

    made = ContentStream(stream, writer)
    changed: list[tuple[Any, bytes]] = []
    for operands, operator in made.operations:
        name = operator.decode("latin-1")
        value = None if name == "INLINE IMAGE" else colour(name, operands)
        if value is None or value[0] not in _SET:
            changed.append((operands, operator))
        elif name.lower() == "cs":
            changed.append(([NameObject(_DEVICE[space])], operator))
        else:
            parts = [FloatObject(f"{v:.6g}") for v in in_space(value, space)]
            changed.append((parts, _SET[space][name[0].isupper()].encode()))
    made.operations = changed
    return bytes(made.get_data())


def in_space(value: tuple[Any, ...], space: str) -> tuple[float, ...]:
    """A colour in ``rgb``, ``cmyk`` or ``grey``, by the device formulas of ISO 32000-1, 10.3 (no colour profile).

    Black ink takes the whole grey part of a CMYK colour, so that black text is one ink and stays sharp in print.
    """
    kind, *parts = value
    if kind == space:
        return tuple(parts)
    if kind == "cmyk":
        *inks, black = parts
        rgb = [1 - min(1.0, ink + black) for ink in inks]
    else:
        rgb = parts * 3 if kind == "grey" else parts
    if space == "rgb":
        return tuple(rgb)
    if space == "grey":
        return (0.3 * rgb[0] + 0.59 * rgb[1] + 0.11 * rgb[2],)
    black = 1 - max(rgb)
    return (*((1 - v - black) / (1 - black) if black < 1 else 0.0 for v in rgb), black)


def pixels(content: bytes, width_px: int, height_px: int) -> Image:
    """The first page of a PDF as an RGB picture of exactly that size on white."""
    from PIL import Image

    # The package has no types, so it is loaded as what it is: anything.
    pypdfium2: Any = import_module("pypdfium2")
    raw = pypdfium2.raw

    document = pypdfium2.PdfDocument(content)
    try:
        page = document[0]
        bitmap = pypdfium2.PdfBitmap.new_native(width_px, height_px, raw.FPDFBitmap_BGR)
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, width_px, height_px)
        raw.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width_px, height_px, 0, 0)
        made = Image.frombuffer(
            "RGB", (width_px, height_px), bytes(bitmap.buffer), "raw", "BGR", bitmap.stride, 1
        )
        bitmap.close()
        page.close()
    finally:
        document.close()
    return made


def mode(picture: Image, space: str) -> Image:
    """A picture in ``rgb``, ``grey`` or ``cmyk`` without an alpha channel (what was transparent lies on white)."""
    from PIL import Image

    if picture.has_transparency_data:
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture.convert("RGBA"))
    if space == "grey":
        return picture.convert("L")
    rgb = picture.convert("RGB")
    return _inks(rgb) if space == "cmyk" else rgb


def _inks(rgb: Image) -> Image:
    """CMYK by the formulas of ``in_space``: the grey part is black ink alone."""
    import numpy as np
    from PIL import Image

    made = np.empty((rgb.height, rgb.width, 4), np.uint8)
    seen = np.asarray(rgb)
    for top in range(0, rgb.height, 256):
        rows = seen[top : top + 256].astype(np.float32)
        most = rows.max(axis=2, keepdims=True)
        made[top : top + 256, :, :3] = np.rint(255 * (most - rows) / np.maximum(most, 1))
        made[top : top + 256, :, 3:] = 255 - most
    return Image.fromarray(made, "CMYK")
