"""Passages of an article: they follow its headings and sentences and know where in the article they stand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markdown_it.token import Token

from core.languages import Language

if TYPE_CHECKING:
    from spacy.language import Language as Pipeline

MAX_PASSAGE = {
    "en": 600,
    "zh": 220,
}  # characters: about 120 words, well inside the encoder's 256 tokens
_ZH_SENTENCE = re.compile(r"[^。！？；!?]+[。！？；!?]?[”’」』）]*")
_markdown = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Piece:
    """Text of one passage, the headings above it, and the anchor of the nearest heading."""

    text: str
    heading_path: str
    anchor: str


def passages_of(title: str, body: str, language: Language) -> list[Piece]:
    """Passages of a Markdown body in reading order; empty for an empty body."""
    pieces: list[Piece] = []
    for path, anchor, text in _sections(title, body):
        pieces += [Piece(part, path, anchor) for part in _parts(text, language)]
    return pieces


def anchor_of(heading: str) -> str:
    """The fragment id of a heading: letters and digits of any script, joined by hyphens."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", heading).lower())
    return "-".join(words) or "top"


def sentences_of(text: str, language: Language) -> list[str]:
    """Sentences of plain text."""
    if language == "zh":
        return [s.strip() for s in _ZH_SENTENCE.findall(text) if s.strip()]
    return [s.text.strip() for s in _english()(text).sents if s.text.strip()]


def _sections(title: str, body: str) -> list[tuple[str, str, str]]:
    """(heading path, anchor, text) of each part between headings; list items and rows of tables become lines."""
    sections: list[tuple[str, str, list[str]]] = [(title, "top", [])]
    headings: list[tuple[int, str]] = []
    for kind, level, content in _blocks(_markdown.parse(body)):
        if kind == "heading":
            headings = [h for h in headings if h[0] < level] + [(level, content)]
            path = " > ".join(dict.fromkeys([title, *(h[1] for h in headings)]))
            sections.append((path, anchor_of(content), []))
        else:
            sections[-1][2].append(content)
    return [(path, anchor, "\n".join(lines)) for path, anchor, lines in sections if lines]


def _blocks(tokens: Sequence[Token]) -> Iterator[tuple[str, int, str]]:
    """(heading or line, level of a heading, text) in reading order, as a chat can show it."""
    mark, number, head, row = "", 0, list[str](), list[str]()
    for before, token in pairwise(tokens):
        match before.type:
            case "ordered_list_open":
                number = 1
            case "bullet_list_open":
                number = 0
            case "list_item_open":
                mark, number = (f"{number}. ", number + 1) if number else ("• ", 0)
            case "thead_open":
                head = []
            case "tr_open":
                row = []
            case "tr_close" if head:
                yield "line", 0, _row_text(head, row)
            case "tr_close":
                head = row
        if token.type != "inline":
            continue
        if before.type in ("th_open", "td_open"):
            row.append(_plain(token.content))
        elif before.type == "heading_open":
            yield "heading", int(before.tag[1]), token.content
        else:
            yield "line", 0, mark + _plain(token.content)
            mark = ""


def _row_text(head: Sequence[str], row: Sequence[str]) -> str:
    """A row of a table in words: two columns need no heads, more do."""
    first, *rest = row
    named = [f"{name} {cell}" for name, cell in zip(head[1:], rest, strict=True)]
    return f"• {first}: {', '.join(named if len(row) > 2 else rest)}"  # noqa: PLR2004


def _plain(inline: str) -> str:
    without_links = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", inline)
    return " ".join(re.sub(r"[*_`]+", "", without_links).split())


def _parts(text: str, language: Language) -> list[str]:
    limit = MAX_PASSAGE[language]
    if len(text) <= limit:
        return [text]
    parts, joiner = [""], " " if language == "en" else ""
    for line in text.split("\n"):
        for number, sentence in enumerate(sentences_of(line, language)):
            if parts[-1] and len(parts[-1]) + len(sentence) > limit:
                parts.append(sentence)
            else:
                parts[-1] = f"{parts[-1]}{joiner if number else chr(10)}{sentence}".strip()
    return [part for part in parts if part]


@lru_cache(maxsize=1)
def _english() -> Pipeline:
    import spacy  # noqa: PLC0415  (seconds of import that the command line need not pay)

    sentencizer = spacy.blank("en")
    sentencizer.add_pipe("sentencizer")
    return sentencizer
