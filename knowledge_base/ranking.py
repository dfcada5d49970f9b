"""Which article a question belongs to, from the entries around it: local kernel ridge regression.

Every entry near the question is a labelled point, its label the article. A ridge regression of the labels over a
kernel of meaning and words (Saunders, Gammerman and Vovk 1998), solved for these neighbours alone, tells how much each
article's entries speak for the question *beyond* what their neighbours from other articles do. So an article is told
apart from its neighbours by publishing it, without training; docs/decisions/0004-ranking.md has what was measured.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from math import sqrt
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix

from knowledge_base.encoder import Vector
from knowledge_base.lexical import LexicalIndex

Label = TypeVar("Label", bound=Hashable)
Matrix = NDArray[np.float32]

# Chosen on banking questions outside the evaluated ones; flat around these values (docs/measurements.md).
SHARPNESS = 2.0  # of the kernel of meaning, exp(SHARPNESS * (cosine - 1))
WORD_WEIGHT = 0.3  # of the kernel of words beside that of meaning
RIDGE = 0.1
CLOSEST = 3  # entries of an article whose mean cosine counts beside the regression
CLOSEST_WEIGHT = 0.5


def article_scores(
    query: Vector, neighbours: Matrix, labels: Sequence[Label], query_words: Sequence[str],
    words: Sequence[Sequence[str]], lexical: LexicalIndex | None,
) -> dict[Label, float]:  # fmt: skip
    "A score for each label among the neighbours (unit vectors, a row each); about 0 to 1.5, higher is likelier."
    cosines = neighbours @ query
    meaning = np.exp(SHARPNESS * (np.vstack([neighbours @ neighbours.T, cosines]) - 1))
    similar = meaning + WORD_WEIGHT * word_kernel([*words, query_words], lexical)[:, :-1]
    weights = _ridge(similar[:-1], similar[-1])
    scores: dict[Label, float] = dict.fromkeys(labels, 0.0)
    closest: dict[Label, list[float]] = {}
    for position in np.argsort(-cosines):
        label = labels[position]
        scores[label] += float(weights[position])
        closest.setdefault(label, []).append(float(cosines[position]))
    return {label: score + CLOSEST_WEIGHT * _mean(closest[label][:CLOSEST]) for label, score in scores.items()}


def word_kernel(texts: Sequence[Sequence[str]], lexical: LexicalIndex | None) -> Matrix:
    "Cosines of the texts' words and pairs of words, weighed by rarity, a row and a column each."
    numbers: dict[str, int] = {}
    rows, columns, values = [], [], []
    for row, words in enumerate(texts):
        terms = {word: lexical.rarity(word) if lexical else 1.0 for word in words}
        terms |= {f"{a} {b}": (terms[a] + terms[b]) / 2 for a, b in itertools.pairwise(words)}
        length = sqrt(sum(weight * weight for weight in terms.values())) or 1.0
        for term, weight in terms.items():
            rows.append(row)
            columns.append(numbers.setdefault(term, len(numbers)))
            values.append(weight / length)
    matrix = csr_matrix((values, (rows, columns)), shape=(len(texts), max(len(numbers), 1)), dtype=np.float32)
    return np.asarray((matrix @ matrix.T).toarray(), dtype=np.float32)


def _ridge(gram: Matrix, similar: Matrix) -> Matrix:
    "How much each neighbour's label counts for the query."
    regular = gram + RIDGE * np.eye(len(gram), dtype=np.float32)
    return np.asarray(cho_solve(cho_factor(regular, check_finite=False), similar, check_finite=False), np.float32)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
