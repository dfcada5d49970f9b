"""Training of the reader, on the messages in `data/`: `assistant train-reader`.

An item is a text as tokens with the clauses in it: a clause alone, a message of several, or two or three messages in
a row, which is where most of the boundaries come from. Trainings that begin alike are averaged (Wortsman et al. 2022,
arXiv:2203.05482): those on the first six files of examples and those on all of them, which read better together than either.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from assistant.dialogue.reader.examples import LabelledMessage, fingerprint_of, training_messages
from assistant.dialogue.reader.labels import ACTS, INTENTS, STANCES
from assistant.dialogue.reader.network import Batch, Network, Scores
from assistant.dialogue.reader.tokens import Tokens

if TYPE_CHECKING:
    from assistant.dialogue.reader.weights import ReaderWeights

SEED = 7
MAX_TOKENS = 128
POOL = 20  # batches that are taken apart by length
NO_LABEL = -100  # passed over by torch's cross entropy
Arrays = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Recipe:
    """How it is trained. Rates are of AdamW; probabilities are of a token or an item."""

    rank: int = 16
    scale: float = 2.0
    epochs: int = 14
    batch: int = 64
    lora_rate: float = 1e-3
    head_rate: float = 3e-3
    row_rate: float = 1e-3
    dropout: float = 0.15
    smoothing: float = 0.1
    context: float = (
        0.0  # weight of intent and stance of clauses that are read within their message
    )
    joined: float = 0.25  # messages joined to others, as a share of the items
    consistency: float = 1.0  # weight of R-Drop (Liang et al. 2021, arXiv:2106.14448)
    masked: float = 0.05  # tokens replaced by the mask
    split: float = 0.15  # Chinese words read by their characters
    unpunctuated: float = 0.3  # clauses without their last punctuation mark
    statement_weight: float = 0.1  # of the stance of clauses without effect
    balance: float = 0.0  # exponent of the inverse frequency of a stance
    boundary_weight: float = 0.3
    rare: float = 3.0  # weight of a token that begins a clause
    learn_rows: bool = True
    in_bytes: float = (
        0.3  # share of the epochs, the last, in which layers round as they will when read
    )
    languages: tuple[str, ...] = ("en", "zh")
    trainings: int = 2
    seed: int = SEED


@dataclass(frozen=True)
class Part:
    """Trainings whose mean has a share in the product's reader; `files` are the last letters of the examples' names."""

    files: str
    recipe: Recipe
    share: float


PARTS = (
    Part("abc", Recipe(), 0.5),
    Part("abcdefgh", Recipe(batch=128, lora_rate=1.2e-3, row_rate=1.2e-3, epochs=10), 0.5),
)
# Of the logits, by which a mean is less sure than what it is the mean of; least surprised by the messages that calibrate.
SHARPENED = {"intent": 1.2, "stance": 1.3}


@dataclass(frozen=True)
class Item:
    """A text's tokens, clause by clause, each with the numbers of its intent and its stance."""

    language: str
    clauses: tuple[tuple[tuple[int, ...], int, int], ...]
    joined: bool = field(default=False)


def items_of(
    messages: Sequence[LabelledMessage], read: Callable[[list[str]], list[list[int]]]
) -> list[Item]:
    """The messages as items; `read` turns texts into token numbers without the two at the ends."""
    clauses = [clause for message in messages for clause in message.clauses]
    tokens = iter(read([clause.text for clause in clauses]))
    return [
        Item(
            message.language,
            tuple(
                (tuple(next(tokens)), INTENTS.index(clause.intent), STANCES.index(clause.stance))
                for clause in message.clauses
            ),
        )
        for message in messages
    ]


def train(
    encoder: Callable[[], Any],
    items: Sequence[Item],
    tokens: Tokens,
    recipe: Recipe,
    device: str = "cpu",
    report: Callable[[int, int, float], None] | None = None,
) -> Arrays:
    """Learn from items; the mean of `recipe.trainings` trainings. The same items and recipe give the same weights."""
    return averaged(
        [
            train_once(encoder(), items, tokens, recipe, number, device, report)
            for number in range(recipe.trainings)
        ]
    )


