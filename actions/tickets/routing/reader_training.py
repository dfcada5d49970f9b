"""Training of the reader: low-rank changes of the bundled encoder and two heads, on the product's own examples.

Trainings that differ in the order of their examples alone differ by some points in what they get right. So there are three from
the same beginning, and their weights are averaged (Wortsman et al. 2022, arXiv:2203.05482): one model at run time, better than each.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import structlog
import torch
from numpy.typing import NDArray
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from actions.tickets.lifecycle import KINDS, QUEUES
from actions.tickets.routing.classifier import SEED, Example, fingerprint_of
from actions.tickets.routing.reader import (
    LORA_LAYERS,
    MAX_TOKENS,
    RANK,
    SCALE,
    VECTOR_WEIGHT,
    LoraWeights,
)
from actions.tickets.routing.speech_acts import ACT_COLUMNS, act_features
from knowledge_base.encoder import bundled_in_both_languages
from knowledge_base.graph import mean_of_tokens

TRAININGS, EPOCHS, BATCH = 3, 6, 32
MIN_WEIGHT = 0.1  # examples that count for less are left to the linear model
RATE_OF_LORA, RATE_OF_HEADS = 1e-3, 3e-3
DROPOUT, SMOOTHING = 0.15, 0.05  # dropout; label smoothing
UNKNOWN = -100  # a label that torch passes over
log = structlog.get_logger(__name__)


class LoraLinear(nn.Module):
    """A linear layer that stays as it is, with a low-rank change that is learned."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.layer = layer
        self.down = nn.Parameter(torch.randn(RANK, layer.in_features) / RANK)
        self.up = nn.Parameter(torch.zeros(layer.out_features, RANK))
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """The layer's answer and the change's."""
        answer: torch.Tensor = self.layer(hidden) + SCALE * (
            self.dropout(hidden) @ self.down.T @ self.up.T
        )
        return answer


class _FineTunedEncoder(nn.Module):
    """The encoder with what is to be learned."""

    def __init__(self) -> None:
        super().__init__()
        whole = bundled_in_both_languages()
        self.tokenizer, self.encoder = whole.tokenizer, whole[0].auto_model
        self.encoder.requires_grad_(False)
        self.lora: dict[str, LoraLinear] = {}
        for number, layer in enumerate(self.encoder.encoder.layer):
            for name in LORA_LAYERS:
                self.lora[f"{number}.{name}"] = adapted = LoraLinear(layer.get_submodule(name))
                layer.set_submodule(name, adapted)
        width = self.encoder.config.hidden_size + ACT_COLUMNS
        self.kinds, self.queues = nn.Linear(width, len(KINDS)), nn.Linear(width, len(QUEUES))
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """Scores of kinds and queues."""
        read = self.tokenizer(
            list(texts), padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
        )
        states = self.encoder(
            input_ids=read["input_ids"], attention_mask=read["attention_mask"]
        ).last_hidden_state
        vectors = nn.functional.normalize(mean_of_tokens(states, read["attention_mask"]), dim=-1)
        features = torch.cat(
            [self.dropout(VECTOR_WEIGHT * vectors), torch.from_numpy(act_features(texts))], dim=1
        )
        return self.kinds(features), self.queues(features)

    def learned(self) -> dict[str, NDArray[np.float32]]:
        """Changes and heads as arrays."""
        arrays = {
            f"{name}.{part}": getattr(adapted, part)
            for name, adapted in self.lora.items()
            for part in ("down", "up")
        }
        for head in ("kinds", "queues"):
            arrays |= {
                f"{head}.{part}": getattr(getattr(self, head), part) for part in ("weight", "bias")
            }
        return {name: array.detach().numpy().astype(np.float32) for name, array in arrays.items()}


def train_reader(examples: Sequence[Example], epochs: int = EPOCHS) -> LoraWeights:
    """Learn from examples; some five minutes a training on two cores."""
    used = [example for example in examples if example.weight >= MIN_WEIGHT]
    return LoraWeights(
        averaged([_trained(used, epochs, number) for number in range(TRAININGS)]),
        fingerprint_of(examples),
    )


def averaged(trainings: Sequence[dict[str, NDArray[np.float32]]]) -> dict[str, NDArray[np.float32]]:
    """The mean of several trainings: changes of a layer side by side, as one of a higher rank; heads added up."""
    share = np.float32(1 / len(trainings))
    arrays: dict[str, NDArray[np.float32]] = {}
    for name in trainings[0]:
        parts = [training[name] for training in trainings]
        if name.endswith(".down"):
            arrays[name] = np.concatenate(parts)
        elif name.endswith(".up"):
            arrays[name] = np.concatenate(parts, axis=1) * share
        else:
            arrays[name] = np.sum(parts, axis=0) * share
    return arrays


def _trained(used: Sequence[Example], epochs: int, number: int) -> dict[str, NDArray[np.float32]]:
    """One training; its number decides the order of the examples and what is left out, not the beginning."""
    torch.manual_seed(SEED)
    model = _FineTunedEncoder()
    torch.manual_seed(SEED + number)
    optimiser = torch.optim.AdamW(
        [
            {
                "params": [
                    p for adapted in model.lora.values() for p in (adapted.down, adapted.up)
                ],
                "lr": RATE_OF_LORA,
            },
            {
                "params": [*model.kinds.parameters(), *model.queues.parameters()],
                "lr": RATE_OF_HEADS,
            },
        ]
    )
    steps = epochs * (len(used) // BATCH)
    pace = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [RATE_OF_LORA, RATE_OF_HEADS], total_steps=steps + 1
    )
    for epoch in range(epochs):
        model.train()
        losses = [
            _step(model, batch, optimiser, pace)
            for batch in _batches(used, epoch + number * epochs)
        ]
        log.info(
            "reader.epoch",
            training=number + 1,
            number=epoch + 1,
            loss=round(float(np.mean(losses)), 3),
        )
    return model.learned()


def _batches(examples: Sequence[Example], epoch: int) -> list[list[Example]]:
    order = np.random.default_rng(SEED + epoch).permutation(len(examples))
    return [
        [examples[n] for n in order[i : i + BATCH]] for i in range(0, len(order) - BATCH + 1, BATCH)
    ]


def _step(
    model: _FineTunedEncoder,
    batch: Sequence[Example],
    optimiser: Optimizer,
    pace: LRScheduler,
) -> float:
    kinds, queues = model([example.text for example in batch])
    weights = torch.tensor([example.weight for example in batch])
    loss = (
        (
            _loss(kinds, [e.kind for e in batch], KINDS)
            + _loss(queues, [e.queue for e in batch], QUEUES)
        )
        * weights
    ).mean()
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()
    pace.step()
    return float(loss.detach())


def _loss(scores: torch.Tensor, labels: Sequence[str | None], names: Sequence[str]) -> torch.Tensor:
    right = torch.tensor([UNKNOWN if label is None else names.index(label) for label in labels])
    loss: torch.Tensor = nn.functional.cross_entropy(
        scores, right, reduction="none", ignore_index=UNKNOWN, label_smoothing=SMOOTHING
    )
    return loss
