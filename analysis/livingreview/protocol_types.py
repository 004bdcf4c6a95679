"""The kinds of value that stand in a protocol: dates, colours, codes, ORCID iDs, contributor roles."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from livingreview.nearest import did_you_mean

CREDIT_ROLES = (
    "Conceptualization",
    "Data curation",
    "Formal analysis",
    "Funding acquisition",
    "Investigation",
    "Methodology",
    "Project administration",
    "Resources",
    "Software",
    "Supervision",
    "Validation",
    "Visualization",
    "Writing – original draft",
    "Writing – review & editing",
)
"""The fourteen contributor roles of CRediT (ANSI/NISO Z39.104-2022)."""


def _day(value: Any) -> Any:
    # pydantic would also take seconds since 1970 and times of day for a date
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError("a date is written YYYY-MM-DD")
    return value


def _orcid(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    digits = value.removeprefix("https://orcid.org/").removeprefix("http://orcid.org/")
    if not re.fullmatch(r"(\d{4}-){3}\d{3}[\dX]", digits):
        raise ValueError("an ORCID iD is written 0000-0002-1825-0097")
    total = 0  # check digit by ISO 7064, MOD 11-2
    plain = digits.replace("-", "")
    for character in plain[:-1]:
        total = (total + int(character)) * 2
    expected = (12 - total % 11) % 11
    if plain[-1] != ("X" if expected == 10 else str(expected)):
        raise ValueError(
            "this is no ORCID iD: its check digit (the last one) does not fit, so a digit is mistyped"
        )
    return digits


def _inside(value: Any) -> Any:
    if isinstance(value, str) and (
        value.startswith("/") or ".." in value.split("/") or not re.fullmatch(r"[\w./ -]+", value)
    ):
        raise ValueError("must be a file inside the review's folder, such as manuscript/manuscript.qmd")
    return value


def _role(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    known = {_dashless(role): role for role in CREDIT_ROLES}
    if _dashless(value) not in known:
        hint = did_you_mean(value, CREDIT_ROLES)
        raise ValueError(f"no CRediT role{'; ' + hint if hint else ''} (roles: {', '.join(CREDIT_ROLES)})")
    return known[_dashless(value)]


def _dashless(role: str) -> str:
    return re.sub(r"\W+", " ", role.replace("&", "and")).casefold()


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$", to_lower=True)]
RelativeFile = Annotated[str, BeforeValidator(_inside)]
Day = Annotated[dt.date, BeforeValidator(_day)]
Orcid = Annotated[str, BeforeValidator(_orcid)]
Role = Annotated[str, BeforeValidator(_role)]
Labels = Annotated[dict[Code, Text], Field(min_length=1)]


class Model(BaseModel):
    """A part of the protocol: cannot be changed, knows all its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def pattern_words() -> dict[str, str]:
    """Each pattern of the types above, in words."""

    def pattern(annotated: Any) -> str:
        return str(annotated.__metadata__[0].pattern)

    return {
        pattern(Code): "small letters, digits and _, beginning with a letter",
        pattern(Name): "small letters, digits, _ and -",
        pattern(Colour): '#rrggbb, in quotes, such as "#0072b2"',
    }
