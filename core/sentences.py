"""Sentences of the record: kept in English with their values, so that what was decided reads the same for ever, and told in the
reader's language where they are shown."""

from __future__ import annotations

import re
from bisect import insort
from collections.abc import Mapping
from functools import lru_cache

from core.languages import Language

_FIELD = re.compile(r"\{(\w+)\}")
_KNOWN: list[Sentence] = []
# Characters of a sentence that is looked for: whatever somebody wrote into one, matching it ends.
MAX_SENTENCE = 1_000


class Sentence:
    """A sentence in both languages, with the same {fields} in each.

    `words` says what the values of a field are called in Chinese, where they are names of ours; several are separated by
    ", ". The field `within` is a sentence itself. Whatever else a value is stays as it was written. One that would fit
    whatever anybody writes is not `known` to `told`: whoever keeps it tells it.
    """

    def __init__(
        self, en: str, zh: str, *, within: str = "", known: bool = True, **words: Mapping[str, str]
    ) -> None:
        self._en, self._zh, self._within, self._words = en, zh, within, words
        literal = _FIELD.split(en)
        self.weight = sum(
            map(len, literal[::2])
        )  # characters that are no value: of two that fit, the heavier is meant
        self._pattern = re.compile(
            "".join(
                f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(literal)
            ),
            re.DOTALL,
        )
        if known:
            insort(_KNOWN, self, key=lambda one: -one.weight)

    def en(self, **values: object) -> str:
        """As it is kept."""
        return self._en.format(**values)

    def zh(self, **values: object) -> str:
        """As it is told in Chinese."""
        return self._zh.format(
            **{field: self._in_chinese(field, str(value)) for field, value in values.items()}
        )

    def both(self, **values: object) -> dict[Language, str]:
        """In each language."""
        return {"en": self.en(**values), "zh": self.zh(**values)}

    def values_in(self, text: str) -> dict[str, str] | None:
        """The values of a kept text, or None when it is not this sentence."""
        found = self._pattern.fullmatch(text)
        return found.groupdict() if found else None

    def _in_chinese(self, field: str, value: str) -> str:
        if field == self._within:
            return told(value, "zh")
        words, parts = self._words.get(field, {}), value.split(", ")
        return (
            "、".join(words[part] for part in parts)
            if all(part in words for part in parts)
            else value
        )


@lru_cache(maxsize=10_000)
def told(text: str, language: Language) -> str:
    """A kept sentence in a language; what is none of ours, or longer than ours get, is left as it is."""
    if language == "en" or len(text) > MAX_SENTENCE:
        return text
    for sentence in _KNOWN:
        if (values := sentence.values_in(text)) is not None:
            return sentence.zh(**values)
    return text
