// Words that several parts of the workspace say: names of states, queues, roles, and the shell's own.

import { wording, type Said } from "../shared/language.js";

const NAMES: Record<string, Said> = {
  // states
  new: { en: "new", zh: "新建" }, open: { en: "open", zh: "处理中" }, waiting_customer: { en: "waiting for the customer", zh: "等待客户" },
  waiting_internal: { en: "waiting internally", zh: "等待内部" }, resolved: { en: "resolved", zh: "已解决" }, closed: { en: "closed", zh: "已关闭" },
  archived: { en: "archived", zh: "已归档" }, queued: { en: "waiting", zh: "排队中" }, agent: { en: "agent", zh: "客服" }, assistant: { en: "assistant", zh: "智能助手" },
  customer: { en: "customer", zh: "客户" }, system: { en: "system", zh: "系统" }, draft: { en: "draft", zh: "草稿" }, in_review: { en: "in review", zh: "审核中" },
  approved: { en: "approved", zh: "已批准" }, published: { en: "published", zh: "已发布" }, scheduled: { en: "scheduled", zh: "已排期" },
  running: { en: "running", zh: "进行中" }, paused: { en: "paused", zh: "已暂停" }, ended: { en: "ended", zh: "已结束" }, stopped: { en: "stopped", zh: "已停止" },
  done: { en: "done", zh: "完成" }, failed: { en: "failed", zh: "失败" }, unchanged: { en: "unchanged", zh: "未变" }, created: { en: "new", zh: "新增" },
  updated: { en: "changed", zh: "更新" }, refused: { en: "refused", zh: "拒绝" }, missing: { en: "missing", zh: "缺失" }, expired: { en: "expired", zh: "已过期" },
  verified: { en: "verified", zh: "已核实" }, rejected: { en: "rejected", zh: "已拒绝" }, pending: { en: "pending", zh: "待处理" }, proposed: { en: "proposed", zh: "已提议" },
  online: { en: "here", zh: "在线" }, away: { en: "away", zh: "离开" }, offline: { en: "off duty", zh: "离线" },
  // queues
  cards: { en: "cards", zh: "卡片" }, payments: { en: "payments", zh: "支付" }, accounts: { en: "accounts", zh: "账户" }, lending: { en: "lending", zh: "贷款" },
  wealth: { en: "wealth", zh: "财富" }, digital: { en: "digital", zh: "电子渠道" }, fraud: { en: "fraud", zh: "反欺诈" }, complaints: { en: "complaints", zh: "投诉" },
  general: { en: "general", zh: "综合" }, compliance: { en: "compliance", zh: "合规" },
  // priorities
  low: { en: "low", zh: "低" }, normal: { en: "normal", zh: "普通" }, high: { en: "high", zh: "高" }, urgent: { en: "urgent", zh: "紧急" },
  // kinds of ticket
  question: { en: "question", zh: "咨询" }, service_request: { en: "service request", zh: "服务请求" }, complaint: { en: "complaint", zh: "投诉" },
  fraud_report: { en: "fraud report", zh: "欺诈报告" }, compliance_alert: { en: "compliance alert", zh: "合规预警" }, lead: { en: "lead", zh: "商机" },
  // clocks
  first_response: { en: "first response", zh: "首次响应" }, next_response: { en: "next response", zh: "下次响应" }, resolution: { en: "resolution", zh: "解决" },
  // channels and languages
  web: { en: "web", zh: "网页" }, app: { en: "app", zh: "手机银行" }, phone: { en: "phone", zh: "电话" }, email: { en: "email", zh: "邮件" }, social: { en: "social", zh: "社交媒体" },
  branch: { en: "branch", zh: "网点" }, workspace: { en: "workspace", zh: "工作台" }, en: { en: "English", zh: "英文" }, zh: { en: "Chinese", zh: "中文" },
  public: { en: "public", zh: "公开" }, staff: { en: "staff", zh: "员工" }, internal: { en: "among staff", zh: "内部" },
  // decisions
  allow: { en: "allowed", zh: "允许" }, review: { en: "needs review", zh: "需复核" }, block: { en: "blocked", zh: "禁止" }, clear: { en: "clear", zh: "无匹配" },
  pass: { en: "passed", zh: "通过" }, fail: { en: "failed", zh: "未通过" },
  // segments
  mass: { en: "mass", zh: "大众" }, affluent: { en: "affluent", zh: "富裕" }, private: { en: "private", zh: "私人银行" },
  // fields, categories and events that profiles, histories and portraits name
  number: { en: "number", zh: "编号" }, native_name: { en: "native name", zh: "本名" }, residency: { en: "residency", zh: "居住地" },
  birth_date: { en: "date of birth", zh: "出生日期" }, monthly_income: { en: "monthly income", zh: "月收入" }, document: { en: "document", zh: "证件" },
  type: { en: "type", zh: "类型" }, kyc: { en: "identity check", zh: "身份核查" }, until: { en: "until", zh: "有效至" }, address: { en: "address", zh: "地址" },
  iban: { en: "IBAN", zh: "IBAN" }, balance: { en: "balance", zh: "余额" }, expires_on: { en: "expires on", zh: "到期日" },
  value: { en: "value", zh: "金额" }, happened_on: { en: "on", zh: "日期" }, created_at: { en: "created", zh: "创建时间" },
  reference: { en: "reference", zh: "编号" }, subject: { en: "subject", zh: "主题" }, risk_level: { en: "risk level", zh: "风险等级" },
  current: { en: "current account", zh: "活期账户" }, savings: { en: "savings", zh: "储蓄" }, debit: { en: "debit", zh: "借记卡" },
  credit: { en: "credit", zh: "信用卡" }, active: { en: "active", zh: "正常" }, passport: { en: "passport", zh: "护照" },
  core_banking: { en: "core banking", zh: "核心系统" }, card_system: { en: "card system", zh: "卡系统" }, balances: { en: "balances", zh: "余额" },
  holdings: { en: "holdings", zh: "持仓" }, loans: { en: "loans", zh: "贷款" }, deposits: { en: "deposits", zh: "存款" },
  investments: { en: "investments", zh: "投资" }, expected_loss: { en: "expected loss", zh: "预期损失" }, serving: { en: "serving", zh: "服务成本" },
  kinds: { en: "kinds", zh: "种类" }, account: { en: "account", zh: "账户" }, card: { en: "card", zh: "卡片" }, loan: { en: "loan", zh: "贷款" },
  fund: { en: "fund", zh: "基金" }, deposit: { en: "deposit", zh: "存款" }, net: { en: "now", zh: "现值" }, before: { en: "before", zh: "此前" },
  expected_worth: { en: "expected worth", zh: "预期价值" }, here: { en: "held here", zh: "在本行" }, groceries: { en: "groceries", zh: "日用食品" },
  telecom: { en: "telecom", zh: "通信" }, utilities: { en: "utilities", zh: "水电燃气" }, leisure: { en: "leisure", zh: "休闲" },
  travel: { en: "travel", zh: "旅行" }, shopping: { en: "shopping", zh: "购物" }, housing: { en: "housing", zh: "居住" },
  eating_out: { en: "eating out", zh: "餐饮" }, transport: { en: "transport", zh: "交通" }, health: { en: "health", zh: "医疗" },
  salary: { en: "salary", zh: "工资" }, conversation: { en: "conversation", zh: "对话" }, ticket: { en: "ticket", zh: "工单" },
  advice: { en: "advice", zh: "产品建议" }, life_event: { en: "life event", zh: "人生大事" }, offer: { en: "offer", zh: "推荐" },
  consent: { en: "consent", zh: "授权" }, new_job: { en: "new job", zh: "新工作" }, move: { en: "move", zh: "搬家" }, marriage: { en: "marriage", zh: "结婚" },
  birth: { en: "birth of a child", zh: "生育" }, retirement: { en: "retirement", zh: "退休" }, home_purchase: { en: "home purchase", zh: "购房" },
  divorce: { en: "divorce", zh: "离婚" }, job_loss: { en: "job loss", zh: "失业" }, inheritance: { en: "inheritance", zh: "继承" },
  bereavement: { en: "bereavement", zh: "亲人离世" }, graduation: { en: "graduation", zh: "毕业" }, business_founded: { en: "business founded", zh: "创业" },
  state: { en: "state", zh: "状态" }, assignee: { en: "assigned to", zh: "负责人" }, queue: { en: "queue", zh: "队列" },
  priority: { en: "priority", zh: "优先级" }, comment: { en: "comment", zh: "留言" }, attachment: { en: "file", zh: "附件" }, kind: { en: "kind", zh: "类型" },
  segment: { en: "segment", zh: "层级" }, language: { en: "language", zh: "语言" }, name: { en: "name", zh: "姓名" }, stage: { en: "stage", zh: "阶段" },
  owner: { en: "owner", zh: "负责人" }, scam: { en: "scam", zh: "诈骗" }, crisis: { en: "crisis", zh: "危机" }, anger: { en: "anger", zh: "愤怒" },
  urgency: { en: "urgency", zh: "着急" }, hardship: { en: "hardship", zh: "经济困难" }, illness: { en: "illness", zh: "患病" },
  // steps of macros
  tag: { en: "add the tag", zh: "添加标签" }, untag: { en: "take away the tag", zh: "移除标签" }, public_comment: { en: "to the customer", zh: "发给客户" }, internal_comment: { en: "among staff", zh: "内部留言" },
  // clocks of regulators
  regulator: { en: "regulator", zh: "监管" }, summary: { en: "summary resolution", zh: "简易解决" }, acknowledge: { en: "acknowledgement", zh: "受理确认" }, final: { en: "final response", zh: "最终答复" },
  response: { en: "response", zh: "首次答复" }, complex: { en: "decision, complex", zh: "情况复杂的处理决定" }, exceptional: { en: "decision, exceptionally complex", zh: "情况特别复杂的处理决定" },
  // what portraits, alerts, leads, segments and the audit trail are made of
  name_zh: { en: "name", zh: "名称" }, mortgage: { en: "mortgage", zh: "住房贷款" }, personal: { en: "personal loan", zh: "个人贷款" }, outstanding: { en: "outstanding", zh: "未还金额" },
  instalment: { en: "instalment", zh: "每期还款" }, rate_percent: { en: "rate (%)", zh: "利率（%）" }, next_due_on: { en: "next due on", zh: "下次还款日" },
  ends_on: { en: "ends on", zh: "到期日" }, no_booking_60_days: { en: "no booking for 60 days", zh: "60 天无交易" },
  no_booking_120_days: { en: "no booking for 120 days", zh: "120 天无交易" }, salary_stopped: { en: "salary stopped", zh: "工资停发" },
  a_third_of_money_left: { en: "a third of the money left", zh: "三分之一资金转出" }, open_complaint: { en: "open complaint", zh: "有未结投诉" },
  unhappy: { en: "unhappy with service", zh: "服务评价低" }, one_product: { en: "one product", zh: "仅一种产品" },
  four_products: { en: "four products or more", zh: "四种及以上产品" }, shares: { en: "shares", zh: "占比" }, insurance: { en: "insurance", zh: "保险" },
  monitoring: { en: "monitoring", zh: "交易监测" }, check: { en: "check", zh: "核查" }, watchlist: { en: "watchlist", zh: "名单" },
  onboarding: { en: "onboarding", zh: "开户" }, product_sale: { en: "product sale", zh: "产品销售" }, transaction: { en: "transaction", zh: "交易" },
  marketing: { en: "marketing", zh: "营销" }, structuring: { en: "structuring", zh: "拆分交易" }, velocity: { en: "many bookings in a day", zh: "短时多笔交易" },
  dormant_active: { en: "dormant account used", zh: "休眠账户启用" }, rapid_in_out: { en: "money in and out", zh: "快进快出" },
  high_risk_country: { en: "high-risk country", zh: "高风险国家" }, round_sums: { en: "round sums", zh: "整额付款" },
  new_payee_large: { en: "large payment to a new payee", zh: "大额付新收款人" }, over_indebted: { en: "over-indebted", zh: "负债过高" },
  cross_default: { en: "overdue elsewhere", zh: "其他贷款逾期" }, amount: { en: "amount", zh: "金额" }, income: { en: "income", zh: "收入" },
  instalments: { en: "instalments", zh: "每月还款" }, list: { en: "list", zh: "名单" }, score: { en: "score", zh: "得分" },
  reasons: { en: "reasons", zh: "依据" }, birth_date_fits: { en: "birth date fits", zh: "出生日期相符" }, bookings: { en: "bookings", zh: "交易笔数" },
  last: { en: "last booking", zh: "上次交易" }, in: { en: "in", zh: "转入" }, out: { en: "out", zh: "转出" }, country: { en: "country", zh: "国家" },
  payee: { en: "payee", zh: "收款人" }, overdue_days: { en: "days overdue", zh: "逾期天数" }, rules: { en: "rules", zh: "规则" }, at: { en: "at", zh: "时间" },
  interest: { en: "interest shown", zh: "意向" }, suitable: { en: "suitable", zh: "适合度" }, affordable: { en: "affordable", zh: "可负担" },
  loyal: { en: "loyal", zh: "忠诚度" }, risk_assessed: { en: "risk assessed", zh: "已做风险测评" }, purpose: { en: "purpose", zh: "用途" },
  role: { en: "role", zh: "角色" }, version: { en: "version", zh: "版本" }, after: { en: "after", zh: "之后" }, what: { en: "what", zh: "内容" },
  scopes: { en: "rights", zh: "权限" }, decision: { en: "decision", zh: "决定" }, source: { en: "source", zh: "来源" }, code: { en: "code", zh: "代码" },
  profile: { en: "profile", zh: "概况" }, timeline: { en: "timeline", zh: "时间线" }, transactions: { en: "transactions", zh: "交易明细" },
  categories: { en: "categories", zh: "类别" }, copilot: { en: "copilot", zh: "智能副驾" }, service: { en: "service", zh: "服务" },
  assets: { en: "assets", zh: "资产" }, contribution: { en: "contribution", zh: "贡献" }, potential: { en: "potential value", zh: "潜在价值" },
  churn_risk: { en: "risk of leaving", zh: "流失风险" }, depth: { en: "kinds of product", zh: "产品种类" }, age: { en: "age", zh: "年龄" },
  kyc_state: { en: "identity check", zh: "身份核查" }, holds: { en: "holds", zh: "持有" }, lacks: { en: "lacks", zh: "未持有" },
  high_value: { en: "high value", zh: "高价值" }, at_risk: { en: "at risk", zh: "流失风险" },
  // roles
  supervisor: { en: "supervisor", zh: "主管" }, knowledge_manager: { en: "knowledge manager", zh: "知识管理员" },
  compliance_officer: { en: "compliance officer", zh: "合规专员" }, admin: { en: "administrator", zh: "管理员" },
};

