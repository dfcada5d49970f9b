"""The replica of published passages in this process: vectors in FAISS, words in BM25, filters inside both.

Passages and example questions stand in rows, those of an article side by side. A row is never reused: one that is
taken out is dead and hidden from every search, until the index is built anew. Texts stay in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from core.languages import LANGUAGES, Language
from knowledge_base.catalogue import Card, Catalogue, Filter, Mask
from knowledge_base.lexical import LexicalIndex, Texts
from knowledge_base.vectors import FaissVectors, Matrix, Rows

DEAD_SHARE = 0.3  # of all rows, from which building anew is worth its time
REMEMBERED_MASKS = 16


@dataclass(frozen=True)
class LiveVersion:
    """An article's live version to put in: passages first, then example questions; a row of each thing for each."""

    card: Card
    ids: Sequence[int]  # of the passages in PostgreSQL
    quotable: int  # how many of them are passages
    texts: Sequence[Sequence[str]]  # their words
    vectors: Matrix


class KnowledgeIndex:
    """Rows with their vectors (none when PostgreSQL searches them) and a lexical index for each language."""

    def __init__(self, encoder: str, dimensions: int, vectors: FaissVectors | None) -> None:
        self.encoder, self.dimensions, self.vectors = encoder, dimensions, vectors
        self.revision = -1
        self.catalogue = Catalogue()
        self.ids: Rows = np.zeros(0, np.int64)  # row -> passage in PostgreSQL
        self.owner: NDArray[np.int32] = np.zeros(
            0, np.int32
        )  # row -> place of its article in the catalogue
        self.spans: NDArray[np.int64] = np.zeros(
            (0, 3), np.int64
        )  # place -> first row, end of passages, end of rows
        self.lexical: dict[Language, LexicalIndex] = {
            language: LexicalIndex() for language in LANGUAGES
        }
        self._dead = 0
        self._masks: list[tuple[Mask, Mask]] = []
        self._by_id: Rows | None = None  # living rows by rising id, made when it is asked for

    @property
    def searchable_vectors(self) -> FaissVectors:
        """The vectors; LookupError when PostgreSQL has them."""
        if self.vectors is None:
            raise LookupError("this index holds no vectors")
        return self.vectors

    def __len__(self) -> int:
        return len(self.ids) - self._dead

    @property
    def needs_building(self) -> bool:
        """Whether too much is dead, or the vectors have outgrown their layout."""
        too_dead = self._dead > DEAD_SHARE * len(self.ids)
        return too_dead or (self.vectors is not None and not self.vectors.fits)

    def replace(self, gone: Iterable[UUID], live: Sequence[LiveVersion]) -> None:
        """Take out the articles `gone` and put in live versions."""
        for article_id in gone:
            place = self.catalogue.remove(article_id)
            if place is not None:
                self._dead += int(self.spans[place, 2] - self.spans[place, 0])
        self._masks, self._by_id = [], None
        if not live:
            return
        first, places = len(self.ids), len(self.catalogue.cards)
        sizes = np.asarray([len(version.ids) for version in live], np.int64)
        starts = first + np.cumsum(sizes) - sizes
        quotable = np.asarray([version.quotable for version in live], np.int64)
        self.spans = np.vstack(
            [self.spans, np.stack([starts, starts + quotable, starts + sizes], axis=1)]
        )
        self.owner = np.concatenate(
            [self.owner, np.repeat(np.arange(places, places + len(live)), sizes)]
        ).astype(np.int32)
        self.ids = np.concatenate(
            [self.ids, np.asarray([i for version in live for i in version.ids], np.int64)]
        )
        self.catalogue.add([version.card for version in live])
        if self.vectors is not None:
            self.vectors.add(np.concatenate([version.vectors for version in live]))
        self._add_words(live, starts)

    def restore_cards(self, cards: Sequence[Card | None]) -> None:
        """Put back the cards of a snapshot, None for a dead one; rows, vectors and words are there already."""
        self.catalogue.restore(cards)
        dead = np.asarray([card is None for card in cards], bool)
        self._dead = int((self.spans[dead, 2] - self.spans[dead, 0]).sum())

    def admitted(self, allowed: Filter) -> Mask:
        """Row by row, whether the filter lets it be found; dead rows are not."""
        places = self.catalogue.admitted(allowed)
        for filters, rows in self._masks:
            if filters is places:
                return rows
        rows = places[self.owner]
        self._masks = [*self._masks[1 - REMEMBERED_MASKS :], (places, rows)]
        return rows

    def wordwise(
        self, words: Sequence[str], language: Language, admitted: Mask, limit: int
    ) -> Rows:
        """Rows of a language by BM25, best first, among the admitted."""
        return self.lexical[language].best(words, admitted, limit)[0]

    def words_around(
        self,
        rows: Rows,
        query: Sequence[str],
        language: Language | None,
        more: Sequence[Sequence[str]] = (),
    ) -> tuple[tuple[Matrix, Matrix], Matrix]:
        """The kernel of words among rows of a language and with a query, and each row's coverage of the query.

        `more` are texts that stand behind the rows as if they were indexed.
        """
        size = len(rows) + len(more)
        if language is None:
            nothing = np.zeros(size, np.float32)
            return (np.zeros((size, size), np.float32), nothing), nothing
        lexical = self.lexical[language]
        *added, query_words = lexical.numbers([*more, query])
        texts = lexical.texts_of(rows).and_then(Texts.of(added))
        kernel = lexical.kernel(texts.and_then(Texts.of([query_words])))
        return (kernel[:size, :size], kernel[:size, size]), lexical.coverage(texts, query_words)

    def card_of(self, row: int) -> Card:
        """The card of a row's article."""
        return self.catalogue.cards[int(self.owner[row])]

    def passage_rows(self, article_id: UUID) -> Rows:
        """Rows of an article's passages in reading order; none when it is not in the index."""
        place = self.catalogue.place_of.get(article_id)
        if place is None:
            return np.zeros(0, np.int64)
        return np.arange(self.spans[place, 0], self.spans[place, 1])

    def rows_of(self, ids: Sequence[int]) -> Rows:
        """Rows of passages by their ids in PostgreSQL; those that are not here, or dead, are left out."""
        if self._by_id is None:
            living = (
                np.flatnonzero(self.catalogue.alive[self.owner])
                if len(self.ids)
                else np.zeros(0, np.int64)
            )
            self._by_id = living[np.argsort(self.ids[living])]
        if not len(self._by_id):
            return np.zeros(0, np.int64)
        at = np.searchsorted(self.ids[self._by_id], ids)
        rows = self._by_id[np.minimum(at, len(self._by_id) - 1)]
        return np.asarray(rows[self.ids[rows] == np.asarray(ids)], np.int64)

    def _add_words(self, live: Sequence[LiveVersion], starts: NDArray[np.int64]) -> None:
        for language in LANGUAGES:
            mine = [
                (v, int(start))
                for v, start in zip(live, starts, strict=True)
                if v.card.language == language
            ]
            rows = [np.arange(start, start + len(version.ids)) for version, start in mine]
            texts = [text for version, _ in mine for text in version.texts]
            self.lexical[language].add(np.concatenate([np.zeros(0, np.int64), *rows]), texts)
