"""Words of tickets for PostgreSQL's full-text search: it stems English itself, jieba cuts Chinese; a text may hold both."""

from __future__ import annotations

import re

import jieba
from sqlalchemy import ColumnElement, func

from actions.tickets.models import Ticket
from knowledge_base.lexical import words_of

_HAN = re.compile(r"[\u3400-\u9fff]+")
_REFERENCE = re.compile(r"^\s*t-?(\d{6,})\s*$", re.IGNORECASE)
READ = 20_000  # characters of a text that are indexed
ENGLISH, CUT = (
    "english",
    "simple",
)  # configurations: one that stems, one for words that are cut here


def vector_of(text: str) -> ColumnElement[object]:
    """The SQL expression of a text's search vector."""
    read = text[:READ].replace("\x00", "")
    english = func.to_tsvector(ENGLISH, _HAN.sub(" ", read))
    chinese = " ".join(word for part in _HAN.findall(read) for word in jieba.lcut_for_search(part))
    return english.op("||")(func.to_tsvector(CUT, chinese)) if chinese else english


def matching(query_text: str) -> ColumnElement[bool]:
    """Tickets that hold every word of what is asked, or have it for a reference."""
    if reference := _REFERENCE.match(query_text):
        return Ticket.reference == f"T-{reference.group(1)}"
    english = func.plainto_tsquery(ENGLISH, _HAN.sub(" ", query_text))
    words = " ".join(word for part in _HAN.findall(query_text) for word in words_of(part, "zh"))
    query = english.op("&&")(func.plainto_tsquery(CUT, words)) if words else english
    return Ticket.search.op("@@")(query)
