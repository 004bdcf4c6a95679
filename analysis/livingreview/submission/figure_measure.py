"""What a figure's file really is: its size, resolution, colour mode, fonts, lines and metadata, read from the file itself.

Nothing is judged here. Tags of TIFF: TIFF 6.0 (Adobe, 1992); chunks of PNG: its third edition (W3C).
"""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from livingreview.errors import Problem, ReviewError
from livingreview.submission import figure_content, figure_pdf
from livingreview.submission.figure_content import Drawing

_MODES = {
    "1": "bilevel",
    "L": "grey",
    "LA": "grey",
    "P": "palette",
    "RGB": "rgb",
    "RGBA": "rgb",
    "CMYK": "cmyk",
}
_COMPRESSION = {"raw": "none", "tiff_lzw": "lzw", "tiff_adobe_deflate": "zip", "tiff_deflate": "zip"}
_ALPHA = frozenset(("LA", "RGBA", "PA", "La", "RGBa"))
_MM = 25.4
_SETS = {"cmyk": "setcmykcolor", "grey": "setgray", "rgb": "setrgbcolor"}
_ABOUT = frozenset(("Title", "Creator", "CreationDate", "For", "Author", "Copyright", "Routing"))
_EXTRA_SAMPLES = 338
# Tags of TIFF that hold words about the picture, and those of Exif and XMP as a whole.
_WORDS = {
    269: "DocumentName",
    270: "ImageDescription",
    271: "Make",
    272: "Model",
    285: "PageName",
    305: "Software",
    306: "DateTime",
    315: "Artist",
    316: "HostComputer",
    700: "XMP",
    33432: "Copyright",
    33723: "IPTC",
    34665: "Exif",
    34853: "GPS",
}


@dataclass(frozen=True, slots=True)
class FigureFile:
    """One file of a figure, as measured in it.

    Sizes in millimetres as printed; pixels and resolution (dots per inch) are None for vectors, and so are sizes in
    print for pixels that do not say their resolution. ``mode`` is bilevel, grey, rgb, cmyk, palette or, for vectors,
    the colour spaces drawn in, joined by ``+``. ``pages`` counts pages or layers: a flattened picture has one.
    ``drawing`` is what a vector file draws. ``metadata`` has every word in the file that is about the file.
    """

    name: str
    format: str
    bytes: int
    sha256: str
    width_mm: float | None
    height_mm: float | None
    width_px: int | None = None
    height_px: int | None = None
    dpi: tuple[float, float] | None = None
    mode: str = ""
    bits: int | None = None
    compression: str | None = None
    alpha: bool = False
    pages: int = 1
    drawing: Drawing | None = None
    metadata: tuple[tuple[str, str], ...] = ()

    @property
    def fonts_embedded(self) -> bool | None:
        """Whether every font is in the file; None for pixels, which have no fonts."""
        return None if self.drawing is None else all(font.embedded for font in self.drawing.fonts)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        made = asdict(self)
        made["dpi"] = None if self.dpi is None else list(self.dpi)
        made["drawing"] = None if self.drawing is None else self.drawing.to_json()
        made["metadata"] = dict(self.metadata)
        made["fonts_embedded"] = self.fonts_embedded
        return made


