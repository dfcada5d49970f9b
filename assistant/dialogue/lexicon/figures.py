"""Figures over a list: in total, the biggest, how many."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from assistant.dialogue.lexicon.common import MAX_SHORT

Aggregate = Literal["sum", "largest", "smallest", "count", "latest"]

_AGGREGATES: Mapping[Aggregate, re.Pattern[str]] = {
    "sum": re.compile(
        r"\b(?:in total|all together|altogether|total(?: of (?:that|those|these))?|sum(?: of)?|add(?:s|ed)? up|combined)\b|一共|总共|合计|加起来|总额|总计",
        re.IGNORECASE,
    ),
    "largest": re.compile(
        r"\b(?:biggest|largest|highest|most expensive|greatest|maximum)\b|最大|最高|最多|最贵",
        re.IGNORECASE,
    ),
    "smallest": re.compile(
        r"\b(?:smallest|lowest|least|cheapest|minimum)\b|最小|最低|最少|最便宜", re.IGNORECASE
    ),
    "count": re.compile(r"\bhow many\b|多少笔|几笔|几个|几张|多少个", re.IGNORECASE),
    "latest": re.compile(
        r"\b(?:latest|newest|most recent)(?: one)?\b|最近一笔|最新|最后一笔", re.IGNORECASE
    ),
}

_TERMS = re.compile(
    r"\b(?:(?:can|may|could|must|should) (?:i|we|you)|do you|does|days?|hours?|weeks?|limits?|fees?|charges?|rates?|allowed|interest)\b|"
    r"可以|能|限额|额度|手续费|收费|利率|利息|几天|多久",
    re.IGNORECASE,
)


def aggregate(text: str) -> Aggregate | None:
    """Which figure over a list a short message asks for."""
    if len(text) > MAX_SHORT:
        return None
    return next((name for name, words in _AGGREGATES.items() if words.search(text)), None)


_OUTGOING = re.compile(
    r"\b(?:spen[dt]|spending|paid|payments?|pay|expenses?|cost me|outgoings?|debits?)\b|支出|花(?:了|费|销)|付(?:了|款)|消费|扣(?:了|款)",
    re.IGNORECASE,
)


def asks_about_payments(text: str) -> bool:
    """Whether a question over bookings is about what went out alone."""
    return bool(_OUTGOING.search(text[: 4 * MAX_SHORT]))


def asks_about_terms(text: str) -> bool:
    """Whether a question over figures is one about what the bank allows or charges, not about one's own."""
    return bool(_TERMS.search(text[: 4 * MAX_SHORT]))
