"""ISO 19005-2, level B: colours, pictures, transparency, annotations, forms and actions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from pypdf.generic import StreamObject

from livingreview.submission.pdf_file_rules import profile_space
from livingreview.submission.pdf_objects import Content, Objects, Part, get, inherited, listed

_DEVICE = {"/DeviceGray": "grey", "/DeviceRGB": "RGB", "/DeviceCMYK": "CMYK", "/G": "grey", "/RGB": "RGB", "/CMYK": "CMYK"}  # fmt: skip
_DEFAULTS = {"grey": "/DefaultGray", "RGB": "/DefaultRGB", "CMYK": "/DefaultCMYK"}
_OPERATORS = {
    b"g": "grey",
    b"G": "grey",
    b"rg": "RGB",
    b"RG": "RGB",
    b"k": "CMYK",
    b"K": "CMYK",
}
_PAINT = re.compile(rb"(?<=[\d.]\s)(rg|RG|[gGkK])(?=\s)")
_SPACE = re.compile(rb"/([^\s/<>\[\](){}%]+)\s+(?:cs|CS)(?=\s)")
_INTENT = re.compile(rb"/([^\s/<>\[\](){}%]+)\s+ri(?=\s)")
_INLINE_SPACE = re.compile(rb"/(?:CS|ColorSpace)\s*/(\w+)")
_INLINE_INTERPOLATE = re.compile(rb"/(?:I|Interpolate)\s+true\b")
_INTENTS = ("/RelativeColorimetric", "/AbsoluteColorimetric", "/Perceptual", "/Saturation")
_BLENDS = (
    *("/Normal", "/Compatible", "/Multiply", "/Screen", "/Overlay", "/Darken", "/Lighten", "/ColorDodge"),
    *("/ColorBurn", "/HardLight", "/SoftLight", "/Difference", "/Exclusion", "/Hue", "/Saturation"),
    *("/Color", "/Luminosity"),
)
_ACTIONS = ("/GoTo", "/GoToR", "/GoToE", "/Thread", "/URI", "/Named", "/SubmitForm")
_FORBIDDEN = (
    *("/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/Hide", "/SetOCGState", "/Rendition"),
    *("/Trans", "/GoTo3DView", "/JavaScript"),
)
_NAMED = ("/NextPage", "/PrevPage", "/FirstPage", "/LastPage")
_NO_NOTES = ("/3D", "/Sound", "/Screen", "/Movie")
_INVISIBLE, _HIDDEN, _PRINT, _NO_VIEW, _TOGGLE = 1, 2, 4, 32, 256
_JPX_METHODS = (1, 2, 3)


def problems(pdf: Objects) -> Iterator[tuple[str, str]]:
    """Clause and what is against it."""
    yield from _colours(pdf)
    for part in pdf.untagged:
        yield from _states(part)
        yield from _drawn(part)
        yield from _actions(part)
    yield from _transparency(pdf)
    for content in pdf.contents:
        for found in _INTENT.finditer(content.operators):
            if f"/{found[1].decode('latin-1')}" not in _INTENTS:
                yield "6.2.6", f"{content.place}: a rendering intent that there is not"
        if any(_INLINE_INTERPOLATE.search(inline) for inline in content.inline):
            yield "6.2.8.1", f"{content.place}: an inline picture is interpolated"
    for page in pdf.pages:
        for note in listed(get(page, "/Annots")):
            yield from _note(note)
        if get(page, "/AA") is not None:
            yield "6.5.2", "a page with actions of its own (/AA)"
    if get(pdf.root, "/AA") is not None:
        yield "6.5.2", "a document with actions of its own (/AA)"
    yield from _forms(pdf)


def _colours(pdf: Objects) -> Iterator[tuple[str, str]]:
    """Colours of a device stand in its own space: the one of the output intent, or of a default of the resources."""
    intents = [i for i in listed(get(pdf.root, "/OutputIntents")) if get(i, "/S") == "/GTS_PDFA1"]
    space = profile_space(intents[0]) if intents else b""
    allowed = {b"RGB ": {"RGB", "grey"}, b"CMYK": {"CMYK", "grey"}, b"GRAY": {"grey"}}.get(space, set())
    places: dict[str, str] = {}
    for content in pdf.contents:
        for kind in _content_spaces(content):
            if get(content.resources, "/ColorSpace", _DEFAULTS[kind]) is None:
                places.setdefault(kind, content.place)
    masks = {id(get(part.value, "/SMask")) for part in pdf.untagged if get(part.value, "/SMask") is not None}
    for part in pdf.untagged:
        if id(part.value) in masks or get(part.value, "/Type") == "/Group":
            continue
        named = get(part.value, "/ColorSpace")
        if isinstance(named, dict):  # of resources
            continue
        if named is not None and (kind := _space(named)):
            places.setdefault(kind, str(part))
    for kind, place in sorted(places.items()):
        if kind not in allowed:
            yield (
                "6.2.4.3",
                f"{place}: {kind} colours of a device without an output intent or default for them",
            )
    for part in pdf.untagged:
        count = get(part.value, "/N")
        if part.key == "/ColorSpace" and isinstance(part.value, StreamObject) and count is not None:
            space = part.value.get_data()[16:20]
            if count != {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4, b"Lab ": 3}.get(space):
                yield "6.2.4.2", f"{part}: an ICC profile whose colours are not those that it says"


def _content_spaces(content: Content) -> set[str]:
    found = {_OPERATORS[m] for m in set(_PAINT.findall(content.operators))}
    for name in set(_SPACE.findall(content.operators)):
        named = f"/{name.decode('latin-1')}"
        kind = _DEVICE.get(named, "") or _space(get(content.resources, "/ColorSpace", named))
        found |= {kind} if kind else set()
    for inline in content.inline:
        if space := _INLINE_SPACE.search(inline):
            kind = _DEVICE.get(f"/{space[1].decode('latin-1')}", "")
            found |= {kind} if kind else set()
    return found


def _space(space: Any) -> str:
    """The device whose colours a space has, ``""`` for none."""
    if isinstance(space, str):
        return _DEVICE.get(space, "")
    parts = listed(space)
    if not parts:
        return ""
    if parts[0] in ("/Indexed", "/I", "/Pattern") and len(parts) > 1:
        return _space(parts[1])
    if parts[0] in ("/Separation", "/DeviceN") and len(parts) > 2:
        return _space(parts[2])
    return _DEVICE.get(str(parts[0]), "") if len(parts) == 1 else ""


def _states(part: Part) -> Iterator[tuple[str, str]]:
    """Graphics states, named by the resources ``part``."""
    for state in (get(part.value, "/ExtGState") or {}).values():
        if get(state, "/TR") is not None:
            yield "6.2.5", f"{part}: a transfer function (/TR)"
        if get(state, "/TR2") not in (None, "/Default"):
            yield "6.2.5", f"{part}: a transfer function (/TR2)"
        if get(state, "/HTP") is not None:
            yield "6.2.5", f"{part}: an origin of halftones (/HTP)"
        halftone = get(state, "/HT")
        if isinstance(halftone, dict):
            if get(halftone, "/HalftoneType") not in (1, 5):
                yield "6.2.5", f"{part}: a halftone of a kind that is not allowed"
            if get(halftone, "/HalftoneName") is not None:
                yield "6.2.5", f"{part}: a halftone with a name"
        if get(state, "/RI") not in (None, *_INTENTS):
            yield "6.2.6", f"{part}: a rendering intent that there is not"
        if any(blend not in _BLENDS for blend in listed(get(state, "/BM"))):
            yield "6.2.10", f"{part}: a blend mode that there is not"


def _drawn(part: Part) -> Iterator[tuple[str, str]]:
    drawn, kind = part.value, get(part.value, "/Subtype")
    if not isinstance(drawn, StreamObject):
        return
    if kind == "/Image":
        if "/Alternates" in drawn:
            yield "6.2.8.1", f"{part}: a picture with alternates"
        if "/OPI" in drawn:
            yield "6.2.8.1", f"{part}: a picture that stands for another (/OPI)"
        if get(drawn, "/Intent") not in (None, *_INTENTS):
            yield "6.2.6", f"{part}: a rendering intent that there is not"
        if get(drawn, "/Interpolate"):
            yield "6.2.8.1", f"{part}: a picture is interpolated"
        if "/JPXDecode" in listed(get(drawn, "/Filter")):
            yield from _jpeg2000(part, drawn)
    elif kind == "/Form":
        if "/OPI" in drawn:
            yield "6.2.9", f"{part}: a form that stands for another (/OPI)"
        if "/PS" in drawn or get(drawn, "/Subtype2") == "/PS":
            yield "6.2.9", f"{part}: a form with PostScript"
        if "/Ref" in drawn:
            yield "6.2.9", f"{part}: a form from another file"
    elif kind == "/PS":
        yield "6.2.9", f"{part}: PostScript"


def _jpeg2000(part: Part, picture: Any) -> Iterator[tuple[str, str]]:
    """ISO 19005-2, 6.2.8.3: 1, 3 or 4 channels of 1 to 38 bits, all equal; one colour method that a PDF reader knows."""
    # Only the boxes before the code stream are looked at.
    data = bytes(picture._data).partition(b"jp2c")[0]
    place = data.find(b"ihdr")
    if place < 0:
        yield "6.2.8.3", f"{part}: a JPEG 2000 picture without a header"
        return
    header = data[place + 4 : place + 18]
    channels, bits = int.from_bytes(header[8:10], "big"), header[10]
    if channels not in (1, 3, 4):
        yield "6.2.8.3", f"{part}: a JPEG 2000 picture of {channels} channels"
    if bits == 0xFF or not 1 <= (bits & 0x7F) + 1 <= 38:
        yield "6.2.8.3", f"{part}: a JPEG 2000 picture whose channels differ in their bits, or have too many"
    methods = list(re.finditer(rb"colr(.)(.)(.)(.{4})?", data, re.S))
    if any(m[1][0] not in _JPX_METHODS or (m[1][0] == 1 and m[4] == b"\0\0\0\x13") for m in methods):
        yield "6.2.8.3", f"{part}: a JPEG 2000 picture with colours of a kind that is not allowed"
    if len(methods) > 1 and sum(m[3] == b"\1" for m in methods) != 1:
        yield (
            "6.2.8.3",
            f"{part}: a JPEG 2000 picture with several colour spaces, not one of which goes first",
        )


def _transparency(pdf: Objects) -> Iterator[tuple[str, str]]:
    """Without an output intent, a page with transparency says in which space it mixes colours."""
    if any(get(i, "/S") == "/GTS_PDFA1" for i in listed(get(pdf.root, "/OutputIntents"))):
        return
    for number, page in enumerate(pdf.pages, 1):
        if get(page, "/Group", "/CS") is None and _transparent(inherited(page, "/Resources"), 0):
            yield "6.2.10", f"page {number}: transparency without a colour space to mix in"


def _transparent(resources: Any, depth: int) -> bool:
    if depth > 12:
        return False
    for state in (get(resources, "/ExtGState") or {}).values():
        opaque = all(get(state, key) in (None, 1) for key in ("/ca", "/CA"))
        plain = all(b in ("/Normal", "/Compatible") for b in listed(get(state, "/BM")))
        if not opaque or not plain or get(state, "/SMask") not in (None, "/None"):
            return True
    for drawn in (get(resources, "/XObject") or {}).values():
        if get(drawn, "/SMask") is not None or get(drawn, "/Group", "/S") == "/Transparency":
            return True
        if _transparent(get(drawn, "/Resources"), depth + 1):
            return True
    return False


def _actions(part: Part) -> Iterator[tuple[str, str]]:
    kind = get(part.value, "/S")
    if not isinstance(kind, str):
        return
    meant = part.key in ("/A", "/OpenAction", "/Next") or get(part.value, "/Type") == "/Action"
    if kind in _FORBIDDEN or (meant and kind not in _ACTIONS):
        yield "6.5.1", f"{part}: an action that is not allowed ({kind.lstrip('/')})"
    if meant and kind == "/Named" and get(part.value, "/N") not in _NAMED:
        yield "6.5.1", f"{part}: a named action that is not allowed"


def _note(note: Any) -> Iterator[tuple[str, str]]:
    kind = str(get(note, "/Subtype") or "")
    name = f"an annotation ({kind.lstrip('/')})"
    if kind in _NO_NOTES or not kind:
        yield "6.3.1", f"{name} of a kind that is not allowed"
    if kind == "/Popup":
        return
    flags = get(note, "/F")
    if not isinstance(flags, int):
        yield "6.3.2", f"{name} without flags"
    elif not flags & _PRINT or flags & (_INVISIBLE | _HIDDEN | _NO_VIEW | _TOGGLE):
        yield "6.3.2", f"{name} that is hidden or is not printed"
    box = [float(v) for v in listed(get(note, "/Rect"))]
    empty = len(box) == 4 and box[0] == box[2] and box[1] == box[3]
    appearance = get(note, "/AP")
    if appearance is None and kind != "/Link" and not empty:
        yield "6.3.3", f"{name} without an appearance"
    if appearance is not None and set(appearance) != {"/N"}:
        yield "6.3.3", f"{name} with appearances beside the normal one"
    if kind == "/Widget" and ("/A" in note or "/AA" in note):
        yield "6.4.1", "a field with actions"


def _forms(pdf: Objects) -> Iterator[tuple[str, str]]:
    form = get(pdf.root, "/AcroForm")
    if get(form, "/NeedAppearances"):
        yield "6.4.1", "a form whose fields are drawn by the reader's program"
    if get(form, "/XFA") is not None:
        yield "6.4.2", "a form in XFA"
    if get(pdf.root, "/NeedsRendering"):
        yield "6.4.2", "the document is drawn by the reader's program"
    counted: dict[int, int] = defaultdict(int)
    waiting = listed(get(form, "/Fields"))
    while waiting:
        entry = waiting.pop()
        counted[id(entry)] += 1
        if counted[id(entry)] > 1:
            continue
        if get(entry, "/AA") is not None and get(entry, "/Subtype") != "/Widget":
            yield "6.4.1", "a field with actions"
        waiting += listed(get(entry, "/Kids"))
