"""Two tasks that a message may mean: both are offered; a question among them is answered first, if an article answers it."""

from __future__ import annotations

from collections.abc import Sequence

from actions.dialogue import handoff, knowledge
from actions.dialogue.phrases import quick, say
from actions.dialogue.turn import Reply, Turn
from core.languages import Language

QUESTION = "ask_question"
# What is offered, in words that are understood without doubt when they come back.
TASKS: dict[str, dict[Language, str]] = {
    "open_ticket": {"en": "I want to open a ticket", "zh": "我要提交工单"},
    "ticket_status": {"en": "Where is my ticket", "zh": "我的工单到哪了"},
    "add_to_ticket": {"en": "Add something to my ticket", "zh": "给我的工单补充信息"},
    "close_ticket": {"en": "Please close my ticket", "zh": "请关闭我的工单"},
    "make_complaint": {"en": "I want to make a complaint", "zh": "我要投诉"},
    "report_fraud": {"en": "I want to report fraud", "zh": "我要举报诈骗盗刷"},
    "report_lost_card": {"en": "I lost my card", "zh": "我的卡丢了"},
    "show_balance": {"en": "What is my balance", "zh": "我的余额是多少"},
    "show_transactions": {"en": "Show my recent transactions", "zh": "看看我最近的交易"},
    "show_cards": {"en": "Show my cards", "zh": "看看我的卡"},
    "show_loans": {"en": "Show my loans", "zh": "看看我的贷款"},
    "show_holdings": {"en": "Show my investments", "zh": "看看我的投资持仓"},
    "request_recommendation": {"en": "Recommend a product for me", "zh": "给我推荐一个产品"},
    "book_appointment": {"en": "I want to book an appointment", "zh": "我想预约面谈"},
    "change_contact_details": {
        "en": "I want to change my contact details",
        "zh": "我要修改联系方式",
    },
    "talk_to_person": {"en": "I want to talk to a person", "zh": "我要转人工"},
}


async def ask_meaning(turn: Turn, intents: Sequence[str]) -> list[Reply]:
    """Offer the tasks; asked twice in a row, a person takes over."""
    tasks = [
        {"title": text, "payload": text}
        for intent in intents
        if (text := _words(intent, turn.language))
    ]
    if QUESTION in intents:
        replies = await knowledge.answer(turn)
        if replies[0].citations:
            return [*replies, Reply(say("also_meant", turn.language), quick_replies=tasks)]
        replies[0].quick_replies = [*tasks, *replies[0].quick_replies]
        return replies
    if handoff.failed_too_often(turn):
        return [await handoff.to_a_person(turn, "not understood twice")]
    offered = [*tasks, quick("person", "say_person", turn.language)]
    return [Reply(say("which_meaning", turn.language), quick_replies=offered)]


def _words(intent: str, language: Language) -> str | None:
    return TASKS[intent][language] if intent in TASKS else None
