"""Names of invented people for the screening's measurements: of many sounds and scripts, with the aliases that lists give them."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from pypinyin import lazy_pinyin

from actions.name_matching.chinese_names import FAMILY_NAMES, TWO_CHARACTERS

# Sounds that words are made of.
_HEADS = tuple("b d f g h k l m n p r s t v z br dr gr kr st sh ch tr kl pl sk".split(" "))
_VOWELS = tuple("a e i o u ai ei au ia io".split(" "))
_TAILS = tuple(
    "n r s l m k t nd rt sk nov ev in ova ski man sen son ez ov ko enko ian oglu zadeh ani awi".split(
        " "
    )
)
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅文建国志海波林斌宇浩凯健俊峰龙飞鹏辉旭东晓春雪琴云莉颖慧婷欣佳思"
    "雨晨阳光天成家豪子轩梓涵诗琪嘉怡博瀚彦泽睿哲铭皓翔源清泉松柏青岩森永康安泰福寿祥瑞庆丰广德仁义礼信忠孝"
)
# What the words' letters are in other scripts, as ICU's transliteration of Latin writes them; pairs come first.
_CYRILLIC = {"ch": "цх"} | dict(zip("abdefghiklmnoprstuvwz", "абдефгхиклмнопрстувуз", strict=True))
_ARABIC = {"ch": "كه"} | dict(
    zip("abdefghiklmnoprstuvwz", "\u064eبد\u0650فگه\u0650كلمن\u064fپرست\u064fڤوز", strict=True)
)


class Person(NamedTuple):
    """A name and others that it is known by."""

    name: str
    aliases: tuple[str, ...]


class Names:
    """Names drawn from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._double = sorted(TWO_CHARACTERS)

    def person(self) -> Person:
        """A new one: a fifth Chinese, a fifth Russian, a tenth Arabic, the rest Latin."""
        drawn = self.random.random()
        if drawn < 0.2:
            return self._chinese()
        name = (
            f"{self._word(1)} {self._word(1)} {self._word(2)}"
            if self.random.random() < 0.4
            else f"{self._word(1)} {self._word(2)}"
        )
        aliases = [self._misspelt(name)] if self.random.random() < 0.5 else []
        if drawn < 0.4:
            aliases.append(_in_letters(name, _CYRILLIC))
        elif drawn < 0.5:
            aliases.append(_in_letters(name, _ARABIC))
        return Person(name, tuple(aliases))

    def asked(self, person: Person) -> str:
        """One of the person's names as somebody types it: as it is, turned round, misspelt, or shortened."""
        name = self.random.choice((person.name, *person.aliases))
        words = name.split()
        way = self.random.random()
        if way < 0.3 or not name.isascii():
            return name
        if way < 0.5:
            return f"{words[-1]}, {' '.join(words[:-1])}"
        if way < 0.6 and len(words) > 2:
            return f"{words[0]} {words[-1]}"
        return self._misspelt(name)

    def _chinese(self) -> Person:
        family = (
            self.random.choice(self._double)
            if self.random.random() < 0.03
            else self.random.choice(FAMILY_NAMES)
        )
        given = "".join(self.random.sample(_GIVEN, self.random.choice((1, 2, 2, 2))))
        pinyin = f"{''.join(lazy_pinyin(family))} {''.join(lazy_pinyin(given))}".title()
        return Person(pinyin, (family + given,))

    def _word(self, least: int) -> str:
        count = least + (self.random.random() < 0.6)
        syllables = [self.random.choice(_HEADS) + self.random.choice(_VOWELS) for _ in range(count)]
        return ("".join(syllables) + self.random.choice(_TAILS)).title()

    def _misspelt(self, name: str) -> str:
        """A letter dropped, doubled, or changed for its neighbour."""
        at = self.random.randrange(1, len(name))
        letter = name[at]
        if letter == " ":
            return name
        return (
            name[:at]
            + self.random.choice(("", letter * 2, self.random.choice("aeiounrst")))
            + name[at + 1 :]
        )


def _in_letters(name: str, letters: Mapping[str, str]) -> str:
    """A name in another script, letter by letter."""
    written = name.lower()
    for latin, other in letters.items():
        written = written.replace(latin, other)
    return unicodedata.normalize("NFC", written.title())
