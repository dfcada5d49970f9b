"""The reader at run time: intents and stances of clauses, and where the clauses of a message begin.

The fine-tuned encoder runs in 8-bit integers, recorded as a graph, one text at a time: in 8 bits a neighbour's length
would change what is read, and what a clause says must not depend on who else is served.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

import numpy as np
from scipy.special import expit, softmax

from assistant.dialogue.reader.labels import INTENTS, STANCES
from assistant.dialogue.reader.weights import Matrix, ReaderWeights
from assistant.dialogue.readings import Candidate, Stance

MAX_TOKENS = 128  # of a clause that are read
WINDOW, OVERLAP = 64, 16  # tokens of a long message that are read together for its boundaries
BOUNDARY = 0.5  # probability from which a clause begins
CACHE_SIZE = 2048  # clauses whose reading is remembered


@dataclass(frozen=True)
class ReaderReading:
    """What a clause may be: intents by falling confidence, and the probability of each stance; both sum to one."""

    intents: tuple[Candidate, ...]
    stances: dict[Stance, float]

    @property
    def intent(self) -> str:
        """The likeliest intent."""
        return self.intents[0].name

    @property
    def stance(self) -> Stance:
        """The likeliest stance."""
        return max(self.stances, key=self.stances.__getitem__)


class Reader:
    """Reads in a worker thread; the model is loaded when it is first needed, or ahead. Safe to share between threads."""

    def __init__(self, weights: ReaderWeights, worker: ThreadPoolExecutor | None = None) -> None:
        self.fingerprint = weights.fingerprint
        self._weights = weights
        self._worker = worker or ThreadPoolExecutor(max_workers=1, thread_name_prefix="reader")
        self._lock = Lock()
        self._model: _Model | None = None
        self._readings = lru_cache(maxsize=CACHE_SIZE)(self._reading)

    def load_ahead(self) -> None:
        """Begin to load the model; whoever reads first waits for the rest of it."""
        self._worker.submit(self._loaded)

    def read(self, clauses: Sequence[str]) -> list[ReaderReading]:
        """Each clause's reading, in this thread."""
        return [self._readings(clause) for clause in clauses]

    def boundaries(self, text: str) -> list[int]:
        """Offsets of the characters at which a clause begins, without the first; in this thread."""
        return [offset for offset, share in self.boundary_shares(text) if share >= BOUNDARY]

    def boundary_shares(self, text: str) -> list[tuple[int, float]]:
        """Offsets of tokens with the probability that a clause begins there, without the first token."""
        model = self._loaded()
        ids, offsets = model.tokens(text)
        shares = [share for window in _windows(ids) for share in self._shares(model, *window)]
        return list(zip(offsets, shares, strict=True))[1:]

    async def read_async(self, clauses: Sequence[str]) -> list[ReaderReading]:
        """What `read` returns, from the worker thread; the clauses of a message take one turn of it."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, self.read, clauses)

    def close(self) -> None:
        """Let the worker thread end."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _reading(self, clause: str) -> ReaderReading:
        model = self._loaded()
        ids, _ = model.tokens(clause)
        states = model.states(ids[:MAX_TOKENS])[1:-1]
        if not len(states):
            states = np.zeros((1, model.width), np.float32)
        arrays = self._weights.arrays
        attention = softmax(
            states @ arrays["attention.weight"].T + arrays["attention.bias"], axis=0
        )
        mean, attended = states.mean(axis=0), attention.T @ states
        intents = softmax(self._scores("intent", np.concatenate([mean, attended[0]])))
        stances = softmax(self._scores("stance", np.concatenate([mean, attended[1]])))
        ranking = sorted(zip(INTENTS, intents.tolist(), strict=True), key=lambda pair: -pair[1])
        return ReaderReading(
            tuple(Candidate(name=name, confidence=share) for name, share in ranking),
            dict(zip(STANCES, stances.tolist(), strict=True)),
        )

    def _shares(self, model: _Model, ids: list[int], skipped: int) -> list[float]:
        scores = self._scores("boundary", model.states(ids)[1:-1])
        shares: list[float] = expit(scores[:, 0]).tolist()
        return shares[skipped:]

    def _scores(self, head: str, features: Matrix) -> Matrix:
        arrays = self._weights.arrays
        return np.asarray(
            features @ arrays[f"{head}.weight"].T + arrays[f"{head}.bias"], np.float32
        )

    def _loaded(self) -> _Model:
        with self._lock:
            if self._model is None:
                self._model = _Model(self._weights)
            return self._model


class _Model:
    """The fine-tuned encoder in 8-bit integers, and its tokeniser."""

    def __init__(self, weights: ReaderWeights) -> None:
        from knowledge_base.encoder import bundled_in_both_languages  # noqa: PLC0415

        whole = bundled_in_both_languages()
        self._tokenizer, encoder = whole.tokenizer, whole[0].auto_model
        self.width = int(encoder.config.hidden_size)
        weights.apply(encoder)
        self._run = recorded(encoder, self.tokens("Where is my card?")[0])

    def tokens(self, text: str) -> tuple[list[int], list[int]]:
        """Token numbers without the two at the ends, and the offset of each in the text."""
        read = self._tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        return read["input_ids"], [start for start, _ in read["offset_mapping"]]

    def states(self, ids: list[int]) -> Matrix:
        """The last hidden states, shape (tokens + 2, width), the two at the ends included."""
        import torch  # noqa: PLC0415  (seconds of import)

        ends = (self._tokenizer.cls_token_id, self._tokenizer.sep_token_id)
        with torch.inference_mode():
            states = self._run(torch.tensor([[ends[0], *ids, ends[1]]]))
        array: Matrix = states[0].numpy()
        return array


def recorded(encoder: Any, example: list[int]) -> Any:
    """The encoder's operations on the numbers of one text, in 8 bits, recorded and frozen."""
    import warnings  # noqa: PLC0415

    import torch  # noqa: PLC0415

    class States(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            scales = torch.ao.quantization.per_channel_dynamic_qconfig
            self.model = torch.ao.quantization.quantize_dynamic(  # type: ignore[no-untyped-call]
                encoder, {torch.nn.Linear: scales}
            )

        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            states: torch.Tensor = self.model(input_ids=ids).last_hidden_state
            return states

    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph = torch.jit.trace(  # type: ignore[no-untyped-call]
            States().eval(), torch.tensor([example]), strict=False, check_trace=False
        )
        return torch.jit.freeze(graph)


def _windows(ids: list[int]) -> Iterator[tuple[list[int], int]]:
    """Stretches of a long text, and how many of each one's tokens belong to the stretch before."""
    yield ids[:WINDOW], 0
    for start in range(WINDOW - OVERLAP, len(ids) - OVERLAP, WINDOW - OVERLAP):
        yield ids[start : start + WINDOW], OVERLAP


@lru_cache(maxsize=1)
def reader() -> Reader:
    """The product's reader in this process."""
    return Reader(ReaderWeights.read())
