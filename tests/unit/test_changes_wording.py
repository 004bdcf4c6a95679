"""Word-level comparison of documents: sentences in their context, rows, references, numbers of citations."""

from __future__ import annotations

from livingreview.changes.wording import aligned, compare, words
from livingreview.publish.snapshot import Passage


def para(text: str, kind: str = "paragraph", section: tuple[str, ...] = ("Results",)) -> Passage:
    return Passage(kind, section, text)


def rebuilt(pieces: list[list[str]], sign: str) -> str:
    """One of the two texts, from the pieces."""
    return "".join(text for s, text in pieces if s in ("=", sign))


def test_pieces_give_both_texts_back() -> None:
    before, after = (
        "There were 12 of 21 (57\u00a0%) responders.",
        "In all there were 13 of 22 (59\u00a0%) responders here.",
    )
    pieces = words(before, after)
    assert rebuilt(pieces, "-") == before
    assert rebuilt(pieces, "+") == after
    assert ["-", "57\u00a0%"] in pieces, "a percentage is one word with its sign"


def test_a_new_phrase_reads_as_one_insertion() -> None:
    assert words("It hurt.", "It hurt very much indeed.") == [
        ["=", "It hurt"],
        ["+", " very much indeed"],
        ["=", "."],
    ]
    assert words("same", "same") == [["=", "same"]]
    assert words("", "new") == [["+", "new"]]


def test_only_the_changed_sentence_is_told_with_its_neighbours() -> None:
    found = compare(
        [para("A was here. B has 3 cats. C is it.")],
        [para("A was here. B has 4 cats. C is it.")],
    )
    [entry] = found["sentences"]
    assert entry["pieces"] == [["=", "B has "], ["-", "3"], ["+", "4"], ["=", " cats."]]
    assert (entry["before_it"], entry["after_it"]) == ("A was here.", "C is it.")
    assert entry["section"] == ["Results"]
    assert entry["what"] == "changed"


def test_added_and_removed_passages_are_not_forced_into_pairs() -> None:
    found = compare(
        [para("Apples grow on trees."), para("We end here.")],
        [para("The committee met in Vienna."), para("We end here.")],
    )
    assert {e["what"] for e in found["sentences"]} == {"added", "removed"}


def test_renumbered_citations_are_counted_and_not_shown() -> None:
    found = compare([para("It was seen before [3, 5–7].")], [para("It was seen before [4, 6–8].")])
    assert found["sentences"] == []
    assert found["renumbered"] == 1


def test_rows_and_references_stand_apart() -> None:
    found = compare(
        [para("a | 1", "row"), para("1. Old paper.", "reference"), para("2. Kept.", "reference")],
        [para("a | 2", "row"), para("1. Kept.", "reference"), para("2. New paper.", "reference")],
    )
    assert [r["pieces"] for r in found["rows"]] == [[["=", "a | "], ["-", "1"], ["+", "2"]]]
    assert found["references"] == {"added": ["New paper."], "removed": ["Old paper."]}
    assert found["sentences"] == []


def test_a_reference_read_again_on_another_day_is_the_same() -> None:
    found = compare(
        [para("1. Old page. Accessed 22 Nov 2026", "reference")],
        [para("1. Old page. Accessed 20 May 2027", "reference")],
    )
    assert found["references"] == {"added": [], "removed": []}


def test_equal_documents_have_no_changes() -> None:
    text = [para("One sentence. And two."), para("x | y", "row")]
    assert compare(text, text) == {
        "sentences": [],
        "rows": [],
        "renumbered": 0,
        "references": {"added": [], "removed": []},
    }


def test_pairs_keep_the_order() -> None:
    pairs = list(aligned(["a b c", "d e f"], ["a b x", "d e y"], str, lambda a, b: float(a[0] == b[0])))
    assert pairs == [("a b c", "a b x"), ("d e f", "d e y")]
