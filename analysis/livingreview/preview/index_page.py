"""One page of HTML with the pictures of all pages; it needs no network and no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --paper: #eef1f4; --quiet: #5b6675; --bad: #9b2c2c; --odd: #8a5200; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ecf0; --paper: #1b2027; --quiet: #9aa6b2; --bad: #ff9b9b; --odd: #ffc46b; }
}
body { margin: 0 auto; max-width: 110rem; padding: 1.5rem; font: 1rem/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
a { color: inherit; }
h1 { font-size: 1.4rem; }
h2 { font-size: 1.1rem; margin: 2.2rem 0 0.6rem; }
h2 small, figcaption, p { color: var(--quiet); font-weight: normal; }
ol.pages { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: 1.2rem; list-style: none; padding: 0; align-items: end; }
figure { margin: 0; }
img { width: 100%; height: auto; background: #fff; box-shadow: 0 1px 4px rgb(0 0 0 / 35%); }
.bad img { outline: 3px solid var(--bad); }
.odd img { outline: 2px dashed var(--odd); }
a:focus-visible img { outline: 3px solid currentColor; outline-offset: 3px; }
figcaption { font-size: 0.85rem; margin-top: 0.35rem; }
figcaption strong { display: block; font-weight: 500; color: var(--bad); }
.odd figcaption strong { color: var(--odd); }
"""


@dataclass(frozen=True, slots=True)
class Document:
    """A document with its pictures (addresses and sizes in pixels), and what was found on its pages: page, whether it is a warning, words."""

    name: str
    file: str
    pictures: tuple[str, ...]
    sizes: tuple[tuple[int, int], ...]
    found: tuple[tuple[int, bool, str], ...]


def page(title: str, documents: Sequence[Document]) -> str:
    """The page as HTML."""
    contents = "\n".join(
        f'<li><a href="#{escape(_anchor(d))}">{escape(d.name)}</a>: {_pages(len(d.pictures))}{_count(d)}</li>'
        for d in documents
    )
    sections = "\n".join(_section(d) for d in documents)
    heading = escape(title)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Pages of {heading}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{_STYLE}</style>\n</head>\n'
        f'<body>\n<main>\n<h1>Pages of {heading}</h1>\n<nav aria-label="Documents"><ul>\n{contents}\n</ul></nav>\n'
        f"{sections}\n</main>\n</body>\n</html>\n"
    )


def _section(document: Document) -> str:
    pages = "\n".join(_page(document, n) for n in range(1, len(document.pictures) + 1))
    return (
        f'<section id="{escape(_anchor(document))}">\n<h2>{escape(document.name)} '
        f"<small>{escape(document.file)}, {_pages(len(document.pictures))}{_count(document)}</small></h2>\n"
        f'<ol class="pages">\n{pages}\n</ol>\n</section>'
    )


def _page(document: Document, number: int) -> str:
    address = quote(document.pictures[number - 1])
    width, height = document.sizes[number - 1]
    found = [(warning, words) for page, warning, words in document.found if page == number]
    kind = "bad" if any(not w for w, _ in found) else "odd" if found else ""
    words = "".join(f"<strong>{escape(text)}</strong>" for _, text in found)
    alt = escape(f"{document.name}, page {number} of {len(document.pictures)}")
    return (
        f'<li{f" class={kind!r}" if kind else ""}><figure><a href="{address}">'
        f'<img src="{address}" alt="{alt}" width="{width}" height="{height}" loading="lazy"></a>'
        f"<figcaption>Page {number}{words}</figcaption></figure></li>"
    )


def _anchor(document: Document) -> str:
    return f"document-{document.name}"


def _pages(count: int) -> str:
    return f"{count} page{'' if count == 1 else 's'}"


def _count(document: Document) -> str:
    return f", {len(document.found)} found" if document.found else ""
