"""``ARCHIVE.md``: what is in the archive, how to check it and how to rebuild the review from it."""

from __future__ import annotations

from livingreview.submission.archive.facts import DOI, Facts
from livingreview.submission.archive.members import FOLDER, Members

NAME = "ARCHIVE.md"
_TEXT = """\
# {title}

Version {version}, {day}. {status}.

{question}

This archive holds the data of the review, the code that computes it, the lock of every package that the code needs, and what the
build made of them.

## Check every file

In the folder where you unpacked the archive:

    sha256sum -c SHA256SUMS

Every line ends in `OK`. (On macOS: `shasum -a 256 -c SHA256SUMS`.) All files but `SHA256SUMS` itself are listed.

## Rebuild the review

You need Linux (x86-64), make and Python {python} with its `venv` module, and a connection to the Python package index for the first
run, which installs the packages of `requirements.lock`, each with its version and hash.

    make rebuild{argument}
    sha256sum -c SHA256SUMS

The first command runs every step anew, from the tables to the documents, and puts its results in the place of those that came with the
archive. The second one then compares the rebuilt files with the archived ones, byte by byte. `make check{argument}` looks at the tables
and the protocol only and writes nothing. If your `python3` is another version, name the right one: `make rebuild{argument} PYTHON=python3.11`.

## What is where

| place | what |
| --- | --- |
| `{prefix}review.yaml` | the protocol: question, eligibility, analyses, authors |
| `{prefix}data/raw/` | the tables as people filled them in; `{schema}` says what each column may hold |
| `{prefix}data/releases/` | earlier versions of the review, if there are any |
| `{prefix}manuscript/` | the text, without its numbers; `{prefix}manuscript/_output/` the documents |
| `{prefix}figures/` | the figures as SVG, PDF and PNG |
| `{prefix}build/notebooks/` | the executed notebooks: how every number was computed |
| `{prefix}build/claims/claims.json` | every number that the text can print, with the studies and the rows of the tables behind it |
| `{prefix}build/collect/results.json` | all results of all therapies |
| `analysis/`, `Snakefile`, `Makefile`, `profiles/` | the code |
| `requirements.lock` | every package with version and hash |
| `README.md` | how the code is used |
| `ro-crate-metadata.json` | this archive for machines: RO-Crate {crate} (Provenance Run Crate). For each step of the build what it read and wrote; for each number and figure the studies behind it |
| `CITATION.cff`, `codemeta.json` | how to cite the review and its code |

Records of a single build (when it ran, on what, how long each step took) and copies of figures and fonts that the engine of the
documents needs between two steps are left out; a rebuild makes them again.

## Licence

{licence}
{continued}"""


def text(facts: Facts, members: Members, crate: str) -> bytes:
    """Content of ``ARCHIVE.md``; ``crate`` is the version of RO-Crate."""
    protocol, code = facts.protocol, facts.code
    argument = f" REVIEW={FOLDER.rstrip('/')}" if members.prefix else ""
    own_schema = f"{members.prefix}data/schema/"
    has_own = any(name.startswith(own_schema) for name in members.sources)
    found = _TEXT.format(
        title=protocol.title,
        version=protocol.version,
        day=facts.day,
        status=protocol.status,
        question=protocol.question.text,
        python=code.python or "3.11",
        argument=argument,
        prefix=members.prefix,
        schema=own_schema if has_own else "data/schema/",
        crate=crate,
        licence=_licence(facts),
        continued=_continued(facts),
    )
    return found.encode("utf-8")


def _licence(facts: Facts) -> str:
    code = facts.code.licence
    told = f"The code: {code.title}, see `{code.file}`." if code else "No licence was given for the code."
    if facts.licence is None:
        return f"{told} No licence was given for the data and the text of the review."
    if code and facts.licence.file == code.file:
        return (
            f"{code.title}, see `{code.file}`: the one licence in the repository that this archive was made from. None was given apart "
            "for data and text."
        )
    return f"{told} Data and text of the review: {facts.licence.title}, see `{facts.licence.file}`."


def _continued(facts: Facts) -> str:
    earlier = facts.continued
    if earlier is None or not earlier.title:
        return ""
    where = f" {DOI}{earlier.doi}" if earlier.doi else ""
    return f"\n## What this review continues\n\n{', '.join(earlier.authors)}: {earlier.title}.{where}\n"
