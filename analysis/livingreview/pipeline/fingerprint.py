"""Fingerprints: digests of what a step's code really says.

A module counts by its syntax tree without docstrings, together with every first-party module that it imports, so a
comment, a docstring or another formatting reruns nothing and a real edit reruns exactly its users. A notebook counts
by its full text (people read all of it) and by the modules that its cells import. Other files count by their bytes.
"""

from __future__ import annotations

import ast
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from livingreview import canonical

PACKAGE = "livingreview"
FORMAT = "2"


class Fingerprints:
    """Digests of modules, notebooks and files.

    ``package`` is the folder of the package. ``memory`` is a JSON file that may be deleted at any time: it keeps what a module's
    text says, by the SHA-256 of that text, so that it holds in another checkout too. An object looks at each file once.
    """

    def __init__(self, package: Path, memory: Path | None = None) -> None:
        self.package = package
        self._memory_path = memory
        self._memory: dict[str, Any] = {}
        self._changed = False
        if memory is not None:
            try:
                known = canonical.read_json(memory)
                self._memory = _readable(known["sources"]) if known["format"] == FORMAT else {}
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                self._memory = {}
        self._closures: dict[str, dict[str, str]] = {}
        self._digests: dict[Path, str] = {}
        self._notebooks: dict[Path, dict[str, str]] = {}
        self._modules: dict[str, Path] = {}

    def save(self) -> None:
        """Keep the memory for the next build, if anything new was learnt."""
        if self._changed and self._memory_path is not None:
            canonical.write_json(self._memory_path, {"format": FORMAT, "sources": self._memory})
            self._changed = False

    def modules(self, name: str) -> dict[str, str]:
        """Digest of a module and of every first-party module it reaches: ``{module name: SHA-256}``.

        Raises ``FileNotFoundError`` for a module that the package does not have.
        """
        if name not in self._closures:
            found: dict[str, str] = {}
            parts = name.split(".")
            # Importing a module runs its packages first.
            waiting = [".".join(parts[:n]) for n in range(1, len(parts) + 1)]
            while waiting:
                module = waiting.pop()
                if module in found:
                    continue
                path = self._paths().get(module)
                if path is None:
                    raise FileNotFoundError(f"no module {module} in {self.package}")
                record = self._record(path, module)
                found[module] = record["digest"]
                waiting += [m for m in self._first_party(record["names"]) if m not in found]
            self._closures[name] = dict(sorted(found.items()))
        return self._closures[name]

    def notebook(self, path: Path) -> dict[str, str]:
        """Digest of a notebook's text and of every first-party module that its code imports."""
        if path not in self._notebooks:
            text = path.read_bytes().replace(b"\r\n", b"\n")
            found = {path.name: hashlib.sha256(text).hexdigest()}
            for module in self._first_party(self._record(path, "")["names"]):
                found |= self.modules(module)
            self._notebooks[path] = dict(sorted(found.items()))
        return self._notebooks[path]

    def files(self, paths: Iterable[Path]) -> dict[str, str]:
        """SHA-256 of the bytes of each file, by file name (by the last two parts where names repeat)."""
        found: dict[str, str] = {}
        for path in sorted(paths):
            key = path.name if path.name not in found else "/".join(path.parts[-2:])
            found[key] = self._digest(path)
        return found

    def _digest(self, path: Path) -> str:
        if path not in self._digests:
            self._digests[path] = canonical.file_digest(path)
        return self._digests[path]

    def _record(self, path: Path, module: str) -> dict[str, Any]:
        """``digest`` of a source's syntax tree and all ``names`` that it imports, known or not."""
        package = path.name == "__init__.py"
        key, text = f"{module}.__init__" if package else module or path.name, self._digest(path)
        known: dict[str, Any] | None = self._memory.get(key)
        if known is None or known["text"] != text:
            tree = ast.parse(path.read_bytes(), str(path))
            names = sorted(_imported(tree, module, is_package=package))
            known = self._memory[key] = {"text": text, "digest": tree_digest(tree), "names": names}
            self._changed = True
        return known

    def _first_party(self, names: Iterable[str]) -> list[str]:
        """The modules of the package among imported names, with the packages that they lie in."""
        found: set[str] = set()
        for name in names:
            parts = name.split(".")
            found.update(".".join(parts[:n]) for n in range(1, len(parts) + 1))
        return sorted(found & self._paths().keys())

    def _paths(self) -> dict[str, Path]:
        """Source of every module of the package by its full name."""
        if not self._modules:
            for path in self.package.rglob("*.py"):
                parts = [PACKAGE, *path.relative_to(self.package).with_suffix("").parts]
                self._modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
        return self._modules


def _readable(sources: dict[str, Any]) -> dict[str, Any]:
    """The records that are what :meth:`Fingerprints._record` keeps; a file of any other content is as good as none."""
    return {
        key: found
        for key, found in sources.items()
        if isinstance(found, dict)
        and isinstance(found.get("text"), str)
        and isinstance(found.get("digest"), str)
        and isinstance(found.get("names"), list)
        and all(isinstance(name, str) for name in found["names"])
    }


def _imported(tree: ast.AST, module: str, *, is_package: bool) -> set[str]:
    """What import statements anywhere in the tree name of this package, whether it is there or not."""
    named: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = module.split(".")
                parts = parts[: len(parts) - node.level + (1 if is_package else 0)]
                base = ".".join([*parts, base]) if base else ".".join(parts)
            named |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return {name for name in named if name.split(".")[0] == PACKAGE}


def tree_digest(tree: ast.AST) -> str:
    """SHA-256 of a syntax tree without positions, comments and docstrings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body
            if (
                body
                and isinstance(body[0], ast.Expr)
                and isinstance(body[0].value, ast.Constant)
                and isinstance(body[0].value.value, str)
            ):
                body[0].value.value = ""
    return hashlib.sha256(ast.dump(tree, annotate_fields=False).encode()).hexdigest()


def combined(parts: dict[str, str]) -> str:
    """One short digest for a set of named digests (what a rule's ``params`` holds)."""
    return canonical.digest(parts)[:16]


def repository() -> Path:
    """The repository that holds this package (environment variable LIVINGREVIEW_ROOT wins)."""
    named = os.environ.get("LIVINGREVIEW_ROOT")
    return Path(named) if named else Path(__file__).resolve().parents[3]
