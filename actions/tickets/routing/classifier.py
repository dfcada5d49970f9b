"""Kind and queue of a text by two linear models over its words and acts, and what the reader says of it.

The product comes with a model trained on its own examples (examples/, `assistant routing train`); with the corrections
of the staff a bank trains another, which PostgreSQL keeps. A model is arrays only: nothing in it can run. The reader
(reader.py) knows what sentences mean, the linear models know words: their opinions are pooled logarithmically (Genest and
Zidek 1986), and one temperature makes the confidence of both together honest.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import jieba
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags, hstack
from scipy.special import softmax
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from actions.tickets.lifecycle import KINDS, QUEUES, Kind, Queue
from actions.tickets.routing.reader import Reading
from actions.tickets.routing.speech_acts import act_features

Matrix = NDArray[np.float32]
SHIPPED = Path(__file__).parent / "model.npz"
GRAM_COLUMNS = 2**15
PIECE = 4  # letters of a word that are read as one
ACT_WEIGHT = 0.3  # of an act against the unit vector of n-grams
REGULARISATION = (
    8.0  # C of scikit-learn's logistic regression, chosen by cross-validation on the examples
)
ENOUGH: dict[Kind, float] = {"fraud_report": 0.15, "complaint": 0.25}
FOLDS, SEED = 5, 7
READERS_SHARE = 0.7  # of the pooled opinion; this and the temperature fit the second set of examples, left out of training
TEMPERATURE = 0.7
NEVER = 1e-4  # the share of what a model does not know
TEMPERATURES = np.geomspace(0.2, 5.0, 60)
_HAN = re.compile(r"[\u3400-\u9fff]+")
READ = 1_000  # characters of a text that are read


@dataclass(frozen=True)
class Guess:
    """The likeliest kind and queue with calibrated confidences, all queues, likeliest first, and the share of each kind."""

    kind: Kind
    kind_confidence: float
    queues: list[tuple[Queue, float]]
    kinds: dict[Kind, float] = field(default_factory=dict)

    @property
    def queue(self) -> Queue:
        return self.queues[0][0]

    @property
    def confidence(self) -> float:
        return self.queues[0][1]


@dataclass(frozen=True)
class Example:
    """A text with what is right for it; None where only the other is known. `weight` is what it counts."""

    text: str
    kind: Kind | None
    queue: Queue | None
    weight: float = 1.0


@dataclass(frozen=True)
class Head:
    """A multinomial regression: class by class its weights, with the temperature that makes its shares honest."""

    names: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    temperature: float

    def shares(self, features: csr_matrix) -> Matrix:
        """A share for each class, rows sum to one."""
        scores = (features @ self.weights.T + self.bias) / self.temperature
        return np.asarray(softmax(scores, axis=1), np.float32)


@dataclass(frozen=True)
class Classifier:
    """Both models and what they were made of."""

    kinds: Head
    queues: Head
    rarity: Matrix  # of each column of n-grams
    fingerprint: str  # of the examples

    def guess(self, text: str, reading: Reading) -> Guess:
        """What a text is about, given the reader's opinion of it."""
        return self.guesses([text], reading)[0]

    def guesses(self, texts: Sequence[str], readings: Reading) -> list[Guess]:
        """The same for several texts."""
        return self.pooled(self.words_of(texts), readings)

    def words_of(self, texts: Sequence[str]) -> tuple[Matrix, Matrix]:
        """What the words alone say: shares of kinds and queues, a row for each text."""
        features = _features(texts, self.rarity)
        return _named(self.kinds, features, KINDS), _named(self.queues, features, QUEUES)

    def pooled(self, words: tuple[Matrix, Matrix], readings: Reading) -> list[Guess]:
        """What the words and the reader say together."""
        kinds, queues = _pooled(words[0], readings.kinds), _pooled(words[1], readings.queues)
        return [_guess(*shares) for shares in zip(kinds, queues, strict=True)]

    def to_bytes(self) -> bytes:
        """As a file of arrays."""
        arrays: dict[str, Any] = {
            "rarity": self.rarity.astype(np.float16),
            "fingerprint": self.fingerprint,
        }
        for name, head in (("kinds", self.kinds), ("queues", self.queues)):
            arrays |= {
                f"{name}_names": np.asarray(head.names),
                f"{name}_weights": head.weights.astype(np.float16),
                f"{name}_bias": head.bias,
                f"{name}_temperature": head.temperature,
            }
        file = io.BytesIO()
        np.savez_compressed(file, **arrays)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Classifier:
        """What `to_bytes` wrote."""
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            heads = [
                Head(
                    tuple(str(n) for n in arrays[f"{name}_names"]),
                    arrays[f"{name}_weights"].astype(np.float32),
                    arrays[f"{name}_bias"].astype(np.float32),
                    float(arrays[f"{name}_temperature"]),
                )
                for name in ("kinds", "queues")
            ]
            kinds, queues = heads
            return cls(
                kinds, queues, arrays["rarity"].astype(np.float32), str(arrays["fingerprint"])
            )


