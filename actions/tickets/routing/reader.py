"""The reader: the bundled encoder fine-tuned towards what tickets are about, as the likeliest kinds and queues of a text.

A frozen encoder knows what a text speaks of; whether it asks, requests or complains is learned here, in low-rank changes
of its layers (Hu et al. 2021, arXiv:2106.09685) that fit into a small file of arrays. The fine-tuned model runs in 8-bit
integers, recorded as a graph: 3 ms for a sentence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from actions.tickets.routing.speech_acts import act_features
from knowledge_base.encoder import bundled_in_both_languages

if TYPE_CHECKING:
    from knowledge_base.graph import Graph

Matrix = NDArray[np.float32]
LORA_FILE = Path(__file__).parent / "reader.npz"
LORA_LAYERS = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
RANK = 8
SCALE = 2.0  # of the low-rank changes (alpha over rank)
VECTOR_WEIGHT = 4.0  # of the unit vector beside the acts, in front of the heads
MAX_TOKENS = 128  # of a text


@dataclass(frozen=True)
class Reading:
    """Shares of kinds and queues in the order of KINDS and QUEUES, a row for each text; rows sum to one."""

    kinds: Matrix
    queues: Matrix

    def of(self, number: int) -> Reading:
        """One text's."""
        return Reading(self.kinds[number : number + 1], self.queues[number : number + 1])


@dataclass(frozen=True)
class LoraWeights:
    """What was learned: changes by the name of the layer, the heads' weights and biases, and the examples' fingerprint."""

    arrays: dict[str, Matrix]
    fingerprint: str

    @classmethod
    def read(cls, path: Path = LORA_FILE) -> LoraWeights:
        """What `write` wrote."""
        with np.load(path, allow_pickle=False) as archive:
            arrays = {
                name: archive[name].astype(np.float32)
                for name in archive.files
                if name != "fingerprint"
            }
            return cls(arrays, str(archive["fingerprint"]))

    def write(self, path: Path = LORA_FILE) -> None:
        """As a file of half-precision arrays."""
        half: dict[str, Any] = {
            name: array.astype(np.float16) for name, array in self.arrays.items()
        }
        np.savez_compressed(path, fingerprint=self.fingerprint, **half)

    def apply(self, model: Any) -> None:
        """Add the changes to the weights of a transformer."""
        import torch  # noqa: PLC0415  (seconds of import)

        with torch.no_grad():
            for number, layer in enumerate(model.encoder.layer):
                for name in LORA_LAYERS:
                    down, up = (self.arrays[f"{number}.{name}.{part}"] for part in ("down", "up"))
                    layer.get_submodule(name).weight += torch.from_numpy(SCALE * up @ down)


class Reader:
    """Reads texts in a thread of its own; the model is loaded when it is first needed, or ahead."""

    def __init__(self, weights: LoraWeights) -> None:
        self.fingerprint = weights.fingerprint
        self._weights = weights
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reader")

    def load_ahead(self, *more: Callable[[], object]) -> None:
        """Begin to load the model, and whatever else readings need; whoever reads first waits for the rest."""
        for load in (lambda: self._model, *more):
            self._worker.submit(load)

    async def read(self, texts: Sequence[str]) -> Reading:
        """What the texts may be."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, self.read_now, texts)

    def read_now(self, texts: Sequence[str]) -> Reading:
        """The same in this thread, each text by itself: in 8-bit integers a neighbour's length would change what is read."""
        vectors = np.concatenate([self._model([text]) for text in texts])
        features = np.hstack([VECTOR_WEIGHT * vectors, act_features(texts)])
        return Reading(*(self._shares(head, features) for head in ("kinds", "queues")))

    def _shares(self, head: str, features: Matrix) -> Matrix:
        scores = (
            features @ self._weights.arrays[f"{head}.weight"].T
            + self._weights.arrays[f"{head}.bias"]
        )
        return np.asarray(softmax(scores, axis=1), np.float32)

    @cached_property
    def _model(self) -> Graph:
        from knowledge_base.graph import Graph  # noqa: PLC0415  (imports torch)

        model = bundled_in_both_languages()
        self._weights.apply(model[0].auto_model)
        return Graph(model, max_tokens=MAX_TOKENS, whole_numbers=True)


@lru_cache(maxsize=1)
def reader() -> Reader:
    """The product's reader in this process."""
    return Reader(LoraWeights.read())
