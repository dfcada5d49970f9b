"""Which article a question belongs to, from the entries around it: local kernel ridge regression.

Every entry near the question is a labelled point, its label the article. A ridge regression of the labels over a
kernel of meaning and words (Saunders, Gammerman and Vovk 1998), solved for these neighbours alone, tells how much each
article's entries speak for the question *beyond* what their neighbours from other articles do. So an article is told
apart from its neighbours by publishing it, without training; docs/decisions/0004-ranking.md has what was measured.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from knowledge_base.encoder import Vector

Matrix = NDArray[np.float32]

# Chosen on banking questions outside the evaluated ones; flat around these values (docs/measurements.md).
SHARPNESS = 2.0  # of the kernel of meaning, exp(SHARPNESS * (cosine - 1))
WORD_WEIGHT = 0.3  # of the kernel of words beside that of meaning
RIDGE = 0.1
CLOSEST = 3  # entries of an article whose mean cosine counts beside the regression
CLOSEST_WEIGHT = 0.5


def article_scores(
    cosines: Vector, neighbours: Matrix, labels: NDArray[np.int64], words: tuple[Matrix, Vector]
) -> NDArray[np.float64]:
    """A score for each of the labels 0, 1, 2... of the neighbours (unit vectors, a row each); about 0 to 1.5.

    `cosines` are theirs with the query; `words` is the kernel of words among them and with the query.
    """
    among, query_words = words
    gram = np.exp(SHARPNESS * (neighbours @ neighbours.T - 1)) + WORD_WEIGHT * among
    weights = _ridge(gram, np.exp(SHARPNESS * (cosines - 1)) + WORD_WEIGHT * query_words)
    return np.bincount(labels, weights) + CLOSEST_WEIGHT * _closest(cosines, labels)


def _closest(cosines: Vector, labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean cosine of the closest entries of each label."""
    order = np.lexsort((-cosines, labels))
    ordered = labels[order]
    starts = np.searchsorted(ordered, ordered)
    near = np.arange(len(ordered)) - starts < CLOSEST
    return np.bincount(ordered[near], cosines[order][near]) / np.bincount(ordered[near])


def _ridge(gram: Matrix, similar: Matrix) -> Matrix:
    """How much each neighbour's label counts for the query."""
    regular = gram + RIDGE * np.eye(len(gram), dtype=np.float32)
    return np.asarray(
        cho_solve(cho_factor(regular, check_finite=False), similar, check_finite=False), np.float32
    )