const KEYS = /^[a-z0-9_]+([.:][a-z0-9_]+)*$/;

/** A name of the contract as people say it; one that is unknown is shown with spaces, and what somebody wrote as it is. */
export function name(key: string | null | undefined): string {
  if (!key) return "–";
  const said = NAMES[key];
  if (said) return wording({ it: said })("it");
  if (!KEYS.test(key)) return key;
  return /[.:]/.test(key) ? key.split(/[.:]/).map(name).join(" · ") : key.replace(/_/g, " ");
}

export const say = wording({
  title: { en: "Workspace", zh: "工作台" }, bank: { en: "Meridian Bank", zh: "子午银行" },
  email: { en: "Email", zh: "邮箱" }, password: { en: "Password", zh: "密码" }, sign_in: { en: "Sign in", zh: "登录" },
  ended: { en: "Your session has ended. Sign in again; nothing that you wrote is lost.", zh: "会话已结束，请重新登录，您的草稿不会丢失。" },
  wrong: { en: "The email or the password is wrong.", zh: "邮箱或密码不正确。" },
  sign_out: { en: "Sign out", zh: "退出登录" }, other: { en: "中文", zh: "English" },
  dark: { en: "Dark", zh: "深色" }, light: { en: "Light", zh: "浅色" }, system_theme: { en: "As the system", zh: "跟随系统" }, theme: { en: "Theme", zh: "主题" },
  presence: { en: "Presence", zh: "在线状态" }, shift_off: { en: "outside your shift", zh: "不在班次内" },
  notices: { en: "Notices", zh: "通知" }, no_notices: { en: "Nothing new.", zh: "没有新通知。" }, read_all: { en: "Mark all as read", zh: "全部标为已读" },
  conversations: { en: "Conversations", zh: "对话" }, tickets: { en: "Tickets", zh: "工单" }, customers: { en: "Customers", zh: "客户" },
  compliance: { en: "Compliance", zh: "合规" }, sales: { en: "Sales", zh: "营销与商机" }, knowledge: { en: "Knowledge", zh: "知识库" }, insights: { en: "Insights", zh: "运营分析" },
  skip: { en: "Skip to the content", zh: "跳到内容" }, menu: { en: "Parts of the workspace", zh: "工作台导航" },
  unreachable: { en: "The service cannot be reached. What you wrote is kept; try again.", zh: "无法连接服务，您的内容已保留，请重试。" },
  loading: { en: "Loading…", zh: "加载中…" }, more: { en: "Show more", zh: "显示更多" }, close: { en: "Close", zh: "关闭" }, cancel: { en: "Cancel", zh: "取消" },
  save: { en: "Save", zh: "保存" }, send: { en: "Send", zh: "发送" }, search: { en: "Search", zh: "搜索" }, all: { en: "all", zh: "全部" }, none: { en: "none", zh: "无" },
  language: { en: "Language", zh: "语言" }, queue: { en: "Queue", zh: "队列" }, state: { en: "State", zh: "状态" }, channel: { en: "Channel", zh: "渠道" },
  priority: { en: "Priority", zh: "优先级" }, kind: { en: "Kind", zh: "类型" }, reason: { en: "Reason", zh: "原因" }, note: { en: "Note", zh: "备注" },
  keyboard: { en: "Keyboard", zh: "键盘快捷键" }, notify: { en: "Notify me on this machine", zh: "开启桌面通知" },
  account: { en: "Account", zh: "账户" }, shown: { en: "{count} shown", zh: "显示 {count} 条" }, yes: { en: "yes", zh: "是" }, no: { en: "no", zh: "否" },
  table: { en: "Table", zh: "表格" },
  no_such_part: { en: "There is no such page, or your role does not see it.", zh: "页面不存在，或您的角色无权查看。" },
});
