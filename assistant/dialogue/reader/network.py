"""The reader as it learns: the bundled encoder with low-rank changes (Hu et al. 2021, arXiv:2106.09685) and three heads.

Intent and stance are read from the clause's tokens, by their mean and by a learned attention over them; that a clause
begins is read from each token. The encoder's own weights stand still.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from assistant.dialogue.reader.labels import INTENTS, STANCES

LORA_LAYERS = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
HEADS = ("intent", "stance", "boundary")


@dataclass(frozen=True)
class Batch:
    """Token numbers and mask, shape (texts, tokens); for each clause its text's row and which of the tokens are its own."""

    ids: torch.Tensor
    mask: torch.Tensor
    rows: torch.Tensor
    clauses: torch.Tensor


@dataclass(frozen=True)
class Scores:
    """Logits: a row a clause for intent and stance; for boundary one number a token, shape (texts, tokens)."""

    intent: torch.Tensor
    stance: torch.Tensor
    boundary: torch.Tensor


class LoraLinear(nn.Module):
    """A linear layer that stays as it is, with a low-rank change that is learned."""

    def __init__(self, layer: nn.Linear, rank: int, scale: float) -> None:
        super().__init__()
        self.layer, self.scale = layer, scale
        self.in_bytes = False
        self.down = nn.Parameter(torch.randn(rank, layer.in_features) / rank)
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank))

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """The changed layer's answer, if `in_bytes` as it will be in 8-bit integers."""
        weight = torch.addmm(self.layer.weight, self.up, self.down, alpha=self.scale)
        if self.in_bytes:
            weight, hidden = _bytes_of_rows(weight), _bytes_of_texts(hidden)
        return functional.linear(hidden, weight, self.layer.bias)


def _bytes_of_rows(weight: torch.Tensor) -> torch.Tensor:
    """Weights rounded to a byte each with a scale a row; what is learned passes through."""
    scales = weight.detach().abs().amax(1, keepdim=True) / 127
    return weight + (torch.round(weight / scales) * scales - weight).detach()


def _bytes_of_texts(hidden: torch.Tensor) -> torch.Tensor:
    """Activations rounded to a byte each between the least and the largest of their text."""
    low, high = (bound(hidden.detach(), (1, 2), keepdim=True) for bound in (torch.amin, torch.amax))
    scales = (high - low) / 255
    return hidden + (torch.round(hidden / scales) * scales - hidden).detach()


class LearnedRows(nn.Module):
    """The encoder's embedding table, with changes of some rows that are learned."""

    def __init__(self, table: nn.Embedding, tokens: torch.Tensor) -> None:
        super().__init__()
        self.table = table
        self.change = nn.Embedding(len(tokens) + 1, table.embedding_dim, padding_idx=0)
        nn.init.zeros_(self.change.weight)
        row_of = torch.zeros(table.num_embeddings, dtype=torch.long)
        row_of[tokens] = torch.arange(1, len(tokens) + 1)
        self.row_of: torch.Tensor
        self.register_buffer("row_of", row_of, persistent=False)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """The tokens' rows."""
        rows: torch.Tensor = self.table(ids) + self.change(self.row_of[ids])
        return rows


class Network(nn.Module):
    """The encoder with what is to be learned; `tokens` are those whose rows may move."""

    def __init__(
        self, encoder: Any, rank: int, scale: float, dropout: float, tokens: torch.Tensor
    ) -> None:
        super().__init__()
        self.encoder = encoder
        encoder.requires_grad_(False)
        self.lora: dict[str, LoraLinear] = {}
        for number, layer in enumerate(encoder.encoder.layer):
            for name in LORA_LAYERS:
                adapted = LoraLinear(layer.get_submodule(name), rank, scale)
                self.lora[f"{number}.{name}"] = adapted
                layer.set_submodule(name, adapted)
        self.rows = LearnedRows(encoder.embeddings.word_embeddings, tokens)
        encoder.embeddings.word_embeddings = self.rows
        width = encoder.config.hidden_size
        self.attention = nn.Linear(width, 2)
        self.intent = nn.Linear(2 * width, len(INTENTS))
        self.stance = nn.Linear(2 * width, len(STANCES))
        self.boundary = nn.Linear(width, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, batch: Batch) -> Scores:
        """Scores of the clauses and of the tokens."""
        states = self.encoder(input_ids=batch.ids, attention_mask=batch.mask).last_hidden_state
        boundary = self.boundary(self.dropout(states)).squeeze(-1)
        own = states[batch.rows]
        weights = self.attention(own).masked_fill(~batch.clauses[..., None], -1e4).softmax(1)
        counted = batch.clauses[..., None].to(own.dtype)
        mean = (own * counted).sum(1) / counted.sum(1).clamp(min=1)
        attended = torch.einsum("cth,ctw->chw", weights, own)
        intent = self.intent(self.dropout(torch.cat([mean, attended[:, 0]], 1)))
        stance = self.stance(self.dropout(torch.cat([mean, attended[:, 1]], 1)))
        return Scores(intent, stance, boundary)

    def round_to_bytes(self, in_bytes: bool) -> None:
        """Whether the layers round as they will in 8-bit integers (Jacob et al. 2018, arXiv:1712.05877)."""
        for adapted in self.lora.values():
            adapted.in_bytes = in_bytes

    def learned(self) -> dict[str, NDArray[np.float32]]:
        """Changes (`down` already scaled), rows and heads as arrays."""
        arrays: dict[str, torch.Tensor] = {"rows": self.rows.change.weight[1:]}
        for name, adapted in self.lora.items():
            arrays[f"{name}.down"] = adapted.down * adapted.scale
            arrays[f"{name}.up"] = adapted.up
        for head in (*HEADS, "attention"):
            layer = getattr(self, head)
            arrays |= {f"{head}.weight": layer.weight, f"{head}.bias": layer.bias}
        return {name: array.detach().float().cpu().numpy().copy() for name, array in arrays.items()}
