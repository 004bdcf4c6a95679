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
FORMAT = "1"


class Fingerprints:
    """Digests of modules, notebooks and files, remembered between builds by file size and time of change.

    ``package`` is the folder of the package; ``memory`` a JSON file that may be deleted at any time.
    """

    def __init__(self, package: Path, memory: Path | None = None) -> None:
        self.package = package
        self._memory_path = memory
        self._memory: dict[str, Any] = {}
        self._changed = False
        if memory is not None:
            try:
                self._memory = canonical.read_json(memory)
            except (OSError, ValueError):
                self._memory = {}
        self._closures: dict[str, dict[str, str]] = {}

    def save(self) -> None:
        """Keep the memory for the next build, if anything new was learnt."""
        if self._changed and self._memory_path is not None:
            canonical.write_json(self._memory_path, self._memory)
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
                path = self._module_path(module)
                if path is None:
                    raise FileNotFoundError(f"no module {module} in {self.package}")
                record = self._of_source(path, module)
                found[module] = record["digest"]
                waiting += [m for m in record["imports"] if m not in found]
            self._closures[name] = dict(sorted(found.items()))
        return self._closures[name]

    def notebook(self, path: Path) -> dict[str, str]:
        """Digest of a notebook's text and of every first-party module that its code imports."""
        record = self._of_notebook(path)
        found = {path.name: record["digest"]}
        for module in record["imports"]:
            found |= self.modules(module)
        return dict(sorted(found.items()))

    def files(self, paths: Iterable[Path]) -> dict[str, str]:
        """SHA-256 of the bytes of each file, by file name (by the last two parts where names repeat)."""
        found: dict[str, str] = {}
        for path in sorted(paths):
            key = path.name if path.name not in found else "/".join(path.parts[-2:])
            found[key] = self._remember(path, lambda p: {"digest": canonical.file_digest(p)})["digest"]
        return found

    def _remember(self, path: Path, make: Any, kind: str = "file") -> dict[str, Any]:
        stat = path.stat()
        key = f"{kind}:{path}"
        stamp = [FORMAT, stat.st_size, stat.st_mtime_ns]
        known = self._memory.get(key)
        if known and known["stamp"] == stamp:
            remembered: dict[str, Any] = known["record"]
            return remembered
        record: dict[str, Any] = make(path)
        self._memory[key] = {"stamp": stamp, "record": record}
        self._changed = True
        return record

    def _of_source(self, path: Path, module: str) -> dict[str, Any]:
        def make(p: Path) -> dict[str, Any]:
            tree = ast.parse(p.read_bytes(), str(p))
            imports = self._imports(tree, module, is_package=p.name == "__init__.py")
            return {"digest": tree_digest(tree), "imports": imports}

        return self._remember(path, make, "module")

    def _of_notebook(self, path: Path) -> dict[str, Any]:
        def make(p: Path) -> dict[str, Any]:
            text = p.read_text(encoding="utf-8").replace("\r\n", "\n")
            tree = ast.parse(text, str(p))
            digest = hashlib.sha256(text.encode()).hexdigest()
            return {"digest": digest, "imports": self._imports(tree, "", is_package=False)}

        return self._remember(path, make, "notebook")

    def _imports(self, tree: ast.AST, module: str, *, is_package: bool) -> list[str]:
        """First-party modules named by import statements anywhere in the tree, parents included."""
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
                named.add(base)
                named |= {f"{base}.{alias.name}" for alias in node.names}
        found: set[str] = set()
        for name in named:
            if name != PACKAGE and not name.startswith(PACKAGE + "."):
                continue
            parts = name.split(".")
            for n in range(1, len(parts) + 1):
                candidate = ".".join(parts[:n])
                if self._module_path(candidate) is not None:
                    found.add(candidate)
        return sorted(found)

    def _module_path(self, module: str) -> Path | None:
        parts = module.split(".")
        if parts[0] != PACKAGE:
            return None
        base = self.package.joinpath(*parts[1:])
        if base.is_dir() and (base / "__init__.py").is_file():
            return base / "__init__.py"
        source = base.with_suffix(".py") if len(parts) > 1 else None
        return source if source is not None and source.is_file() else None


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