def averaged(trainings: Sequence[Arrays], shares: Sequence[float] = ()) -> Arrays:
    """The mean of several trainings: changes of a layer side by side, as one of a higher rank; all else added up."""
    weights = [np.float32(share) for share in shares or [1 / len(trainings)] * len(trainings)]
    arrays: Arrays = {}
    for name in trainings[0]:
        parts = [training[name] for training in trainings]
        weighted = [part * weight for part, weight in zip(parts, weights, strict=True)]
        if name.endswith(".down"):
            arrays[name] = np.concatenate(parts)
        elif name.endswith(".up"):
            arrays[name] = np.concatenate(weighted, axis=1)
        else:
            arrays[name] = np.sum(weighted, axis=0)
    return arrays


def sharpened(arrays: Arrays) -> Arrays:
    """The heads with their logits multiplied."""
    return {
        name: array * np.float32(SHARPENED.get(name.partition(".")[0], 1.0))
        for name, array in arrays.items()
    }


def network_of(encoder: Any, tokens: Tokens, recipe: Recipe, device: str) -> Network:
    """The untrained network, always from the same beginning."""
    torch.manual_seed(recipe.seed)
    learnable = torch.tensor(tokens.learnable if recipe.learn_rows else (), dtype=torch.long)
    network = Network(encoder, recipe.rank, recipe.scale, recipe.dropout, learnable)
    return network.to(device)


