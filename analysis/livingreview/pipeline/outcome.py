"""What the workflow engine reported of this build, for the receipt."""

from __future__ import annotations

errors: list[str] = []
failed: list[str] = []
"""Names of steps that failed, also of those that had no time to note it themselves."""
interrupted: bool = False
