"""Intents by the nearest training phrasings, which stand in for Rasa while it is away."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.dialogue.readings import Candidate
from core.languages import Language
from knowledge_base.encoder import Encoder
from knowledge_base.vector_file import read_vectors, vector_file, write_vectors
from nlu.training import SHIPPED, Phrasing, training_phrasings

NEIGHBOURS = 8  # phrasings that have a say
SHARPNESS = 18.0  # of the softmax over cosines
OTHER_LANGUAGE = 0.05  # by which a phrasing of the other language must be nearer
TOP = 5
FILE = "phrasings"


class NearestPhrasings:
    """Training phrasings as unit vectors. Until `prepare` has made them, or read them from its file, nothing is near."""

    def __init__(self) -> None:
        self._phrasings: Sequence[Phrasing] = ()
        self._languages: NDArray[np.str_] = np.zeros(0, np.str_)
        self._vectors: NDArray[np.float32] = np.zeros((0, 0), np.float32)

    def load_shipped(self, encoder: str) -> bool:
        """Read the vectors that came with the sources; false where they are of another encoder or other phrasings."""
        path = _file(SHIPPED, encoder, training_phrasings())
        if not path.exists():
            return False
        self._load(path)
        return True

    async def prepare(self, encoder: Encoder, folder: Path) -> None:
        """Have the vectors of this encoder's phrasings: those that are shipped, else those of `folder`.

        Where there are none they are made once, which takes half a minute of the encoder's thread.
        """
        if self._phrasings or self.load_shipped(encoder.name):
            return
        phrasings = training_phrasings()
        path = _file(folder, encoder.name, phrasings)
        if not path.exists():
            write_vectors(path, await encoder.encode_all([one.text for one in phrasings]))
        self._load(path)

    def _load(self, path: Path) -> None:
        self._phrasings = training_phrasings()
        self._vectors = read_vectors(path)
        self._languages = np.array([one.language for one in self._phrasings])

    def ranking(self, vector: NDArray[np.float32], language: Language) -> tuple[Candidate, ...]:
        """Intents of the nearest phrasings with their shares; empty before `prepare`."""
        if not self._phrasings:
            return ()
        cosines = self._vectors @ vector - OTHER_LANGUAGE * (self._languages != language)
        nearest = np.argpartition(-cosines, NEIGHBOURS)[:NEIGHBOURS]
        best = float(cosines[nearest].max())
        weights = np.exp(SHARPNESS * (cosines[nearest] - best))
        shares: dict[str, float] = {}
        for number, weight in zip(nearest, weights / weights.sum(), strict=True):
            intent = self._phrasings[int(number)].intent
            shares[intent] = shares.get(intent, 0.0) + float(weight)
        ranked = sorted(shares.items(), key=lambda entry: -entry[1])[:TOP]
        return tuple(
            Candidate(name=intent, confidence=max(best, 0.0) * share) for intent, share in ranked
        )


def _file(folder: Path, encoder: str, phrasings: Sequence[Phrasing]) -> Path:
    return vector_file(folder, FILE, encoder, [one.text for one in phrasings])


async def ship_phrasings(encoder: Encoder) -> Path:
    """Put the vectors of the phrasings among the sources, in the place of those that were there."""
    phrasings = training_phrasings()
    path = _file(SHIPPED, encoder.name, phrasings)
    if not path.exists():
        write_vectors(path, await encoder.encode_all([one.text for one in phrasings]))
    return path
