"""Calls of pandoc: one start reads the text once and writes several formats of it, through the filters of the project."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from importlib import metadata as packages
from pathlib import Path
from typing import Any

from livingreview.errors import Problem
from livingreview.publish.project import Project

# Pandoc only warns where a document must not be published.
_FATAL = re.compile(
    r"Citeproc: citation .* not found|Could not fetch resource|replacing image with|Could not find (?:image|data)"
    r"|Could not convert image|Duplicate (?:identifier|link reference|note)"
)
# Run by `pandoc lua`. The filters see the FORMAT that they see under `pandoc --lua-filter`, and in Quarto.
_SCRIPT = r"""
local function slurp(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  return text
end
local job = pandoc.json.decode(slurp(arg[1]), false)
local text = pandoc.read(slurp(job.text), "markdown")
local doc, done
for _, format in ipairs(job.formats) do
  if format.format ~= done then
    doc, done = text:clone(), format.format
    local env = setmetatable({ FORMAT = format.format }, { __index = _G })
    for _, filter in ipairs(job.filters) do doc = pandoc.utils.run_lua_filter(doc, filter, env) end
    if job.citeproc then doc = pandoc.utils.citeproc(doc) end
  end
  local options = { wrap_text = "wrap-none", html_math_method = "mathml", variables = format.variables,
    reference_doc = format.reference, table_of_contents = format.toc ~= nil, toc_depth = format.toc }
  if format.writer ~= "json" then
    local template = format.template and slurp(format.template) or pandoc.template.default(format.format)
    options.template = pandoc.template.compile(template, format.template)
  end
  local out = assert(io.open(format.output, "wb"))
  assert(out:write(pandoc.write(doc, format.writer, options)))
  assert(out:close())
end
"""


@dataclass(frozen=True, slots=True)
class Target:
    """One file that pandoc is to write.

    ``format`` is what the filters and templates call it, ``writer`` pandoc's writer with its extensions.
    """

    format: str
    writer: str
    output: Path
    template: Path | None = None
    reference: Path | None = None
    toc: int | None = None
    css: tuple[str, ...] = ()

    def described(self) -> dict[str, Any]:
        """The target as the script reads it."""
        paths = {"output": self.output, "template": self.template, "reference": self.reference}
        return {
            "format": self.format,
            "writer": self.writer,
            **{name: str(path) for name, path in paths.items() if path},
            **({"toc": self.toc} if self.toc else {}),
            "variables": {"css": list(self.css)} if self.css else {},
        }


@cache
def pandoc_path() -> str:
    """The pandoc program that the wheel brings (or the one found by pypandoc)."""
    try:
        files = packages.distribution("pypandoc_binary").locate_file("pypandoc/files/pandoc")
    except packages.PackageNotFoundError:
        files = None
    if files is not None and Path(str(files)).is_file():
        return str(files)
    import pypandoc  # type: ignore[import-untyped]

    return str(pypandoc.get_pandoc_path())


def write(
    project: Project,
    document: Path,
    text: Path,
    targets: list[Target],
    *,
    citeproc: bool,
    epoch: int,
    scratch: Path,
) -> list[Problem]:
    """Write every target from ``text`` (markdown with its metadata) and return what pandoc said about the document.

    Files are looked for beside ``document``; ``epoch`` (seconds since 1970) is the time that files may hold.
    """
    job = {
        "text": str(text),
        "filters": [str(path) for path in project.filters()],
        "citeproc": citeproc,
        "formats": [target.described() for target in targets],
    }
    stem = "-".join(target.format for target in targets)
    plan, script = scratch / f"{stem}.json", scratch / f"{stem}.lua"
    plan.write_text(json.dumps(job), encoding="utf-8")
    script.write_text(_SCRIPT, encoding="utf-8")
    done = subprocess.run(
        [pandoc_path(), "lua", str(script), str(plan)],
        capture_output=True,
        cwd=document.parent,
        env=_environment(epoch),
    )
    hidden = [scratch, scratch.parent, project.root.resolve()]
    return _heard(done, project.shown(document), [str(folder) + os.sep for folder in hidden], targets)


def convert(
    project: Project, document: Path, tree: dict[str, Any], target: Target, *, epoch: int, scratch: Path
) -> list[Problem]:
    """Write one file from a syntax tree, as it is: no filter runs. Returns what pandoc said.

    Files are looked for beside ``document``; ``epoch`` (seconds since 1970) is the time that files may hold.
    """
    source = scratch / f"{target.format}-tree.json"
    source.write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")
    command = [pandoc_path(), "--from=json", f"--to={target.writer}", f"--output={target.output}"]
    command += ["--standalone", "--wrap=none", "--mathml", *(f"--css={sheet}" for sheet in target.css)]
    if target.template:
        command.append(f"--template={target.template}")
    if target.reference:
        command.append(f"--reference-doc={target.reference}")
    done = subprocess.run(
        [*command, str(source)], capture_output=True, cwd=document.parent, env=_environment(epoch)
    )
    hidden = [scratch, scratch.parent, project.root.resolve()]
    return _heard(done, project.shown(document), [str(folder) + os.sep for folder in hidden], [target])


def _environment(epoch: int) -> dict[str, str]:
    kept = {
        k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "TMPDIR", "SYSTEMROOT", "TEMP", "TMP")
    }
    fixed = {"SOURCE_DATE_EPOCH": str(epoch), "TZ": "UTC", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}
    # Pandoc lives for seconds: with room for what is new (128 MB) it collects garbage less often, a tenth of its time.
    fixed["GHCRTS"] = "-A128m"
    return {**kept, **fixed}


def _heard(
    done: subprocess.CompletedProcess[bytes], shown: str, hidden: list[str], targets: list[Target]
) -> list[Problem]:
    said = done.stderr.decode("utf-8", "replace")
    for folder in hidden:
        said = said.replace(folder, "")
    problems = []
    for entry in re.split(r"\n(?=\[)", said.strip()):
        if entry.startswith(("[WARNING]", "[INFO]")):
            severity = "error" if _FATAL.search(entry) else "warning"
            problems.append(Problem(" ".join(entry.split("]", 1)[1].split()), shown, severity=severity))  # type: ignore[arg-type]
    if done.returncode:
        names = " and ".join(target.format for target in targets)
        problems.append(Problem(f"pandoc could not make {names}: {said.strip() or 'no message'}", shown))
    return problems
