"Passages of an article: they follow its headings and sentences and know where in the article they stand."

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from core.languages import Language

if TYPE_CHECKING:
    from spacy.language import Language as Pipeline

MAX_PASSAGE = {"en": 600, "zh": 220}  # characters: about 120 words, well inside the encoder's 256 tokens
_ZH_SENTENCE = re.compile(r"[^。！？；!?]+[。！？；!?]?[”’」』）]*")
_markdown = MarkdownIt("commonmark")


@dataclass(frozen=True)
class Piece:
    "Text of one passage, the headings above it, and the anchor of the nearest heading."

    text: str
    heading_path: str
    anchor: str


def passages_of(title: str, body: str, language: Language) -> list[Piece]:
    "Passages of a Markdown body in reading order; empty for an empty body."
    pieces: list[Piece] = []
    for path, anchor, text in _sections(title, body):
        pieces += [Piece(part, path, anchor) for part in _parts(text, language)]
    return pieces


def anchor_of(heading: str) -> str:
    "The fragment id of a heading: letters and digits of any script, joined by hyphens."
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", heading).lower())
    return "-".join(words) or "top"


def sentences_of(text: str, language: Language) -> list[str]:
    "Sentences of plain text."
    if language == "zh":
        return [s.strip() for s in _ZH_SENTENCE.findall(text) if s.strip()]
    return [s.text.strip() for s in _english()(text).sents if s.text.strip()]


def _sections(title: str, body: str) -> list[tuple[str, str, str]]:
    "(heading path, anchor, text) of each part between headings; list items become lines."
    sections: list[tuple[str, str, list[str]]] = [(title, "top", [])]
    headings: list[tuple[int, str]] = []
    tokens = _markdown.parse(body)
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type != "inline":
            continue
        if before is not None and before.type == "heading_open":
            level = int(before.tag[1])
            headings = [h for h in headings if h[0] < level] + [(level, token.content)]
            path = " > ".join(dict.fromkeys([title, *(h[1] for h in headings)]))
            sections.append((path, anchor_of(token.content), []))
        else:
            sections[-1][2].append(_plain(token.content))
    return [(path, anchor, "\n".join(lines)) for path, anchor, lines in sections if lines]


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
