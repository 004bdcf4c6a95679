"""The steps that make a package: one for each part, and one that puts them together."""

from __future__ import annotations

import importlib
from pathlib import Path

from livingreview.pipeline.layout import Layout
from livingreview.submission import package as packages
from livingreview.submission.package_code import plan_of
from livingreview.submission.parts import record
from livingreview.submission.parts.context import Context


def part(layout: Layout, package: str, name: str) -> list[Path]:
    """Make one part of a package and write its record; returns the paths of its files."""
    at = Context(plan_of(layout, package), name, Path(), layout.root)
    module = importlib.import_module(f"livingreview.submission.parts.{name}")
    return record.write(package, module.run(at))


def package(layout: Layout, name: str) -> list[Path]:
    """Put a package together; returns the paths of its files, the ZIP among them."""
    made = packages.write(plan_of(layout, name), Path(), layout.root)
    return [*made.files, made.zip]
