"""What a question is about: the product that it names, and which side of it, by a small lexicon."""

from __future__ import annotations

import re

from assistant.dialogue.state import Aspect
from core.languages import Language
from nlu.components.entity_patterns import find

# The first aspect whose words a question has; cost before limit, since "what does it cost to exceed the limit" asks the cost.
_ASPECTS: tuple[tuple[Aspect, dict[Language, str]], ...] = (
    (
        "cost",
        {
            "en": r"\b(?:costs?|fees?|charge[sd]?|price|expensive|free of charge|for free|how much (?:is|are|does|do|will|would) "
            r"|interest rate|rates?)\b|\bhow much\b(?!.*\b(?:can|may|withdraw|send|transfer|spend)\b)",
            "zh": r"费用|手续费|收费|年费|多少钱|要钱|利率|利息|免费|费率",
        },
    ),
    (
        "limit",
        {
            "en": r"\b(?:limits?|maximum|minimum|at most|how much (?:can|may)|how many)\b",
            "zh": r"限额|额度|上限|最多|最低|最少|最高",
        },
    ),
    (
        "time",
        {
            "en": r"\b(?:how long|how soon|how fast|when|days?|hours?|take|arrive[sd]?|deadline|opening)\b",
            "zh": r"多久|多长时间|几天|什么时候|何时|到账|时间|营业",
        },
    ),
    (
        "eligibility",
        {
            "en": r"\b(?:eligible|eligibility|qualify|requirements?|documents?|am i allowed|who can|conditions?)\b",
            "zh": r"条件|资格|要求|符合|材料|证件|谁可以",
        },
    ),
    (
        "place",
        {"en": r"\b(?:where|branch(?:es)?|nearest|abroad)\b", "zh": r"哪里|哪儿|网点|在哪|境外"},
    ),
    (
        "status",
        {"en": r"\b(?:status|progress|still|yet|pending)\b", "zh": r"进度|状态|到哪|还没"},
    ),
    (
        "how_to",
        {
            "en": r"\b(?:how (?:do|can|should|would|to)|steps?|set up|activate|change|cancel|apply|open)\b",
            "zh": r"怎么|如何|怎样|步骤|办理|开通|激活|申请|修改",
        },
    ),
)
_PATTERNS = tuple(
    (aspect, {language: re.compile(words, re.IGNORECASE) for language, words in both.items()})
    for aspect, both in _ASPECTS
)


def aspect_in(question: str, language: Language) -> Aspect | None:
    """Which side of its subject a question asks for; None when no word tells."""
    return next((a for a, patterns in _PATTERNS if patterns[language].search(question)), None)


def product_in(text: str) -> str | None:
    """The code of the first product that a text names (nlu.components.entity_patterns)."""
    products = [entity for entity in find(text) if entity.entity == "product"]
    return str(products[0].value) if products else None
