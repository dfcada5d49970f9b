"""How reports and their figures are called, in both languages."""

from __future__ import annotations

from core.languages import Language

REPORT_NAMES: dict[str, dict[Language, str]] = {
    "conversations": {"en": "Conversations", "zh": "对话"},
    "answers": {"en": "Answers", "zh": "回答"},
    "tickets": {"en": "Tickets", "zh": "工单"},
    "complaints": {"en": "Complaints", "zh": "投诉"},
    "gaps": {"en": "Unanswered questions", "zh": "未答问题"},
    "copilot": {"en": "Copilot", "zh": "智能副驾"},
}
MEASURES: dict[str, dict[Language, str]] = {
    "conversations": {"en": "Conversations", "zh": "对话数"},
    "contained": {"en": "Contained by the assistant", "zh": "智能助手独立完成率"},
    "deflected": {"en": "Answered without person or ticket", "zh": "自助解决率"},
    "escalated": {"en": "Brought to a person", "zh": "转人工率"},
    "wait": {"en": "Wait for a person (median)", "zh": "等待人工时长（中位数）"},
    "first_word": {"en": "First word of a person (median)", "zh": "人工首次回复时长（中位数）"},
    "rating": {"en": "Rating", "zh": "评分"},
    "ratings": {"en": "Ratings", "zh": "评分数"},
    "questions": {"en": "Questions", "zh": "提问数"},
    "answered": {"en": "Answered", "zh": "已回答率"},
    "abstained": {"en": "Abstained", "zh": "未作答率"},
    "wrong": {"en": "Called wrong", "zh": "被指有误"},
    "wrong_share": {"en": "Called wrong, of those answered", "zh": "有误率（已回答中）"},
    "helpful": {"en": "Called helpful", "zh": "被指有帮助"},
    "tickets": {"en": "Tickets", "zh": "工单数"},
    "resolved": {"en": "Resolved", "zh": "已解决"},
    "first_response_met": {"en": "First response in time", "zh": "首次响应达标率"},
    "resolution_met": {"en": "Resolved in time", "zh": "解决达标率"},
    "first_response": {"en": "First response (median)", "zh": "首次响应时长（中位数）"},
    "resolution": {"en": "Resolution (median)", "zh": "解决时长（中位数）"},
    "satisfaction": {"en": "Satisfaction", "zh": "满意度"},
    "complaints": {"en": "Complaints", "zh": "投诉数"},
    "acknowledged": {"en": "Acknowledged", "zh": "已受理率"},
    "final": {"en": "Finally answered", "zh": "已最终答复率"},
    "in_time": {"en": "Finally answered in time", "zh": "按时答复率"},
    "upheld": {"en": "Upheld, wholly or partly", "zh": "成立率（含部分成立）"},
    "referred": {"en": "Referred to the ombudsman", "zh": "转监管或申诉机构"},
    "final_days": {"en": "Days to the final answer (median)", "zh": "最终答复天数（中位数）"},
    "redress": {"en": "Redress", "zh": "赔付金额"},
    "gaps": {"en": "Unanswered questions", "zh": "未答问题数"},
    "open": {"en": "Still open", "zh": "待处理"},
    "suggestions": {"en": "Replies suggested", "zh": "建议回复数"},
    "used": {"en": "Used", "zh": "采用率"},
    "sent": {"en": "Sent as suggested", "zh": "原样发送率"},
    "edited": {"en": "Sent after an edit", "zh": "修改后发送率"},
}
