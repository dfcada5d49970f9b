"""Vectors in FAISS by row: exact while there are few, then inverted lists, then inverted lists of 8-bit codes.

Why lists and not HNSW, and where the borders are: docs/decisions/0006-index.md. Rows are only ever appended; what must
not be found is masked inside the search. Not thread-safe to change.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Literal

import faiss
import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Rows = NDArray[np.int64]
Layout = Literal["exact", "lists", "coded lists"]

EXACT_UP_TO, LISTS_UP_TO = 20_000, 200_000  # vectors
LISTS_PER_ROOT = 2.0  # inverted lists for each root of the number of vectors
TRAINING_PER_LIST = 40  # FAISS asks for 39 and more
MIN_PROBES = 8
TUNING_QUERIES, TUNING_DEPTH = 256, 10
RECALL = 0.975  # of the nearest ten of the tuning queries, against all lists; real questions, being easier, find over 99 %
WIDE = 0.5  # share of admitted rows from which no more lists are read: languages lie in lists of their own


def layout_for(count: int) -> Layout:
    """How so many vectors are kept."""
    if count <= EXACT_UP_TO:
        return "exact"
    return "lists" if count <= LISTS_UP_TO else "coded lists"


def training_size(count: int) -> int:
    """How many vectors are enough to lay out the lists."""
    return min(count, TRAINING_PER_LIST * _lists(count))


class FaissVectors:
    """Unit vectors of one size, compared by inner product."""

    def __init__(self, index: Any, layout: Layout) -> None:
        self._index, self.layout = index, layout  # one of FAISS's, whose stubs lack most of them

    @classmethod
    def empty(
        cls, dimensions: int, expected: int = 0, training: Matrix | None = None
    ) -> FaissVectors:
        """Room for about `expected` vectors; lists are laid out by a sample of them."""
        layout = layout_for(expected) if training is not None else "exact"
        if layout == "exact":
            return cls(faiss.IndexFlatIP(dimensions), layout)
        code = "Flat" if layout == "lists" else "SQ8"
        index: Any = faiss.index_factory(
            dimensions, f"IVF{_lists(expected)},{code}", faiss.METRIC_INNER_PRODUCT
        )
        index.cp.seed = 1
        index.train(np.ascontiguousarray(training, np.float32))
        index.make_direct_map()
        return cls(index, layout)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def is_exact(self) -> bool:
        """Whether the vectors themselves are here, not codes of them."""
        return self.layout != "coded lists"

    @property
    def fits(self) -> bool:
        """Whether the layout is still the one for this many vectors."""
        return layout_for(len(self)) == self.layout or (
            self.layout != "exact" and len(self) > EXACT_UP_TO // 2
        )

    @property
    def probes(self) -> int:
        """Lists that a search reads; 0 when there are none."""
        return 0 if self.layout == "exact" else int(self._index.nprobe)

    def add(self, vectors: Matrix) -> None:
        """Append vectors, a row each."""
        if len(vectors):
            self._index.add(np.ascontiguousarray(vectors, np.float32))

    def tune(self) -> None:
        """Read as many lists as it takes to find what all lists together find.

        Tried with means of two vectors, which lie between the lists: harder than the questions that will come.
        """
        if self.layout == "exact":
            return
        pairs = np.random.default_rng(1).integers(0, len(self), (2, TUNING_QUERIES))
        queries = self.of(pairs[0]) + self.of(pairs[1])
        queries /= np.maximum(
            np.linalg.norm(queries, axis=1, keepdims=True), np.finfo(np.float32).tiny
        )
        self._index.nprobe = self._index.nlist
        _, exact = self._index.search(queries, TUNING_DEPTH)
        self._index.nprobe = min(MIN_PROBES, self._index.nlist)
        while self._index.nprobe < self._index.nlist and self._recall(queries, exact) < RECALL:
            self._index.nprobe = min(2 * self._index.nprobe, self._index.nlist)

    def nearest(
        self, query: Matrix, admitted: NDArray[np.bool_], limit: int
    ) -> tuple[Rows, Matrix]:
        """Rows by cosine to a unit vector, best first, among the admitted; the mask acts inside the search."""
        count = int(np.count_nonzero(admitted))
        if not count or not limit:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        bits = np.packbits(admitted, bitorder="little")  # FAISS reads it during the search
        selector = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]  # faiss's stubs lack it
        cosines, rows = self._index.search(
            query.reshape(1, -1),
            min(limit, count),
            params=self._parameters(selector, count / len(admitted)),
        )
        filled = rows[0] >= 0
        return rows[0][filled], cosines[0][filled]

    def of(self, rows: Rows) -> Matrix:
        """Vectors of rows, a row each."""
        return np.asarray(self._index.reconstruct_batch(np.asarray(rows, np.int64)), np.float32)

    def save(self, path: Path) -> None:
        """Write to a file."""
        faiss.write_index(self._index, str(path))

    @classmethod
    def load(cls, path: Path, layout: Layout) -> FaissVectors:
        """Read what `save` wrote."""
        return cls(faiss.read_index(str(path)), layout)

    @property
    def byte_size(self) -> int:
        """Memory of the vectors or codes with their lists and map."""
        size = int(self._index.d)
        per_vector = {"exact": 4 * size, "lists": 4 * size + 16, "coded lists": size + 16}[
            self.layout
        ]
        lists = 0 if self.layout == "exact" else 4 * size * int(self._index.nlist)
        return len(self) * per_vector + lists

    def _parameters(self, selector: faiss.IDSelector, share: float) -> faiss.SearchParameters:
        """The fewer rows are admitted, the more lists are read for as many of them, once they are few."""
        if self.layout == "exact":
            return faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        probes = min(int(self._index.nlist), math.ceil(self._index.nprobe * max(1.0, WIDE / share)))
        return faiss.SearchParametersIVF(sel=selector, nprobe=probes)  # type: ignore[call-arg]

    def _recall(self, queries: Matrix, exact: Rows) -> float:
        _, approximate = self._index.search(queries, exact.shape[1])
        return float(
            np.mean(
                [
                    len(set(a) & set(b)) / len(b)
                    for a, b in zip(approximate.tolist(), exact.tolist(), strict=True)
                ]
            )
        )


def _lists(count: int) -> int:
    return max(1, round(LISTS_PER_ROOT * math.sqrt(count)))