def train_once(
    encoder: Any,
    items: Sequence[Item],
    tokens: Tokens,
    recipe: Recipe,
    number: int,
    device: str = "cpu",
    report: Callable[[int, int, float], None] | None = None,
) -> Arrays:
    """One training; its number decides order and dropout, not the beginning."""
    items = [item for item in items if item.language in recipe.languages]
    network = network_of(encoder, tokens, recipe, device)
    torch.manual_seed(recipe.seed + number)
    chance = random.Random(recipe.seed + number)  # noqa: S311  (order, not secrets)
    weights = _stance_weights(items, recipe.balance).to(device)
    steps = recipe.epochs * (-(-_items_an_epoch(items, recipe) // recipe.batch))
    optimiser = torch.optim.AdamW(_groups(network, recipe), fused=device != "cpu")
    pace = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [group["lr"] for group in optimiser.param_groups], total_steps=steps + 1
    )
    network.train()
    for epoch in range(recipe.epochs):
        network.round_to_bytes(epoch >= recipe.epochs * (1 - recipe.in_bytes))
        losses = []
        for chosen in _batches(items, tokens, recipe, chance):
            batch, labels = collate(chosen, tokens, device)
            loss = _loss(network, batch, labels, recipe, weights)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            pace.step()
            losses.append(loss.detach())
        if report:
            report(number, epoch, float(torch.stack(losses).mean()))
    return network.learned()


def _groups(network: Network, recipe: Recipe) -> list[dict[str, Any]]:
    lora = [p for adapted in network.lora.values() for p in (adapted.down, adapted.up)]
    heads = [
        p
        for head in (network.attention, network.intent, network.stance, network.boundary)
        for p in head.parameters()
    ]
    groups = [
        {"params": lora, "lr": recipe.lora_rate},
        {"params": heads, "lr": recipe.head_rate},
    ]
    if recipe.learn_rows:
        rows = {"params": [network.rows.change.weight], "lr": recipe.row_rate, "weight_decay": 0.0}
        groups.append(rows)
    return groups


def _stance_weights(items: Sequence[Item], exponent: float) -> torch.Tensor:
    counts = np.bincount(
        [stance for item in items for _, intent, stance in item.clauses if intent < len(ACTS)],
        minlength=len(STANCES),
    ).clip(1)
    weights = (counts.mean() / counts) ** exponent
    return torch.tensor(weights / weights.mean(), dtype=torch.float32)


def _items_an_epoch(items: Sequence[Item], recipe: Recipe) -> int:
    singles = sum(len(item.clauses) for item in items)
    several = sum(len(item.clauses) > 1 for item in items)
    return singles + several + int(recipe.joined * singles)


def _batches(
    items: Sequence[Item], tokens: Tokens, recipe: Recipe, chance: random.Random
) -> Iterator[list[Item]]:
    """One epoch: every clause alone, every message of several, and messages that are joined by chance."""
    chosen = [replace(item, clauses=(clause,)) for item in items for clause in item.clauses]
    count = int(recipe.joined * len(chosen))
    chosen += [item for item in items if len(item.clauses) > 1]
    chosen += [_joined(items, tokens, chance) for _ in range(count)]
    chance.shuffle(chosen)
    batches = [
        pool[start : start + recipe.batch]
        for first in range(0, len(chosen), recipe.batch * POOL)
        for pool in [sorted(chosen[first : first + recipe.batch * POOL], key=_length)]
        for start in range(0, len(pool), recipe.batch)
    ]
    chance.shuffle(batches)
    for batch in batches:
        yield [_changed(item, tokens, recipe, chance) for item in batch]


def _length(item: Item) -> int:
    """Tokens of an item: those of about one length are trained together, so that little is padded."""
    return sum(len(ids) for ids, _, _ in item.clauses)


def _joined(items: Sequence[Item], tokens: Tokens, chance: random.Random) -> Item:
    """Two messages of a language in a row, sometimes three, sometimes with a connective."""
    first = chance.choice(items)
    clauses = list(first.clauses)
    for _ in range(chance.choice((1, 1, 2))):
        other = chance.choice(items)
        while other.language != first.language:
            other = chance.choice(items)
        (head, intent, stance), *rest = other.clauses
        if chance.random() < 0.3:  # noqa: PLR2004  (of the connectives that people write)
            head = chance.choice(tokens.connectives[first.language]) + head
        clauses += [(head, intent, stance), *rest]
    return Item(first.language, tuple(clauses), joined=True)


def _changed(item: Item, tokens: Tokens, recipe: Recipe, chance: random.Random) -> Item:
    """The item with some of its tokens masked, split or left out."""
    return replace(
        item,
        clauses=tuple(
            (_noisy(ids, tokens, recipe, chance), intent, stance)
            for ids, intent, stance in item.clauses
        ),
    )


def _noisy(
    ids: tuple[int, ...], tokens: Tokens, recipe: Recipe, chance: random.Random
) -> tuple[int, ...]:
    if len(ids) > 1 and ids[-1] in tokens.punctuation and chance.random() < recipe.unpunctuated:
        ids = ids[:-1]
    noisy: list[int] = []
    for token in ids:
        if token in tokens.characters and chance.random() < recipe.split:
            noisy += tokens.characters[token]
        else:
            noisy.append(tokens.mask if chance.random() < recipe.masked else token)
    return tuple(noisy)


@dataclass(frozen=True)
class Labels:
    """Numbers of intents and stances, a clause each; of tokens 1 where a clause begins, NO_LABEL where nothing can."""

    intent: torch.Tensor
    stance: torch.Tensor
    boundary: torch.Tensor
    alone: torch.Tensor
    joined: torch.Tensor


def collate(items: Sequence[Item], tokens: Tokens, device: str = "cpu") -> tuple[Batch, Labels]:
    """Items as tensors, padded to the longest."""
    width = min(MAX_TOKENS, 2 + max(sum(len(c[0]) for c in item.clauses) for item in items))
    ids = np.zeros((len(items), width), np.int64)
    boundary = np.full((len(items), width), NO_LABEL, np.int64)
    spans: list[tuple[int, int, int, int, int, bool, bool]] = []
    for row, item in enumerate(items):
        at = 1
        ids[row, 0] = tokens.first
        for own, intent, stance in item.clauses:
            end = min(at + len(own), width - 1)
            if end <= at:
                break
            ids[row, at:end] = own[: end - at]
            boundary[row, at:end] = 0
            boundary[row, at] = 1 if at > 1 else NO_LABEL
            spans.append((row, at, end, intent, stance, len(item.clauses) == 1, item.joined))
            at = end
        ids[row, at] = tokens.last
    rows, starts, ends, intents, stances, alone, joined = (
        torch.tensor(column, device=device) for column in zip(*spans, strict=True)
    )
    numbers = torch.from_numpy(ids).to(device)
    places = torch.arange(width, device=device)
    clauses = (places >= starts[:, None]) & (places < ends[:, None])
    batch = Batch(numbers, (numbers != 0).long(), rows, clauses)
    labels = Labels(intents, stances, torch.from_numpy(boundary).to(device), alone, joined)
    return batch, labels


def _loss(
    network: Network, batch: Batch, labels: Labels, recipe: Recipe, weights: torch.Tensor
) -> torch.Tensor:
    if not recipe.consistency:
        return _supervised(network(batch), labels, recipe, weights)
    both = network(_twice(batch))
    one, other = _half(both, 0), _half(both, 1)
    supervised = [_supervised(scores, labels, recipe, weights) for scores in (one, other)]
    return (supervised[0] + supervised[1]) / 2 + recipe.consistency * (
        _divergence(one.intent, other.intent) + _divergence(one.stance, other.stance)
    )


def _twice(batch: Batch) -> Batch:
    """Every text two times, each with a dropout of its own."""
    return Batch(
        batch.ids.repeat(2, 1),
        batch.mask.repeat(2, 1),
        torch.cat([batch.rows, batch.rows + len(batch.ids)]),
        batch.clauses.repeat(2, 1),
    )


def _half(scores: Scores, number: int) -> Scores:
    return Scores(
        *(part.chunk(2)[number] for part in (scores.intent, scores.stance, scores.boundary))
    )


def _supervised(
    scores: Scores, labels: Labels, recipe: Recipe, weights: torch.Tensor
) -> torch.Tensor:
    intent = functional.cross_entropy(
        scores.intent, labels.intent, reduction="none", label_smoothing=recipe.smoothing
    )
    stance = functional.cross_entropy(
        scores.stance, labels.stance, reduction="none", label_smoothing=recipe.smoothing
    )
    counted = torch.where(labels.alone, 1.0, recipe.context)
    heard = torch.where(labels.intent < len(ACTS), weights[labels.stance], recipe.statement_weight)
    known = labels.boundary != NO_LABEL
    begins = labels.boundary.clamp(min=0).float()
    boundary = functional.binary_cross_entropy_with_logits(
        scores.boundary, begins, weight=known * (1 + (recipe.rare - 1) * begins), reduction="sum"
    ) / len(begins)
    clauses = ((intent + stance * heard) * counted).sum() / counted.sum().clamp(min=1)
    return clauses + recipe.boundary_weight * boundary


def _divergence(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Symmetric Kullback-Leibler divergence of two rows of logits, the mean of the rows."""
    first, second = one.log_softmax(-1), other.log_softmax(-1)
    there = functional.kl_div(first, second, reduction="batchmean", log_target=True)
    back = functional.kl_div(second, first, reduction="batchmean", log_target=True)
    return (there + back) / 2


def train_product() -> ReaderWeights:
    """Train the product's reader and write its file; ten minutes on a graphics processor, hours without one."""
    from assistant.dialogue.reader import tokenisation  # noqa: PLC0415  (needs what training elsewhere does not)
    from assistant.dialogue.reader.weights import ReaderWeights  # noqa: PLC0415
    from core import chinese_rows  # noqa: PLC0415
    from knowledge_base.encoder import bundled_in_both_languages  # noqa: PLC0415

    messages = [tokenisation.normalised(message) for message in training_messages()]
    tokenizer = bundled_in_both_languages().tokenizer
    tokens = tokenisation.tokens_of(tokenizer, [c.text for m in messages for c in m.clauses])
    parts = [
        train(
            lambda: bundled_in_both_languages()[0].auto_model,
            items_of(
                [tokenisation.normalised(one) for one in training_messages(files=part.files)],
                tokenisation.ids_of(tokenizer),
            ),
            tokens,
            part.recipe,
            "cuda" if torch.cuda.is_available() else "cpu",
        )
        for part in PARTS
    ]
    arrays = sharpened(averaged(parts, [part.share for part in PARTS]))
    learned = np.array(tokens.learnable, np.int32)
    weights = ReaderWeights(arrays, learned, fingerprint_of(messages), chinese_rows.fingerprint())
    weights.write()
    return weights
