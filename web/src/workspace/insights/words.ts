import { wording, type Said } from "../../shared/language.js";

export const say = wording({
  live: { en: "Now", zh: "实时" }, reports: { en: "Over time", zh: "报表" }, forecast: { en: "Ahead", zh: "预测" }, campaigns: { en: "Campaigns", zh: "营销活动" }, saved: { en: "Own reports", zh: "我的报表" },
  waiting: { en: "Waiting", zh: "等待中" }, active: { en: "With a person", zh: "人工服务中" }, longest: { en: "Longest wait", zh: "最长等待" }, broken: { en: "Clocks broken", zh: "已超时工单" }, soon: { en: "Clocks running out", zh: "即将超时工单" }, here: { en: "Agents here", zh: "在线客服" }, queue: { en: "Queue", zh: "队列" }, agent: { en: "Agent", zh: "客服" }, presence: { en: "Presence", zh: "状态" },
  conversations_now: { en: "Conversations", zh: "对话" }, tickets_now: { en: "Tickets", zh: "工单" }, team: { en: "Team", zh: "团队" }, queues: { en: "Queues", zh: "队列" }, updated: { en: "as of {time}", zh: "截至 {time}" }, minutes: { en: "{value} min", zh: "{value} 分钟" }, hours: { en: "{value} h", zh: "{value} 小时" }, days: { en: "{value} days", zh: "{value} 天" },
  report: { en: "Report", zh: "报表" }, by: { en: "By", zh: "分组" }, from: { en: "From", zh: "从" }, to: { en: "To", zh: "至" }, figure: { en: "Figure", zh: "指标" }, compare: { en: "with the period before", zh: "与上期对比" }, total: { en: "All", zh: "合计" }, group: { en: "Group", zh: "分组" }, none: { en: "Nothing in this period.", zh: "此期间没有数据。" }, nobody: { en: "Nobody.", zh: "无。" },
  csv: { en: "CSV", zh: "CSV" }, xlsx: { en: "Excel", zh: "Excel" }, table: { en: "Table", zh: "数据表" }, chart_of: { en: "{figure} by {by}", zh: "{figure}（按{by}）" }, before: { en: "before: {value}", zh: "上期：{value}" }, nothing_set: { en: "(not set)", zh: "（未设）" },
  past: { en: "was", zh: "实际" }, expected: { en: "expected", zh: "预测" }, range: { en: "eight days in ten", zh: "八成区间" }, error: { en: "Forecasts of the last weeks were off by {error}; taking the same day of the week before, by {naive}.", zh: "近几周预测平均偏差 {error}；直接取上周同日的偏差为 {naive}。" }, too_short: { en: "Three weeks of history are needed to look ahead.", zh: "需要至少三周历史数据才能预测。" }, volume: { en: "Conversations a day", zh: "每日对话量" }, low: { en: "low", zh: "下限" }, high: { en: "high", zh: "上限" }, day: { en: "Day", zh: "日期" },
  keep: { en: "Keep this report", zh: "保存此报表" }, name: { en: "Name", zh: "名称" }, schedule: { en: "Send", zh: "发送" }, never: { en: "not by mail", zh: "不发送" }, daily: { en: "each morning", zh: "每天早上" }, weekly: { en: "on Mondays", zh: "每周一" }, monthly: { en: "on the first of the month", zh: "每月一日" }, recipients: { en: "To (staff addresses, one a line)", zh: "收件人（员工邮箱，每行一个）" }, kept: { en: "Kept.", zh: "已保存。" },
  next: { en: "next on {time}", zh: "下次发送：{time}" }, remove: { en: "Remove", zh: "删除" }, last_days: { en: "last {count} days", zh: "近 {count} 天" }, lift: { en: "Lift", zh: "提升" }, sold: { en: "sold", zh: "成交" }, shown: { en: "shown", zh: "展示" }, download: { en: "Download the register", zh: "下载登记册" },
});

/** What figures are grouped and narrowed by; the figures and reports themselves are called as the service calls them. */
const GROUPS: Record<string, Said> = {
  day: { en: "day", zh: "日" }, week: { en: "week", zh: "周" }, month: { en: "month", zh: "月" }, channel: { en: "channel", zh: "渠道" }, language: { en: "language", zh: "语言" }, queue: { en: "queue", zh: "队列" }, agent: { en: "agent", zh: "客服" }, topic: { en: "topic", zh: "主题" }, article: { en: "article", zh: "文章" }, kind: { en: "kind", zh: "类型" },
  priority: { en: "priority", zh: "优先级" }, segment: { en: "segment", zh: "层级" }, cause: { en: "root cause", zh: "根本原因" }, jurisdiction: { en: "jurisdiction", zh: "管辖地" }, state: { en: "state", zh: "状态" },
};
export const called = (key: string): string => GROUPS[key] ? wording({ it: GROUPS[key] })("it") : key.replace(/_/g, " ");
