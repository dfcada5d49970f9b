"""What the copilot says to employees about a conversation, in both languages."""

from __future__ import annotations

from collections.abc import Sequence

from actions.customers.models import Customer
from assistant.conversations.models import Conversation, Message
from core.languages import Language

LAST_SAID = 3  # of the customer's messages that the summary quotes
QUOTED = 120  # characters of each
CHANNELS: dict[str, dict[Language, str]] = {
    "web": {"en": "on the web", "zh": "网页"},
    "app": {"en": "in the app", "zh": "手机银行"},
    "phone": {"en": "by phone", "zh": "电话"},
    "email": {"en": "by mail", "zh": "邮件"},
    "social": {"en": "on social media", "zh": "社交媒体"},
    "branch": {"en": "in a branch", "zh": "网点"},
}
REASONS: dict[str, dict[Language, str]] = {
    "asked": {"en": "the customer asked for one", "zh": "客户要求"},
    "not understood": {"en": "the customer was not understood", "zh": "未能理解客户的意思"},
    "not understood twice": {
        "en": "the customer was not understood twice",
        "zh": "两次未能理解客户的意思",
    },
    "not answered twice": {"en": "two questions could not be answered", "zh": "两次未能解答问题"},
}
INTENTS: dict[str, dict[Language, str]] = {
    "ask_question": {"en": "asks a question", "zh": "咨询问题"},
    "open_ticket": {"en": "wants a ticket", "zh": "提交工单"},
    "ticket_status": {"en": "asks about a ticket", "zh": "查询工单"},
    "add_to_ticket": {"en": "adds to a ticket", "zh": "补充工单"},
    "close_ticket": {"en": "wants a ticket closed", "zh": "关闭工单"},
    "make_complaint": {"en": "complains", "zh": "投诉"},
    "report_fraud": {"en": "reports fraud", "zh": "报告欺诈"},
    "report_lost_card": {"en": "reports a lost card", "zh": "挂失卡片"},
    "show_balance": {"en": "asks for the balance", "zh": "查询余额"},
    "show_transactions": {"en": "asks for transactions", "zh": "查询交易"},
    "show_cards": {"en": "asks about cards", "zh": "查询卡片"},
    "show_loans": {"en": "asks about loans", "zh": "查询贷款"},
    "show_holdings": {"en": "asks about investments", "zh": "查询投资"},
    "request_recommendation": {"en": "wants a recommendation", "zh": "请求产品推荐"},
    "book_appointment": {"en": "wants an appointment", "zh": "预约"},
    "change_contact_details": {"en": "wants to change contact details", "zh": "变更联系方式"},
    "talk_to_person": {"en": "wants a person", "zh": "要求转人工"},
    "give_feedback": {"en": "gives feedback", "zh": "反馈意见"},
    "greet": {"en": "greets", "zh": "问候"},
    "thank": {"en": "says thanks", "zh": "致谢"},
    "goodbye": {"en": "says goodbye", "zh": "道别"},
    "affirm": {"en": "agrees", "zh": "同意"},
    "deny": {"en": "declines", "zh": "拒绝"},
    "out_of_scope": {"en": "speaks of something else", "zh": "与银行业务无关"},
}
MOODS: dict[str, dict[Language, str]] = {
    "calm": {"en": "calm", "zh": "平静"},
    "anger": {"en": "angry", "zh": "愤怒"},
    "urgency": {"en": "in a hurry", "zh": "着急"},
    "hardship": {"en": "in financial difficulty", "zh": "经济困难"},
    "illness": {"en": "ill, or caring for somebody ill", "zh": "患病或照料病人"},
    "bereavement": {"en": "bereaved", "zh": "亲人离世"},
    "scam": {"en": "perhaps being scammed right now", "zh": "可能正遭遇诈骗"},
    "crisis": {"en": "in a personal crisis", "zh": "处于危机之中"},
}
WARNINGS: dict[str, dict[Language, str]] = {
    "visitor": {
        "en": "Nobody is signed in: say nothing about accounts or customers.",
        "zh": "对方未登录：请勿透露任何账户或客户信息。",
    },
    "kyc_rejected": {
        "en": "The identity check was rejected: no product may be sold or opened. Do not discuss why.",
        "zh": "身份核查未通过：不得销售或开立任何产品，也不要讨论原因。",
    },
    "kyc_not_valid": {
        "en": "The identity check is not valid at present: renew it before anything is sold or opened.",
        "zh": "身份核查当前无效：销售或开立产品前须先更新。",
    },
    "crisis": {
        "en": "Somebody's life may be in danger: stay in the conversation, give the emergency number, tell your supervisor.",
        "zh": "可能危及生命：请不要离开对话，提供紧急求助电话，并告知主管。",
    },
    "scam": {
        "en": "A scam may be going on: have payments stopped and cards locked first; the customer should hang up on any caller.",
        "zh": "可能正在发生诈骗：请先止付并锁卡，请客户挂断对方电话。",
    },
    "bereavement": {
        "en": "Bereavement: no sales. Offer the bereavement team; ask for documents once only.",
        "zh": "客户亲人离世：不得营销。请转介遗产服务团队，所需文件只索取一次。",
    },
    "illness": {
        "en": "Vulnerable customer (health): no sales, allow time, ask what would make it easier.",
        "zh": "弱势客户（健康）：不得营销，给予充分时间，询问需要哪些便利。",
    },
    "hardship": {
        "en": "Financial difficulty: no credit and no sales; offer the hardship options.",
        "zh": "客户经济困难：不得推销信贷或产品，请介绍纾困方案。",
    },
}
ACTIONS: dict[str, dict[Language, dict[str, str]]] = {
    "open_ticket": {
        "en": {"title": "Open a ticket", "reason": "Keeps the request when it is not solved here."},
        "zh": {"title": "提交工单", "reason": "未当场解决的请求需要留存。"},
    },
    "check_sale": {
        "en": {"title": "Check a sale", "reason": "Required before a product is sold."},
        "zh": {"title": "检查销售", "reason": "销售产品前必须检查。"},
    },
}


