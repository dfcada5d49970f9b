"""Which of a million listed names to compare with: those that share rare pieces with the name that is asked for.

Pieces are groups of three letters of each part, as it is written in Latin, and what rigour knows the part to stand for,
which joins names across scripts. A name's postings are numbers of names; a name that is asked for adds up the rarity of
the pieces that it shares with each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from rigour.names import Name, SymbolCategory

from actions.name_matching.comparison import EntityType, names_in

PIECES = 2**20  # numbers that pieces are hashed to
INFORMATIVE = (SymbolCategory.NAME, SymbolCategory.NICK, SymbolCategory.DOMAIN)
LETTERS = 3
MAX_COMMON = (
    0.01  # share of all names above which a piece is left out, while rarer ones are at hand
)
MIN_RARE = 6  # pieces that are followed however common they are
Numbers = NDArray[np.int32]


def pieces_of(name: str, kind: EntityType, *, asked: bool) -> set[int]:
    """The numbers of a name's pieces, over all its readings."""
    pieces: set[str] = set()
    for reading in names_in(name, kind, asked=asked):
        pieces.update(_pieces(reading))
    return {crc32(piece.encode()) % PIECES for piece in pieces}


def _pieces(reading: Name) -> Iterable[str]:
    for part in reading.parts:
        padded = f" {part.comparable} "
        yield from (padded[i : i + LETTERS] for i in range(max(1, len(padded) - LETTERS + 1)))
    for span in reading.spans:
        if span.symbol.category in INFORMATIVE:
            yield f"{span.symbol.category.value}:{span.symbol.id}"


class NameIndex:
    """Names of one kind by number, in the order in which they were given."""

    def __init__(self, names: Sequence[str], kind: EntityType) -> None:
        self.kind: EntityType = kind
        self.size = len(names)
        lengths = np.zeros(len(names), np.int32)
        pieces: list[Numbers] = []
        for number, name in enumerate(names):
            mine = np.fromiter(pieces_of(name, kind, asked=False), np.int32)
            lengths[number] = len(mine)
            pieces.append(mine)
        flat = np.concatenate(pieces) if pieces else np.zeros(0, np.int32)
        owners = np.repeat(np.arange(len(names), dtype=np.int32), lengths)
        order = np.argsort(flat, kind="stable")
        self._owners: Numbers = owners[order]
        self._starts = np.searchsorted(flat[order], np.arange(PIECES + 1)).astype(np.int64)
        counts = np.diff(self._starts)
        self._rarity = np.log1p(self.size / np.maximum(counts, 1)).astype(np.float32)

    def nearest(self, name: str, limit: int) -> Numbers:
        """Numbers of the names that share most with this one, the best first."""
        pieces = np.fromiter(pieces_of(name, self.kind, asked=True), np.int64)
        counts = (
            self._starts[pieces + 1] - self._starts[pieces]
            if len(pieces)
            else np.zeros(0, np.int64)
        )
        pieces, counts = pieces[counts > 0], counts[counts > 0]
        if not len(pieces):
            return np.zeros(0, np.int32)
        order = np.argsort(counts)
        followed = [
            pieces[n]
            for rank, n in enumerate(order)
            if rank < MIN_RARE or counts[n] <= MAX_COMMON * self.size
        ]
        owners = np.concatenate(
            [self._owners[self._starts[p] : self._starts[p + 1]] for p in followed]
        )
        shares = np.repeat(
            self._rarity[followed] ** 2, [self._starts[p + 1] - self._starts[p] for p in followed]
        )
        scores = np.bincount(owners, shares, self.size)
        candidates = np.flatnonzero(scores)
        shared = scores[
            candidates
        ]  # not divided by the listed name's own length: a native spelling has few pieces, and lost by it
        best = (
            np.argpartition(-shared, limit)[:limit]
            if len(candidates) > limit
            else np.arange(len(candidates))
        )
        return np.asarray(candidates[best[np.argsort(-shared[best], kind="stable")]], np.int32)
