"""YAML that remembers its lines: every value as it was typed, and where each one stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from livingreview.errors import Problem, ReviewError

Where = tuple[str | int, ...]
_NULLS = {"", "~", "null", "Null", "NULL"}
_MOST_VALUES = 100_000


@dataclass(slots=True)
class Source:
    """A YAML document: ``data`` of dicts, lists, str and None; ``lines`` maps the path of a value to its line.

    Scalars stay text as typed (``2026.10`` is not the number 2026.1, ``no`` is not False); the model that
    reads them decides what they are. ``problems`` holds keys that occur twice.
    """

    data: Any
    lines: dict[Where, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: Where) -> int:
        """Line of a value, or of the nearest thing around it that is there."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(path: Path, name: str) -> Source:
    """Read a YAML file; ``name`` is what the problems call it. Raises ReviewError when it is not YAML."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ReviewError(
            Problem(
                "the file is missing",
                file=name,
                suggestion="restore it, or check that this is the folder of a review",
            )
        ) from None
    except UnicodeDecodeError as error:
        raise ReviewError(
            Problem("the file is not UTF-8 text", file=name, suggestion="save it as UTF-8"),
        ) from error
    except OSError as error:
        raise ReviewError(Problem(f"the file cannot be read: {error.strerror}", file=name)) from error
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(("<<<<<<< ", ">>>>>>> ")):
            raise ReviewError(
                Problem(
                    "two versions of the file were put together by git and not sorted out (marks <<<<<<<, =======, >>>>>>>)",
                    file=name,
                    row=number,
                    value=line,
                    suggestion="keep the lines that are right and delete the three marks",
                )
            )
        if bad := re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", line):
            raise ReviewError(
                Problem(
                    "an invisible control character stands in this line",
                    file=name,
                    row=number,
                    value=line[max(0, bad.start() - 20) : bad.start()],
                    suggestion="type the line again; the character stands behind what is shown here",
                )
            )
    loader = yaml.CSafeLoader(text) if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = ": ".join(part for part in (error.context, error.problem) if part)
        raise ReviewError(
            Problem(
                f"not valid YAML: {said}",
                file=name,
                row=mark.line + 1 if mark else None,
                suggestion="check the indentation (spaces, no tabs), the colons and the quotes here and in the line above",
            )
        ) from error
    except yaml.YAMLError as error:
        raise ReviewError(Problem(f"not valid YAML: {error}", file=name)) from error
    except RecursionError:
        raise ReviewError(Problem("values are nested too deeply", file=name)) from None
    finally:
        loader.dispose()
    if node is None:
        raise ReviewError(Problem("the file is empty", file=name))
    source = Source(None)
    try:
        source.data = _build(node, (), source, name, [])
    except RecursionError:
        raise ReviewError(Problem("values are nested too deeply", file=name)) from None
    return source


def _build(node: yaml.Node, path: Where, source: Source, name: str, around: list[int]) -> Any:
    line = node.start_mark.line + 1
    source.lines.setdefault(path, line)
    if id(node) in around or len(source.lines) > _MOST_VALUES:
        raise ReviewError(Problem("an alias (*name) makes the document endless", file=name, row=line))
    if isinstance(node, yaml.ScalarNode):
        return None if not node.style and node.value in _NULLS else node.value
    around.append(id(node))
    try:
        if isinstance(node, yaml.SequenceNode):
            return [_build(item, (*path, i), source, name, around) for i, item in enumerate(node.value)]
        built: dict[str, Any] = {}
        first: dict[str, int] = {}
        for key_node, value_node in node.value:
            key_line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                source.problems.append(Problem("a key must be a single word", file=name, row=key_line))
                continue
            key = key_node.value
            if key in built:
                source.problems.append(
                    Problem(
                        f"the key `{key}` stands twice; it is already in line {first[key]}",
                        file=name,
                        row=key_line,
                    )
                )
                continue
            first[key] = key_line
            source.lines[(*path, key)] = key_line
            built[key] = _build(value_node, (*path, key), source, name, around)
        return built
    finally:
        around.pop()
