"""What training and reading need of the encoder's tokeniser."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from assistant.dialogue.normalisation import normalise
from assistant.dialogue.reader.examples import LabelledClause, LabelledMessage
from assistant.dialogue.reader.tokens import Tokens

_HAN = re.compile(r"[\u3400-\u9fff]")
_PUNCTUATION = ".,!?;:。、…~-"
CONNECTIVES = {
    "en": (
        "and",
        "but",
        "also",
        "and also",
        "then",
        "so",
        "plus",
        "oh and",
        "because",
        "by the way",
    ),
    "zh": ("另外", "还有", "然后", "但是", "不过", "顺便", "而且", "所以", "对了", "再"),
}


def normalised(message: LabelledMessage) -> LabelledMessage:
    """The message as it is read (`normalisation`)."""
    clauses = (
        LabelledClause(normalise(clause.text, message.language).text, clause.intent, clause.stance)
        for clause in message.clauses
    )
    return LabelledMessage(message.language, tuple(c for c in clauses if c.text))


def ids_of(tokenizer: Any) -> Callable[[list[str]], list[list[int]]]:
    """Texts to token numbers without the two at the ends."""

    def read(texts: list[str]) -> list[list[int]]:
        numbers: list[list[int]] = tokenizer(texts, add_special_tokens=False)["input_ids"]
        return numbers

    return read


def tokens_of(tokenizer: Any, texts: Sequence[str]) -> Tokens:
    """The tokeniser's numbers; the Chinese tokens of `texts` can be learned."""
    read = ids_of(tokenizer)
    used = {number for ids in read(list(texts)) for number in ids}
    chinese = {
        number: word
        for number, word in zip(
            sorted(used), tokenizer.convert_ids_to_tokens(sorted(used)), strict=True
        )
        if _HAN.search(word)
    }
    characters = {
        number: tuple(i for ids in read(list(word)) for i in ids)
        for number, word in chinese.items()
        if len(word) > 1
    }
    learnable = sorted({*chinese, *(i for ids in characters.values() for i in ids)})
    return Tokens(
        first=tokenizer.cls_token_id,
        last=tokenizer.sep_token_id,
        mask=tokenizer.mask_token_id,
        punctuation=frozenset(tokenizer.convert_tokens_to_ids(list(_PUNCTUATION))),
        connectives={
            language: tuple(tuple(ids) for ids in read(list(words)))
            for language, words in CONNECTIVES.items()
        },
        characters=characters,
        learnable=tuple(learnable),
    )