def summary_of(
    conversation: Conversation,
    messages: Sequence[Message],
    customer: Customer | None,
    language: Language,
) -> str:
    """Who it is, what was answered and done so far, and what was said last: two to four sentences."""
    said = [m for m in messages if m.author == "customer"]
    titles = list(dict.fromkeys(c["title"] for m in messages for c in m.citations[:1]))
    references = list(
        dict.fromkeys(a["reference"] for m in messages for a in m.actions if "reference" in a)
    )
    last = "; ".join(m.text[:QUOTED] for m in said[-LAST_SAID:])
    parts = _chinese if language == "zh" else _english
    return parts(conversation, customer, len(said), titles, references, last)


def _reason(reason: str, language: Language) -> str:
    """Why a person is wanted; what the customer wrote stays as it is."""
    return REASONS[reason][language] if reason in REASONS else reason


def _english(
    conversation: Conversation,
    customer: Customer | None,
    count: int,
    titles: list[str],
    references: list[str],
    last: str,
) -> str:
    who = (
        customer.name
        if customer
        else "A signed-in customer"
        if conversation.customer_id
        else "A visitor"
    )
    lines = [
        f"{who}, {CHANNELS[conversation.channel]['en']}, {count} {'message' if count == 1 else 'messages'}."
    ]
    if titles:
        lines.append(f"Answered from: {', '.join(titles)}.")
    if references:
        lines.append(f"Tickets: {', '.join(references)}.")
    if conversation.handoff_reason:
        lines.append(f"Why a person: {_reason(conversation.handoff_reason, 'en')}.")
    return " ".join([*lines, f"Latest: {last or 'none'}"])


def _chinese(
    conversation: Conversation,
    customer: Customer | None,
    count: int,
    titles: list[str],
    references: list[str],
    last: str,
) -> str:
    name = (customer.native_name or customer.name) if customer else None
    lines = [
        f"{name or ('已登录客户' if conversation.customer_id else '访客')}，{CHANNELS[conversation.channel]['zh']}，共 {count} 条消息。"
    ]
    if titles:
        lines.append(f"已依据以下文章作答：{'、'.join(titles)}。")
    if references:
        lines.append(f"工单：{'、'.join(references)}。")
    if conversation.handoff_reason:
        lines.append(f"转人工原因：{_reason(conversation.handoff_reason, 'zh')}。")
    return "".join([*lines, f"最近：{last or '无'}"])
