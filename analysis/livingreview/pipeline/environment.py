"""environment.yml from requirements.lock, so that the two never disagree."""

from __future__ import annotations

import re
from pathlib import Path

from livingreview import canonical

PYTHON = "3.11"
QUARTO = "1.9"
HEAD = """\
# For conda users, and for platforms that requirements.lock is not made for (its hashes are those of Linux x86-64,
# Python 3.11). Written by `make lock` from requirements.lock: conda brings Python, Quarto and Jupyter for people,
# pip brings everything else in the locked versions.
#
#   conda env create --file environment.yml
#   conda activate livingreview
#   pip install --no-deps --no-build-isolation --editable .
#   snakemake rebuild
name: livingreview
channels:
  - conda-forge
dependencies:
  - python={python}
  - quarto={quarto}
  - jupyter
  - pip
  - pip:
"""


def locked(lock: Path) -> dict[str, str]:
    """Version of every package in a lock file, by name."""
    pins = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(pins)


def text(lock: Path) -> str:
    """The content of environment.yml for a lock file."""
    pins = [f"      - {name}=={version}\n" for name, version in sorted(locked(lock).items())]
    return HEAD.format(python=PYTHON, quarto=QUARTO) + "".join(pins)


if __name__ == "__main__":
    canonical.write_text("environment.yml", text(Path("requirements.lock")))
