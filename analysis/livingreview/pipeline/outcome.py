"""What the workflow engine reported of this build, for the receipt."""

from __future__ import annotations

errors: list[str] = []
interrupted: bool = False
