"""Cantonese as it is written in chats, in the words of standard Chinese, which the reader and the articles know."""

from __future__ import annotations

import re

# Longer ones first; written in Simplified characters, as a message is read. Words of both are left alone (要, 系统, 关系).
_WORDS: tuple[tuple[str, str], ...] = (
    ("唔该晒", "谢谢"),
    ("唔该", "麻烦"),
    ("多谢晒", "谢谢"),
    ("唔好", "不要"),
    ("唔使", "不用"),
    ("唔系", "不是"),
    ("唔见咗", "不见了"),
    ("有冇", "有没有"),
    ("要唔要", "要不要"),
    ("会唔会", "会不会"),
    ("系唔系", "是不是"),
    ("可唔可以", "可不可以"),
    ("识唔识", "会不会"),
    ("点解", "为什么"),
    ("点样", "怎么"),
    ("点做", "怎么做"),
    ("点算", "怎么办"),
    ("点办", "怎么办"),
    ("而家", "现在"),
    ("依家", "现在"),
    ("宜家", "现在"),
    ("啱啱", "刚刚"),
    ("几多", "多少"),
    ("几时", "什么时候"),
    ("乜嘢", "什么"),
    ("咩", "什么"),
    ("边度", "哪里"),
    ("边个", "谁"),
    ("嗰度", "那里"),
    ("嗰阵", "的时候"),
    ("嗰个", "那个"),
    ("嗰张", "那张"),
    ("嗰笔", "那笔"),
    ("嗰", "那"),
    ("𠮶度", "那里"),
    ("𠮶阵", "的时候"),
    ("𠮶", "那"),
    ("呢个", "这个"),
    ("呢张", "这张"),
    ("呢度", "这里"),
    ("等紧", "在等"),
    ("俾钱", "付款"),
    ("畀钱", "付款"),
    ("畀人", "被人"),
    ("俾人", "被人"),
    ("畀", "给"),
    ("俾", "给"),
    ("冇", "没有"),
    ("唔", "不"),
    ("嘅", "的"),
    ("咗", "了"),
    ("喺", "在"),
    ("佢哋", "他们"),
    ("佢", "它"),
    ("哋", "们"),
    ("嚟", "来"),
    ("睇下", "看一下"),
    ("睇", "看"),
    ("揾", "找"),
    ("搵", "找"),
    ("攞", "拿"),
    ("返", "回"),
    ("戶口", "账户"),
    ("户口", "账户"),
    ("仲有", "还有"),
    ("仲", "还"),
    ("咁", "那么"),
    ("系咪", "是不是"),
    ("係", "是"),
    ("㗎", "的"),
    ("喇", "了"),
    ("啦", "吧"),
    ("嘢", "东西"),
)
_SIGNS = re.compile(r"[唔冇嘅咗喺佢哋嚟睇嗰𠮶咁畀嘢啱㗎咩喇乜攞揾搵係]|几多|而家|点[解做样算]|边度")
_PATTERN = re.compile("|".join(re.escape(word) for word, _ in _WORDS))
_MEANING = dict(_WORDS)
# 系 is "is" in Cantonese where it stands alone.
_IS = re.compile(r"(?<![关联体派院直干嫡])系(?![统列数别])")


def as_standard(text: str) -> str:
    """The text in standard Chinese where it is written in Cantonese; as it is otherwise."""
    if not _SIGNS.search(text):
        return text
    return _IS.sub("是", _PATTERN.sub(lambda match: _MEANING[match.group()], text))
