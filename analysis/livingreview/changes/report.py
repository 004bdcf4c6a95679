"""The change report as markdown, from the facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from livingreview.changes import marks, report_claims, report_published, report_words
from livingreview.claims import wording as w
from livingreview.publish.escape import markdown
from livingreview.tables.pipe import DASH, Column, Table

Facts = Mapping[str, Any]
STATES = {"holds": "Holds", "does_not_hold": "Does not hold", "cannot_be_judged": "Cannot be judged"}
LEVELS = {"none": "No alert", "information": "Information", "amber": "Amber", "red": "Red"}
NOTHING = "Nothing changed"
_CAME = {"": "", "not in the tables": "new in the tables"}


def title(facts: Facts) -> str:
    """What the report is called."""
    return f"What changed: from version {markdown(facts['before']['version'])} to {_after(facts)}"


def _after(facts: Facts) -> str:
    version = markdown(facts["after"]["version"])
    same = facts["after"]["version"] == facts["before"]["version"]
    return f"the present state of version {version}" if same else f"version {version}"


def report(facts: Facts, names: Mapping[str, str], figures: Sequence[str]) -> str:
    """The whole report below its title. ``names`` are print names of therapies by code (markdown), ``figures`` markdown of
    pictures that go with it."""
    parts = [marks.SETUP, *_brief(facts)]
    if facts["before"]["kind"] == "published":
        parts += [*report_published.side_by_side(facts), *_search(facts), *_conclusions(facts)]
        parts += ["# Timeline of the included studies", *figures] if figures else []
    elif not facts["unchanged"]:
        parts += [*_studies(facts), *_search(facts), *_conclusions(facts)]
        parts += ["# Estimates as studies are added", *figures] if figures else []
        parts += [*report_words.wording(facts), *report_claims.claims(facts, names)]
        parts += [*_certainty(facts), *_methods(facts)]
    return "\n\n".join(p for p in parts if p) + "\n"


def first(version: str) -> str:
    """The report of a version before which there is none."""
    return (
        f"This is the first version of the review ({markdown(version)}). There is no earlier version in the ledger, so "
        "there is nothing to compare it with.\n"
    )


def _versions(facts: Facts) -> str:
    before, after = facts["before"], facts["after"]
    text = f"Version {markdown(before['version'])} of {markdown(before['date'])}"
    text += (
        ", published and not recomputed,"
        if before["kind"] == "published"
        else f" (look {before['look']} at the data)"
    )
    text += f" is compared with {_after(facts)} of {markdown(after['date'])}"
    look = "" if after["look"] is None else f" (look {after['look']})"
    return f"{text}{look}."


def _brief(facts: Facts) -> list[str]:
    head = ["# In brief", _versions(facts)]
    if facts["before"]["kind"] == "published":
        return head + report_published.brief(facts)
    if facts["unchanged"]:
        return [
            *head,
            f"**{NOTHING}.** Data, protocol, claims, conclusions, wording, certainty and software are those of version "
            f"{markdown(facts['before']['version'])}.",
        ]
    studies, claims = facts["studies"], facts["claims"]
    flips = [c for c in facts["conclusions"] if c["flipped"]]
    alerts = [c["alert"]["level"] for c in facts["conclusions"] if c["alert"]]
    texts = [e for d in facts["wording"].values() for e in d.get("sentences", ())]
    included = next((b for b in facts["search"]["boxes"] if b["box"] == "included_studies"), None)
    lines = []
    if included and included["before"] is not None:
        lines.append(f"{w.studies(included['before'])} before, {w.studies(included['after'] or 0)} now")
    lines += [
        f"{w.counted(len(studies['added']), 'study', 'studies')} added, {len(studies['removed'])} removed"
        + (f" ({len(studies['retracted'])} retracted)" if studies["retracted"] else "")
        + f", {len(studies['corrected'])} corrected",
        f"{w.counted(len(claims['moved']), 'claim', 'claims')} of {w.integer(claims['now'])} moved",
        f"{w.counted(len(texts), 'sentence', 'sentences')} of the documents changed",
        f"{w.counted(len(flips), 'conclusion', 'conclusions')} changed state"
        + (f"; alerts: {_levels(alerts)}" if any(a != "none" for a in alerts) else "; no alert"),
    ]
    reopened = len(facts["certainty"]["reopened"])
    if reopened:
        lines.append(
            f"{w.counted(reopened, 'signed judgement', 'signed judgements')} on certainty open again"
        )
    bullets = [f"- {line[:1].upper()}{line[1:]}." for line in lines]
    return [*head, "\n".join(bullets), *(_flip(c, facts) for c in flips)]


def _levels(alerts: Iterable[str]) -> str:
    found = list(alerts)
    return w.listed(
        [
            f"{found.count(level)} {LEVELS[level].lower()}"
            for level in ("red", "amber", "information")
            if level in found
        ]
    )


def _flip(conclusion: Facts, facts: Facts) -> str:
    key = f"conclusions.{conclusion['id']}.state"
    moved = next((m for m in facts["claims"]["moved"] if m["key"] == key), None)
    why = ""
    if moved is not None and moved["due"]["parts"]:
        why = f" Due to {report_claims.due(moved)}"
        why += f": {marks.studies(moved['labels'])}." if moved["labels"] else "."
    before, after = (STATES.get(conclusion[side], DASH) for side in ("before", "after"))
    return (
        '::: {.callout-important title="A conclusion changed"}\n'
        f"**{markdown(conclusion['name'])}.** "
        f"{before} → {after.lower()}. {conclusion['sentence']}{why}\n:::"
    )


def _studies(facts: Facts) -> list[str]:
    studies = facts["studies"]
    parts = ["# Studies"]
    if not any(studies.values()):
        return [*parts, "No study was added, removed or corrected."]
    if studies["added"]:
        rows = [[markdown(s["label"]), _came(s.get("was", ""))] for s in studies["added"]]
        parts.append(_table("added", "Studies added to the syntheses.", [("Study", 3), ("Before", 3)], rows))
    gone = {s["id"]: s for s in [*studies["removed"], *studies["retracted"]]}
    if gone:
        rows = [[markdown(s["label"]), _words(s.get("now", "")), _left(s)] for s in gone.values()]
        columns: list[tuple[str, float]] = [("Study", 3), ("Now", 2), ("Why", 5)]
        parts.append(_table("removed", "Studies that left the syntheses.", columns, rows))
    corrected = {s["id"] for s in [*studies["corrected"], *studies["corrected_other"]]}
    corrected |= {s["id"] for s in studies["retracted"]}
    if rows := list(_fields(facts, corrected)):
        columns = [("Study", 2.2), ("Where", 2.2), ("Field", 2), ("Before", 3), ("After", 3)]
        parts.append(
            _table(
                "corrected",
                "Corrections, field by field. A row is named by its own key within the study.",
                columns,
                rows,
            )
        )
    others = [
        f"{w.counted(len(studies[kind]), 'other report', 'other reports')} {words}: {marks.studies([s['label'] for s in studies[kind]])}."
        for kind, words in (
            ("listed", "came into the tables without being included"),
            ("unlisted", "left the tables"),
        )
        if studies[kind]
    ]
    return [*parts, *(line[:1].upper() + line[1:] for line in others)]


def _came(was: str) -> str:
    return _CAME.get(was, f"in the tables as {_words(was)}")


def _words(code: str) -> str:
    return markdown(code.replace("_", " ")) or DASH


def _left(study: Facts) -> str:
    told = [study.get("notice", ""), study.get("date", ""), study.get("reason", "")]
    return markdown("; ".join(t for t in told if t)) or DASH


def _fields(facts: Facts, corrected: set[str]) -> Iterable[list[str]]:
    for row in facts["rows"]:
        if row["study"] not in corrected:
            continue
        where = markdown(" ".join(part for part in (row["table"].replace("_", " "), row["key"]) if part))
        if row["what"] != "changed":
            shown = "; ".join(
                f"{c['title']}: {c['after'] or c['before']}"
                for c in row["cells"]
                if c["column"] not in ("study_id",)
            )
            cell = markdown(shown)
            before, after = (DASH, cell) if row["what"] == "added" else (cell, DASH)
            yield [markdown(row["label"]), where, f"row {row['what']}", before, after]
            continue
        for cell in row["cells"]:
            yield [
                markdown(row["label"]),
                where,
                markdown(cell["title"]),
                markdown(cell["before"]) or "(empty)",
                markdown(cell["after"]) or "(empty)",
            ]


def _search(facts: Facts) -> list[str]:
    boxes = facts["search"]["boxes"]
    if not boxes:
        return []
    parts = ["# Search and selection"]
    if facts["before"]["kind"] == "published":
        rows = [[markdown(b["label"]), _count(b["after"])] for b in boxes]
        return [
            *parts,
            _table(
                "flow",
                "Flow of the present version.",
                [("Box of the flow", 6), (_head("after", facts), 2)],
                rows,
            ),
        ]
    changed = [b for b in boxes if b["before"] != b["after"]]
    if not changed:
        parts.append("No box of the flow changed.")
    else:
        rows = [
            [
                markdown(b["label"]),
                _count(b["before"]),
                _count(b["after"]),
                _difference(b["before"], b["after"]),
            ]
            for b in boxes
        ]
        columns = [
            ("Box of the flow", 6),
            (_head("before", facts), 2),
            (_head("after", facts), 2),
            ("Difference", 2),
        ]
        parts.append(
            _table("flow", "Records, reports and studies in the flow of both versions.", columns, rows)
        )
    for entry in facts["search"].get("records", ()):
        told = [
            f"{entry[kind]} rows {kind}" if entry[kind] != 1 else f"1 row {kind}"
            for kind in ("added", "removed", "changed")
            if entry[kind]
        ]
        if entry["decisions"]:
            told.append(f"{w.counted(entry['decisions'], 'decision', 'decisions')} changed")
        parts.append(f"- Table `{entry['table']}.csv`: {', '.join(told)}.")
    return parts


def _head(side: str, facts: Facts) -> str:
    if side == "after" and facts["before"]["version"] == facts["after"]["version"]:
        return "Now"
    return markdown(facts[side]["version"])


def _count(n: int | None) -> str:
    return DASH if n is None else w.integer(n)


def _difference(before: int | None, after: int | None) -> str:
    if before is None or after is None:
        return DASH
    return (
        "0"
        if before == after
        else f"{'+' if after > before else chr(0x2212)}{w.integer(abs(after - before))}"
    )


def _conclusions(facts: Facts) -> list[str]:
    found = facts["conclusions"]
    if not found:
        return []
    rows = [
        [
            markdown(c["name"]),
            STATES.get(c["before"], DASH),
            STATES.get(c["after"], "No longer declared"),
            LEVELS[c["alert"]["level"]] if c["alert"] else DASH,
            markdown("; ".join(c["alert"]["reasons"])) if c["alert"] and c["alert"]["reasons"] else DASH,
        ]
        for c in found
    ]
    columns = [("Conclusion", 3), ("Before", 2), ("Now", 2), ("Alert", 1.6), ("Why", 5)]
    look = facts["after"]["look"]
    caption = "Conclusions and alerts. An alert compares the present data with the earlier version"
    caption += (
        f"; this is look {look} at the data, and no error rate is spent over looks."
        if look is not None
        else "."
    )
    return ["# Conclusions and alerts", _table("conclusions", caption, columns, rows)]


def _certainty(facts: Facts) -> list[str]:
    found = facts["certainty"]
    parts = ["# Certainty of the evidence"]
    titles = {
        "reopened": "Signed judgements that are open again, because their inputs changed.",
        "signed": "Judgements signed since.",
        "changed": "Proposed judgements that changed.",
    }
    for kind, caption in titles.items():
        if found[kind]:
            rows = [
                [
                    markdown(c["therapy_name"]),
                    markdown(c["name"]),
                    markdown(c["domain_name"]),
                    markdown(c["was"]) or DASH,
                    markdown(c["text"]),
                ]
                for c in found[kind]
            ]
            columns = [("Therapy", 2.2), ("Outcome", 2.2), ("Domain", 2), ("Before", 3.2), ("Now", 3.2)]
            parts.append(_table(f"certainty-{kind}", caption, columns, rows))
    return parts if len(parts) > 1 else [*parts, "No judgement changed, and no signature is open again."]


def _methods(facts: Facts) -> list[str]:
    methods = facts["methods"]
    parts = ["# Methods and software"]
    for about, caption in (
        (False, "Fields of the protocol that changed."),
        (True, "What the protocol says of the version itself."),
    ):
        rows = [
            [f"`{p['path']}`", markdown(p["before"]) or "(not set)", markdown(p["after"]) or "(not set)"]
            for p in methods["protocol"]
            if p["about"] is about
        ]
        if rows:
            label = "version" if about else "protocol"
            parts.append(
                _table(label, caption, [("Field of review.yaml", 3), ("Before", 4), ("Now", 4)], rows)
            )
    if methods["software"]:
        rows = [
            [markdown(s["name"]), markdown(s["before"]) or DASH, markdown(s["after"]) or DASH]
            for s in methods["software"]
        ]
        parts.append(
            _table(
                "software",
                "Versions of software that changed.",
                [("Package", 3), ("Before", 3), ("Now", 3)],
                rows,
            )
        )
    if methods["code"]:
        parts.append(
            f"The code of these steps, or what it runs with, changed: {w.listed([markdown(c) for c in methods['code']])}."
        )
    for entry in facts["other_rows"]:
        told = [f"{entry[k]} {k}" for k in ("added", "removed", "changed") if entry[k]]
        parts.append(f"- Table {markdown(entry['table'].replace('_', ' '))}: rows {', '.join(told)}.")
    return parts if len(parts) > 1 else [*parts, "Neither the protocol nor the software changed."]


def _table(
    label: str, caption: str, columns: Sequence[tuple[str, float]], rows: Sequence[Sequence[str]]
) -> str:
    heads = [Column(head, width) for head, width in columns]
    return Table(f"changes-{label}", caption, heads, rows).markdown()
