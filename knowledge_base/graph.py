"""The bundled encoder as a recorded graph: the same vectors as sentence-transformers makes, without its Python.

For one short text two fifths of the time went into Python between the operations of the model, not into them.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

MAX_TOKENS = 256  # of a text: the model has learned no longer ones
# Recorded with texts of two lengths, so that the graph reads the mask.
_RECORDED_WITH = ["Where is my card?", "I have sent money abroad and it has not arrived yet."]


class Graph:
    """Texts to unit vectors: tokens, the recorded model, the mean of its tokens (what the bundled model was made for)."""

    def __init__(
        self,
        model: SentenceTransformer,
        *,
        max_tokens: int = MAX_TOKENS,
        whole_numbers: bool = False,
    ) -> None:
        self._tokenizer, self._max_tokens = model.tokenizer, max_tokens
        inner = _in_whole_numbers(model[0].auto_model) if whole_numbers else model[0].auto_model
        self._run = _recorded(inner, self._tokens(_RECORDED_WITH))

    def __call__(self, texts: list[str]) -> NDArray[np.float32]:
        """Unit vectors, a row each."""
        ids, mask = self._tokens(texts)
        with torch.inference_mode():
            means = mean_of_tokens(self._run(ids, mask), mask)
        return np.asarray(torch.nn.functional.normalize(means, dim=-1).numpy(), np.float32)

    def _tokens(self, texts: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
        read = self._tokenizer(
            texts, padding=True, truncation=True, max_length=self._max_tokens, return_tensors="pt"
        )
        return read["input_ids"], read["attention_mask"]


class _States(torch.nn.Module):
    """Ids and mask to the last hidden states, and nothing else: what can be recorded."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Shape (texts, tokens, dimensions)."""
        states: torch.Tensor = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
        return states


def _recorded(model: Any, example: tuple[torch.Tensor, torch.Tensor]) -> Any:
    """The model's operations on ids and mask, recorded and frozen; any number and length of texts can be given to it."""
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # branches on lengths that the mask decides: the example takes the general one
        graph = torch.jit.trace(_States(model).eval(), example, strict=False, check_trace=False)  # type: ignore[no-untyped-call]
        return torch.jit.freeze(graph)


def _in_whole_numbers(model: Any) -> Any:
    """The model with its linear layers in 8-bit integers: a third of the time, at some cost in exactness."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a successor in another package
        scales = (
            torch.ao.quantization.per_channel_dynamic_qconfig
        )  # one for the whole layer costs two points of accuracy
        return torch.ao.quantization.quantize_dynamic(model, {torch.nn.Linear: scales})  # type: ignore[no-untyped-call]


def mean_of_tokens(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The mean of each text's own tokens."""
    weights = mask[..., None].to(states.dtype)
    return (states * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
