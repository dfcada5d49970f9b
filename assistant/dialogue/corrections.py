"""Messages that take back what was understood and say what is right: “no, the other card”, 不是，是四月的."""

from __future__ import annotations

import re

_LEAD = re.compile(
    r"^\s*(?:(?:oh|um|hm+|sorry|wait|well)\b[\s,.!]*)*"
    r"(?:(?:no+|nope|nah)(?:\s*[,.!:;–—-]+\s*|\s+(?=(?:my|it|it's|the|i|i'm|that|this|use|make|put|his|her|a|an|they|we|on|t-?\d|\d)\b))"
    r"|(?:not (?:that|this)(?: one)?|not quite|(?:that(?:'s| is| was) )?wrong|incorrect|actually|i mean(?:t)?|correction|rather)\b[\s,.!:;–—-]+)"
    r"(?P<rest>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_LEAD_ZH = re.compile(
    r"^[，,。\s]*(?:(?:哦|呃|嗯|等等|等一下|抱歉)+[，,。\s]*)?(?:不是|不对|错了|弄错了|说错了|写错了|不[，,、\s]|我是说|我的意思是|应该是|更正|改成|换成)"
    r"(?:的|这个|那个|这张|那张)?[，,。：:、\s]*(?P<rest>\S.*)$",
    re.DOTALL,
)
# What only refuses: nothing is put in the place of what was understood.
_REFUSAL = re.compile(
    r"^(?:thanks?|thank you|please|never ?mind|cancel|stop|leave it|forget (?:it|about it)|don'?t|do not|i (?:don'?t|do not|changed)|"
    r"not (?:now|today|yet|any ?more|needed|interested)|that'?s (?:all|it|fine|enough|ok(?:ay)?)|it'?s (?:fine|ok(?:ay)?|not)|way|need|good|problem|worries|idea|one)\b",
    re.IGNORECASE,
)
_REFUSAL_ZH = re.compile(
    r"^(?:重新|谢谢|不用|算了|取消|不要|不需要|没事|不必|先不|别|用了|需要|可以|行|好|我不|了|吧|吗)"
)
_FEWEST_WORDS, _FEWEST_HAN = 2, 2


def corrected(text: str) -> str | None:
    """What a correcting message puts in the place of what was understood, or None when it corrects nothing."""
    for lead, refusal in ((_LEAD, _REFUSAL), (_LEAD_ZH, _REFUSAL_ZH)):
        found = lead.match(text.replace("’", "'"))
        if found:
            rest = text[found.start("rest") :].strip()
            return rest if _says_something(rest) and not refusal.match(rest) else None
    return None


def _says_something(rest: str) -> bool:
    """Two words, a number, or two Chinese characters."""
    han = len(re.findall(r"[\u3400-\u9fff]", rest))
    return (
        len(rest.split()) >= _FEWEST_WORDS or han >= _FEWEST_HAN or bool(re.search(r"\d|@", rest))
    )
