"""What a text asks for of the service catalogue, by its meaning.

A linear model over sentence vectors learns the entries from their phrases whenever the rule book changes. For the
product's own entries it knows more phrases than the book names (`phrases_en.yml`, `phrases_zh.yml`), as long as
the book has them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from actions.tickets.ticket_config.contents import ServiceContent
from actions.tickets.ticket_config.service import TicketConfig, default_services
from core.languages import LANGUAGES
from knowledge_base.encoder import Encoder
from knowledge_base.vector_file import read_vectors, vector_file, write_vectors

FOLDER = Path(__file__).parent
FILE = "services"
SHARPNESS = 8.0  # by which unit vectors are multiplied; with REGULARISATION chosen by cross-validation on the phrases
REGULARISATION = 1.0
# Share from which an entry is the one of a text that asks for something, and of any other text, which must be near too.
ASKED, TOLD, NEAR = 0.35, 0.7, 0.55
CLEAR_OF = 0.08  # by which it must be ahead of the next entry, else both are offered


@dataclass(frozen=True)
class ServiceMatch:
    """An entry, its share among all, and the cosine of its nearest phrase."""

    code: str
    share: float
    cosine: float


class ServiceFinder:
    """Finds entries; learns anew when the rule book changes. Vectors of phrases that were seen are remembered."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._revision = -1
        self._lock = asyncio.Lock()
        self._known: dict[str, NDArray[np.float32]] = {}
        self._codes: NDArray[np.str_] = np.zeros(0, np.str_)
        self._vectors = np.zeros((0, encoder.dimensions), np.float32)
        self._model: Any = None

    async def refresh(self, config: TicketConfig) -> None:
        """Learn the entries of the rule book."""
        if config.revision == self._revision:
            return
        async with self._lock:
            if config.revision == self._revision:
                return
            phrases = await asyncio.to_thread(_phrases, config)
            vectors = await self._vectors_of([text for _, text in phrases])
            codes = np.array([code for code, _ in phrases], np.str_)
            self._model = await asyncio.to_thread(_learned, codes, vectors)
            self._codes, self._vectors, self._revision = codes, vectors, config.revision

    async def nearest(
        self, config: TicketConfig, vector: NDArray[np.float32], limit: int = 3
    ) -> list[ServiceMatch]:
        """Entries by their share, the likeliest first; of an only one the cosine is the share."""
        await self.refresh(config)
        cosines = self._vectors @ vector
        if self._model is None:
            only = [(str(code), float(cosines.max())) for code in self._codes[:1]]
            return [ServiceMatch(code, cosine, cosine) for code, cosine in only]
        shares = self._model.predict_proba(SHARPNESS * vector[None])[0]
        ranked = sorted(zip(self._model.classes_, shares, strict=True), key=lambda pair: -pair[1])
        return [
            ServiceMatch(str(code), float(share), float(cosines[self._codes == code].max()))
            for code, share in ranked[:limit]
        ]

    async def _vectors_of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The texts' vectors, those of the product's phrases from their file."""
        if not self._known:
            self._known = await asyncio.to_thread(_shipped, self._encoder.name)
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        if new:
            vectors = await self._encoder.encode_all(new)
            self._known |= dict(zip(new, vectors, strict=True))
        return np.stack([self._known[text] for text in texts]) if texts else self._vectors[:0]


def _phrases(config: TicketConfig) -> list[tuple[str, str]]:
    """Codes with their phrases."""
    return [
        (code, text)
        for code, service in config.services.items()
        for text in phrases_of(code, service)
    ]


def _shipped(encoder: str) -> dict[str, NDArray[np.float32]]:
    """The product's phrases with their vectors, where these are of the encoder."""
    own = own_texts()
    path = vector_file(FOLDER, FILE, encoder, own)
    return dict(zip(own, read_vectors(path), strict=True)) if path.exists() else {}


def phrases_of(code: str, service: ServiceContent) -> list[str]:
    """All that is known of how an entry is asked for: its names, its phrases, and the product's where it is the product's."""
    texts = [
        text
        for language in LANGUAGES
        for text in (service.names.of(language), *service.phrases[language])
    ]
    is_the_products = not _own_phrases(code).isdisjoint(texts)
    return [*texts, *_more_phrases().get(code, ())] if is_the_products else texts


def own_texts() -> list[str]:
    """Every phrase that the product comes with, once."""
    texts = [text for code, service in _own_entries().items() for text in phrases_of(code, service)]
    return list(dict.fromkeys(texts))


async def ship_service_phrases(encoder: Encoder) -> Path:
    """Put the vectors of the product's phrases among the sources, in the place of those that were there."""
    texts = own_texts()
    path = vector_file(FOLDER, FILE, encoder.name, texts)
    if not path.exists():
        write_vectors(path, await encoder.encode_all(texts))
    return path


def likely_services(matches: Sequence[ServiceMatch], *, asks: bool) -> list[ServiceMatch]:
    """The entry that a text asks for, or two that it may; none when nothing is likely.

    `asks` says that the text asks for something to be done: then it is likely to be one of them.
    """
    if not matches:
        return []
    first = matches[0]
    likely = first.share >= ASKED if asks else first.share >= TOLD and first.cosine >= NEAR
    if not likely:
        return []
    return [one for one in matches if first.share - one.share < CLEAR_OF][:2]


@lru_cache(maxsize=1)
def _more_phrases() -> dict[str, tuple[str, ...]]:
    more: dict[str, tuple[str, ...]] = {}
    for language in LANGUAGES:
        texts = yaml.safe_load((FOLDER / f"phrases_{language}.yml").read_text(encoding="utf-8"))
        for code, phrases in texts.items():
            more[code] = (*more.get(code, ()), *phrases)
    return more


_own_entries = lru_cache(maxsize=1)(default_services)


@lru_cache(maxsize=256)
def _own_phrases(code: str) -> frozenset[str]:
    """Phrases of the entry that the product comes with under this code."""
    service = _own_entries().get(code)
    if service is None:
        return frozenset()
    return frozenset(text for texts in service.phrases.values() for text in texts)


def _learned(codes: NDArray[np.str_], vectors: NDArray[np.float32]) -> Any:
    """The model of the entries; None of fewer than two, which nothing tells apart."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  (a second of import)

    if len(set(codes.tolist())) < 2:  # noqa: PLR2004  (to tell apart)
        return None
    model = LogisticRegression(C=REGULARISATION, class_weight="balanced", max_iter=200)
    return model.fit(SHARPNESS * vectors, codes)
