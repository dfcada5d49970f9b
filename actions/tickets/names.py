"What queues, priorities, states and kinds are called in Chinese; in English they are called as they are written."

from __future__ import annotations

QUEUE_NAMES: dict[str, str] = {
    "cards": "卡片", "payments": "支付", "accounts": "账户", "lending": "贷款", "wealth": "财富", "digital": "电子渠道",
    "fraud": "反欺诈", "complaints": "投诉", "compliance": "合规", "general": "综合服务",
}  # fmt: skip
PRIORITY_NAMES = {"low": "低", "normal": "普通", "high": "高", "urgent": "紧急"}
STATE_NAMES = {
    "new": "新建", "open": "处理中", "waiting_customer": "等待您的回复", "waiting_internal": "内部处理中",
    "resolved": "已解决", "closed": "已关闭", "archived": "已归档",
}  # fmt: skip
KIND_NAMES = {
    "question": "咨询", "service_request": "服务请求", "complaint": "投诉", "fraud_report": "欺诈报告",
    "compliance_alert": "合规预警", "lead": "商机",
}  # fmt: skip
ZH_NAMES = {**QUEUE_NAMES, **PRIORITY_NAMES, **STATE_NAMES, **KIND_NAMES}
