"""Readings of Chinese names: characters apart, and their romanisations, family name first.

Pinyin is pypinyin's, with the readings that characters have only as family names (曾 is Zeng there, not Ceng). Characters
stand apart as well, since rigour knows many of them in the romanisations of Hong Kong, Taiwan and elsewhere (陈 is Chan).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pypinyin import lazy_pinyin

TRADITIONAL = Path(__file__).with_name("traditional.txt")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_FORMS = re.compile(
    r"(?:股份|责任|控股)?(?:有限)?(?:责任)?公司$|（[^）]*）|\([^)]*\)"
)  # what a company is, and where
_ONLY_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\s·•]+")
TWO_CHARACTERS = frozenset(
    (
        "欧阳 司马 诸葛 上官 司徒 夏侯 皇甫 尉迟 公孙 慕容 令狐 东方 西门 南宫 端木 "
        "独孤 宇文 长孙 轩辕 澹台 公冶 宗政 濮阳 淳于 单于 太叔 申屠 仲孙 钟离 鲜于 闻人"
    ).split()
)
FAMILY_NAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
    "石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤查仇欧霍柯骆"
)
AS_FAMILY_NAME = {
    "曾": "zeng",
    "单": "shan",
    "仇": "qiu",
    "解": "xie",
    "查": "zha",
    "任": "ren",
    "朴": "piao",
    "区": "ou",
    "秘": "bi",
    "冼": "xian",
    "翟": "zhai",
    "黑": "he",
    "盖": "ge",
    "乐": "yue",
    "员": "yun",
    "尹": "yin",
    "洗": "xian",
    "折": "she",
    "繁": "po",
    "召": "shao",
    "覃": "qin",
    "华": "hua",
    "万": "wan",
    "尉": "wei",
    "种": "chong",
    "祭": "zhai",
    "宓": "mi",
    "纪": "ji",
    "葛": "ge",
    "哈": "ha",
}


def has_han(name: str) -> bool:
    """Whether a name has Chinese characters."""
    return bool(_HAN.search(name))


@lru_cache(maxsize=10_000)
def readings_of(name: str, kind: Literal["person", "organisation"]) -> list[str]:
    """The name itself, and the ways in which its Chinese may be written in other books."""
    if not has_han(name):
        return [name]
    simple = name.translate(_simplified())
    characters = "".join(_HAN.findall(simple))
    if kind == "organisation":
        plain = _FORMS.sub("", simple) or simple
        return [plain, " ".join(lazy_pinyin("".join(_HAN.findall(plain))))]
    if not _ONLY_HAN.fullmatch(simple) or len(characters) > 4 or "·" in simple:  # noqa: PLR2004
        return [simple, " ".join(lazy_pinyin(characters))]
    length = 2 if characters[:2] in TWO_CHARACTERS and len(characters) > 2 else 1  # noqa: PLR2004
    family, given_name = characters[:length], characters[length:]
    first = AS_FAMILY_NAME.get(family) or "".join(lazy_pinyin(family))
    rest = lazy_pinyin(given_name)
    return [
        simple,
        f"{family} {' '.join(given_name)}",
        *_umlauts(f"{first} {''.join(rest)}"),
        *_umlauts(f"{first} {' '.join(rest)}"),
    ]


def is_romanised(parts: Sequence[str]) -> bool:
    """Whether words can be a Chinese name in pinyin: syllables of it alone, with a family name among them."""
    return bool(parts) and all(map(is_pinyin, parts)) and not _family_names().isdisjoint(parts)


@lru_cache(maxsize=50_000)
def is_pinyin(word: str) -> bool:
    """Whether a word can be cut into syllables of Mandarin."""
    if not word:
        return False
    ends = {0}
    for end in range(1, len(word) + 1):
        if any(
            word[end - length : end] in _syllables()
            for length in range(1, 7)
            if end - length in ends
        ):
            ends.add(end)
    return len(word) in ends


@lru_cache(maxsize=1)
def _syllables() -> frozenset[str]:
    """Syllables of Mandarin as names are written, longer than a vowel."""
    syllables = {
        reading for character in range(0x4E00, 0x9FA6) for reading in lazy_pinyin(chr(character))
    }
    return frozenset(s.replace("v", "u") for s in syllables if s.isascii() and len(s) > 1) | {
        "lv",
        "nv",
        "lyu",
        "nyu",
    }


@lru_cache(maxsize=1)
def _family_names() -> frozenset[str]:
    names = [AS_FAMILY_NAME.get(name) or lazy_pinyin(name)[0] for name in FAMILY_NAMES]
    return frozenset(names) | {"".join(lazy_pinyin(name)) for name in TWO_CHARACTERS}


def _umlauts(pinyin: str) -> list[str]:
    """Lü is written Lu, Lyu or Lv."""
    return (
        [pinyin]
        if "v" not in pinyin
        else [pinyin, pinyin.replace("v", "u"), pinyin.replace("v", "yu")]
    )


@lru_cache(maxsize=1)
def _simplified() -> dict[int, str]:
    """Traditional characters and their simplified forms, as `str.translate` takes them.

    One by one: a name is not a word, so the readings that depend on neighbours do not matter.
    """
    lines = TRADITIONAL.read_text(encoding="utf-8").splitlines()
    pairs = [pair for line in lines if not line.startswith("#") for pair in line.split()]
    return {ord(pair[0]): pair[1] for pair in pairs}
