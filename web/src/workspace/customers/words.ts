import { wording } from "../../shared/language.js";

export const say = wording({
  search: { en: "Name, number, email or phone", zh: "姓名、客户号、邮箱或电话" }, lists: { en: "Lists", zh: "名单" }, high_value: { en: "High value", zh: "高价值" }, potential: { en: "Potential", zh: "潜力" }, at_risk: { en: "At risk", zh: "流失风险" },
  mine_only: { en: "mine only", zh: "仅我的客户" }, nobody: { en: "No customers found.", zh: "没有找到客户。" }, choose: { en: "Search for a customer, or open a list.", zh: "请搜索客户，或打开名单。" }, results: { en: "Customers", zh: "客户列表" },
  purpose: { en: "What for", zh: "用途" }, service: { en: "service", zh: "服务" }, sales: { en: "sales", zh: "销售" }, complaint: { en: "complaint", zh: "投诉" }, compliance: { en: "compliance", zh: "合规" },
  unmask: { en: "Show in full", zh: "完整显示" }, reason: { en: "Reason, kept in the audit trail", zh: "原因（写入审计记录）" }, masked: { en: "Masked. Give a purpose and a reason to see what your work needs.", zh: "已遮蔽。请填写用途和原因以查看工作所需信息。" },
  overview: { en: "Overview", zh: "概览" }, portrait: { en: "Portrait", zh: "画像" }, timeline: { en: "Timeline", zh: "时间线" }, money: { en: "Accounts and bookings", zh: "账户与交易" }, consents: { en: "Consents", zh: "授权" },
  identity: { en: "Identity", zh: "身份" }, contacts: { en: "Contact", zh: "联系方式" }, accounts: { en: "Accounts", zh: "账户" }, cards: { en: "Cards", zh: "卡片" }, loans: { en: "Loans", zh: "贷款" }, holdings: { en: "Investments", zh: "投资" },
  tickets: { en: "Tickets", zh: "工单" }, conversations: { en: "Conversations", zh: "对话" }, life_events: { en: "Life events", zh: "人生大事" }, household: { en: "Household", zh: "家庭" }, relationship_manager: { en: "Relationship manager", zh: "客户经理" }, alerts: { en: "Alerts", zh: "预警" },
  source: { en: "{source}, as of {time}", zh: "{source}，截至 {time}" }, nothing: { en: "nothing", zh: "无" }, formula: { en: "How it is computed", zh: "计算方式" }, inputs: { en: "from", zh: "依据" }, withheld: { en: "withheld or not known", zh: "未授权或未知" },
  assets: { en: "Assets", zh: "资产" }, debts: { en: "Debts", zh: "负债" }, contribution: { en: "Contribution a year", zh: "年贡献" }, depth: { en: "Kinds of products", zh: "产品种类" }, trend: { en: "Trend of assets", zh: "资产趋势" }, potential_value: { en: "Potential", zh: "潜在价值" },
  churn_risk: { en: "Risk of leaving", zh: "流失风险" }, interests: { en: "Interests", zh: "兴趣" }, segment: { en: "Segment", zh: "层级" }, risk_level: { en: "Risk level", zh: "风险等级" }, bookings: { en: "Bookings", zh: "交易明细" }, find_booking: { en: "Find a booking", zh: "搜索交易" },
  category: { en: "Category", zh: "类别" }, total: { en: "Total", zh: "合计" }, count: { en: "Bookings", zh: "笔数" }, when: { en: "When", zh: "时间" }, what: { en: "What", zh: "内容" }, amount: { en: "Amount", zh: "金额" }, categories: { en: "By category, six months", zh: "近六个月分类" },
  marketing: { en: "marketing", zh: "营销" }, profiling: { en: "profiling", zh: "画像分析" }, recording: { en: "recording of calls", zh: "通话录音" }, household_consent: { en: "household view", zh: "家庭视图" }, given: { en: "given", zh: "已授权" }, taken: { en: "not given", zh: "未授权" },
  erase: { en: "Erase on the customer's request", zh: "应客户请求清除数据" },
  erase_hint: { en: "Closed conversations, finished tickets, leads without a contract, life events and the state of campaigns go for good, and the consents to marketing with them. What the law keeps stays.", zh: "将永久清除：已结束的对话、已完结的工单、无合同的商机、人生大事和营销记录，并撤回营销授权。依法须保留的内容不受影响。" },
  erase_reason: { en: "How the customer asked", zh: "客户如何提出请求" }, erase_sure: { en: "I have made sure who asks for it.", zh: "我已核实请求人身份。" }, erase_now: { en: "Erase", zh: "清除" },
  erased: { en: "Erased: tickets: {tickets}, conversations: {conversations}, leads: {leads}.", zh: "已清除：工单 {tickets} 个、对话 {conversations} 个、商机 {leads} 个。" },
  erase_kept: { en: "Kept for now: tickets: {tickets}, conversations: {conversations}, leads: {leads}.", zh: "暂时保留：工单 {tickets}；对话 {conversations} 个；商机 {leads} 个。" },
  history: { en: "History", zh: "历史" }, channel: { en: "How the customer said so", zh: "客户告知方式" }, advise: { en: "What suits", zh: "适合的产品" }, horizon: { en: "Months", zh: "期限（月）" }, show: { en: "Show", zh: "查看" },
  excluded: { en: "{count} products do not fit", zh: "{count} 款产品不适合" }, no_products: { en: "Nothing fits.", zh: "没有合适的产品。" }, life_event: { en: "Note a life event", zh: "记录人生大事" }, on: { en: "On", zh: "日期" }, add: { en: "Add", zh: "添加" },
});