@lru_cache(maxsize=1)
def shipped() -> Classifier:
    """The model that the product comes with."""
    return Classifier.from_bytes(SHIPPED.read_bytes())


def _named(head: Head, features: csr_matrix, names: Sequence[str]) -> Matrix:
    """Shares of all names; those that the head does not know have next to none."""
    shares = np.full((features.shape[0], len(names)), NEVER, np.float32)
    shares[:, [names.index(name) for name in head.names]] = head.shares(features)
    return shares


def _pooled(words: Matrix, read: Matrix) -> Matrix:
    """Shares by both, a row for each text."""
    scores = (
        READERS_SHARE * np.log(read + NEVER) + (1 - READERS_SHARE) * np.log(words + NEVER)
    ) / TEMPERATURE
    return np.asarray(softmax(scores, axis=1), np.float32)


def _guess(kinds: Matrix, queues: Matrix) -> Guess:
    best = _kind(kinds)
    ranked = [(QUEUES[i], float(queues[i])) for i in np.argsort(-queues)]
    return Guess(
        KINDS[best], float(kinds[best]), ranked, dict(zip(KINDS, map(float, kinds), strict=True))
    )


def _kind(shares: Matrix) -> int:
    """The likeliest kind, or a grave one that is likely enough: a fraud that is missed costs more than some looked at in vain."""
    for name, enough in ENOUGH.items():
        if shares[KINDS.index(name)] >= enough:
            return KINDS.index(name)
    return int(shares.argmax())


def train(examples: Sequence[Example]) -> Classifier:
    """A classifier of these examples."""
    counts = _grams([example.text for example in examples])
    present = np.asarray((counts > 0).sum(axis=0)).ravel()
    rarity = np.log((1 + len(examples)) / (1 + present)).astype(np.float32) + 1
    features = _features([example.text for example in examples], rarity)
    return Classifier(
        _head(features, [e.kind for e in examples], [e.weight for e in examples], KINDS),
        _head(features, [e.queue for e in examples], [e.weight for e in examples], QUEUES),
        rarity,
        fingerprint_of(examples),
    )


def fingerprint_of(examples: Sequence[Example]) -> str:
    """What tells one set of examples from another."""
    lines = sorted(f"{e.text}\t{e.kind}\t{e.queue}\t{e.weight}" for e in examples)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _head(
    features: csr_matrix,
    labels: Sequence[str | None],
    weights: Sequence[float],
    order: Sequence[str],
) -> Head:
    labelled = np.asarray([label is not None for label in labels])
    rows, names = features[labelled], np.asarray([label for label in labels if label is not None])
    weight = np.asarray(weights)[labelled]
    model = LogisticRegression(C=REGULARISATION, max_iter=500)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    unseen = cross_val_predict(
        model, rows, names, cv=folds, method="decision_function", params={"sample_weight": weight}
    )
    model.fit(rows, names, sample_weight=weight)
    right = np.searchsorted(model.classes_, names)
    return Head(
        tuple(str(name) for name in model.classes_),
        model.coef_.astype(np.float32),
        model.intercept_.astype(np.float32),
        _temperature(unseen, right),
    )


def _temperature(scores: NDArray[np.float64], right: NDArray[np.int64]) -> float:
    """The temperature at which the shares of unseen examples are likeliest (Guo et al. 2017)."""

    def loss(temperature: float) -> float:
        scaled = scores / temperature
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        return float(
            -(scaled[np.arange(len(right)), right] - np.log(np.exp(scaled).sum(axis=1))).mean()
        )

    return float(min(TEMPERATURES, key=loss))


def _features(texts: Sequence[str], rarity: Matrix) -> csr_matrix:
    grams = _grams(texts) @ diags(rarity)
    lengths = np.sqrt(np.asarray(grams.multiply(grams).sum(axis=1))).ravel()
    grams = diags(1 / np.maximum(lengths, 1e-6)) @ grams
    acts = csr_matrix(ACT_WEIGHT * act_features(texts))
    return hstack([acts, grams], format="csr")


def _grams(texts: Sequence[str]) -> csr_matrix:
    return csr_matrix(_WORDS.transform(texts))


def _words(text: str) -> list[str]:
    """Words and pairs of neighbours (jieba cuts both languages), letters within long words, pairs and triples of Han."""
    words = [word.strip().lower() for word in jieba.lcut(text[:READ]) if word.strip()]
    pairs = [f"{a} {b}" for a, b in pairwise(words)]
    pieces = [
        f"~{word[i : i + PIECE]}" for word in words for i in range(max(0, len(word) - PIECE + 1))
    ]
    han = [
        f"={run[i : i + n]}"
        for run in _HAN.findall(text[:READ])
        for n in (2, 3)
        for i in range(len(run) - n + 1)
    ]
    return [*words, *pairs, *pieces, *han]


_WORDS = HashingVectorizer(
    analyzer=_words,
    n_features=GRAM_COLUMNS,
    alternate_sign=False,
    norm=None,
    binary=True,
    dtype=np.float32,
)
