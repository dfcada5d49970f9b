"""What queues, priorities, states and kinds are called in Chinese; in English they are called as they are written."""

from __future__ import annotations

QUEUE_NAMES: dict[str, str] = {
    "cards": "卡片",
    "payments": "支付",
    "accounts": "账户",
    "lending": "贷款",
    "wealth": "财富",
    "digital": "电子渠道",
    "fraud": "反欺诈",
    "complaints": "投诉",
    "compliance": "合规",
    "general": "综合服务",
}
PRIORITY_NAMES = {"low": "低", "normal": "普通", "high": "高", "urgent": "紧急"}
STATE_NAMES = {
    "new": "新建",
    "open": "处理中",
    "waiting_customer": "等待您的回复",
    "waiting_internal": "内部处理中",
    "resolved": "已解决",
    "closed": "已关闭",
    "archived": "已归档",
}
KIND_NAMES = {
    "question": "咨询",
    "service_request": "服务请求",
    "complaint": "投诉",
    "fraud_report": "欺诈报告",
    "compliance_alert": "合规预警",
    "lead": "商机",
}
STEP_NAMES = {
    "state": "状态",
    "queue": "队列",
    "priority": "优先级",
    "assignee": "负责人",
    "comment": "留言",
    "attachment": "附件",
    "kind": "类型",
    "subject": "主题",
    "tags": "标签",
    "root_cause": "根本原因",
    "merged": "合并",
    "parent": "上级工单",
    "satisfaction": "评价",
    "redress": "补偿",
    "legal_hold": "法律保全",
    "erased": "已清除",
    "created": "新建",
    "watcher": "关注",
    "complaint_outcome": "投诉结论",
    "complaint_referred": "投诉转交",
    "public": "公开",
    "internal": "内部",
}
# Names of clocks with spaces, as sentences say them.
CLOCK_NAMES = {
    "first response": "首次响应",
    "next response": "下次响应",
    "resolution": "解决",
    "summary": "简易解决",
    "acknowledge": "受理确认",
    "final": "最终答复",
    "response": "首次答复",
    "decision": "处理决定",
    "complex": "情况复杂的处理决定",
    "exceptional": "情况特别复杂的处理决定",
}
ZH_NAMES = {**QUEUE_NAMES, **PRIORITY_NAMES, **STATE_NAMES, **KIND_NAMES}  # as customers are told
STAFF_STATE_NAMES = STATE_NAMES | {"waiting_customer": "等待客户", "waiting_internal": "等待内部"}