def measure(path: Path) -> FigureFile:
    """Measure a PDF, EPS, TIFF, PNG or JPEG. Raises ReviewError when the file is missing or is none of these."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ReviewError(Problem("the file of a figure is missing", file=path.name)) from error
    try:
        if content.startswith(b"%PDF-"):
            return _pdf(path.name, content)
        return _eps(path.name, content) if content.startswith(b"%!PS-Adobe") else _pixels(path.name, content)
    except ValueError as error:
        raise ReviewError(
            Problem(f"the file of a figure {error}", file=path.name, allowed="PDF, EPS, TIFF, PNG or JPEG")
        ) from error


def _pdf(name: str, content: bytes) -> FigureFile:
    page, pages = figure_pdf.page_of(content)
    _, _, width, height = figure_pdf.box(page)
    drawing = figure_content.read(figure_pdf.part(page))
    return FigureFile(
        name,
        "pdf",
        len(content),
        hashlib.sha256(content).hexdigest(),
        round(width / figure_pdf.POINTS_PER_MM, 3),
        round(height / figure_pdf.POINTS_PER_MM, 3),
        mode="+".join(drawing.spaces),
        alpha=drawing.transparent,
        pages=pages,
        drawing=drawing,
        metadata=_words_of_pdf(page.pdf),
    )


def _eps(name: str, content: bytes) -> FigureFile:
    """An EPS by its comments (Document Structuring Conventions 3.0) and the colour operators in it; letters are not looked for."""
    text = content.decode("latin-1")
    comments = dict(re.findall(r"^%%(\w+): *(.*)$", text, re.MULTILINE))
    box = (comments.get("HiResBoundingBox") or comments.get("BoundingBox", "")).split()
    if len(box) != 4:
        raise ValueError("does not say how large it is")
    left, bottom, right, top = (float(v) for v in box)
    spaces = [space for space, word in _SETS.items() if re.search(rf"\b{word}\b", text)]
    return FigureFile(
        name,
        "eps",
        len(content),
        hashlib.sha256(content).hexdigest(),
        round((right - left) / figure_pdf.POINTS_PER_MM, 3),
        round((top - bottom) / figure_pdf.POINTS_PER_MM, 3),
        mode="+".join(spaces),
        metadata=tuple(sorted((key, said) for key, said in comments.items() if key in _ABOUT)),
    )


def _words_of_pdf(reader: Any) -> tuple[tuple[str, str], ...]:
    found = {key.lstrip("/"): str(value) for key, value in (reader.metadata or {}).items()}
    holders = [("XMP", reader.trailer["/Root"]), ("XMP of the page", reader.pages[0])]
    for title, holder in holders:
        if (stream := holder.get_object().get("/Metadata")) is not None:
            found[title] = stream.get_object().get_data().decode("utf-8", "replace")
    return tuple(sorted(found.items()))


def _pixels(name: str, content: bytes) -> FigureFile:
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            # A page at 1200 dpi has more pixels than Pillow expects of a picture; none is decoded here.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError) as error:
        raise ValueError("cannot be read as a picture") from error
    tags: dict[int, Any] = dict(getattr(picture, "tag_v2", {}))
    dpi = picture.info.get("dpi")
    # PNG counts pixels a metre in whole numbers; without a unit the numbers are only a ratio.
    dpi = None if not dpi or not all(dpi) else (round(float(dpi[0]), 2), round(float(dpi[1]), 2))
    if picture.format == "TIFF" and (282 not in tags or tags.get(296, 2) not in (2, 3)):
        dpi = None
    width, height = picture.size
    bits = tags.get(258, (8,))
    bits = bits[0] if isinstance(bits, tuple) else bits
    return FigureFile(
        name,
        str(picture.format).lower(),
        len(content),
        hashlib.sha256(content).hexdigest(),
        None if dpi is None else round(width / dpi[0] * _MM, 3),
        None if dpi is None else round(height / dpi[1] * _MM, 3),
        width_px=width,
        height_px=height,
        dpi=dpi,
        mode=_MODES.get(picture.mode, picture.mode),
        bits=1 if picture.mode == "1" else int(bits),
        compression=_compression(picture),
        alpha=picture.mode in _ALPHA or "transparency" in picture.info or bool(tags.get(_EXTRA_SAMPLES)),
        pages=int(getattr(picture, "n_frames", 1)),
        metadata=_words(picture, tags),
    )


def _compression(picture: Any) -> str:
    if picture.format == "TIFF":
        said = str(picture.info.get("compression", "raw"))
        return _COMPRESSION.get(said, said)
    return {"PNG": "zip", "JPEG": "jpeg"}.get(str(picture.format), "")


def _words(picture: Any, tags: dict[int, Any]) -> tuple[tuple[str, str], ...]:
    found = {title: str(tags[tag]) for tag, title in _WORDS.items() if tag in tags}
    kept = {
        **getattr(picture, "text", {}),
        **{k: v for k, v in picture.info.items() if k in ("comment", "exif", "xmp")},
    }
    found.update({str(key): str(value) for key, value in kept.items() if str(key).upper() not in found})
    return tuple(sorted(found.items()))
