import { wording } from "../../shared/language.js";

export const say = wording({
  screening: { en: "Screening", zh: "名单筛查" }, alerts: { en: "Alerts", zh: "预警" }, cases: { en: "Cases", zh: "案件" }, lists: { en: "Lists", zh: "名单库" }, audit: { en: "Audit trail", zh: "审计记录" },
  name: { en: "Name", zh: "姓名" }, type: { en: "Type", zh: "类型" }, person: { en: "person", zh: "个人" }, organisation: { en: "organisation", zh: "机构" }, birth: { en: "Date of birth", zh: "出生日期" }, country: { en: "Country (two letters)", zh: "国家（两位代码）" },
  screen: { en: "Screen", zh: "筛查" }, compare: { en: "Compare two names", zh: "比较两个姓名" }, other: { en: "Other name", zh: "另一姓名" }, compare_it: { en: "Compare", zh: "比较" }, match: { en: "match", zh: "匹配" }, no_match: { en: "no match", zh: "不匹配" },
  took: { en: "matches: {count}, in {ms} ms", zh: "{count} 条匹配，用时 {ms} 毫秒" }, entry: { en: "Entry", zh: "名单条目" }, score: { en: "Score", zh: "得分" }, list: { en: "List", zh: "名单" }, why: { en: "Why", zh: "依据" },
  kind: { en: "Kind", zh: "类型" }, when: { en: "When", zh: "时间" }, evidence: { en: "Evidence", zh: "证据" }, customer: { en: "Customer", zh: "客户" }, none: { en: "Nothing here.", zh: "暂无内容。" }, ticket: { en: "Ticket", zh: "工单" },
  open: { en: "open", zh: "处理中" }, proposed: { en: "proposed", zh: "已提议" }, closed: { en: "closed", zh: "已结案" }, disposition: { en: "How it ends", zh: "处置结论" }, no_suspicion: { en: "no suspicion", zh: "无可疑" }, report: { en: "report", zh: "上报" },
  reason: { en: "Reason", zh: "理由" }, propose: { en: "Propose", zh: "提议" }, approve: { en: "Approve", zh: "批准" }, send_back: { en: "Send back", zh: "退回" }, other_person: { en: "Another person than the one who proposed decides.", zh: "须由提议人以外的人员决定。" }, draft: { en: "Draft of the report", zh: "上报草稿" },
  upload: { en: "Load a list", zh: "加载名单" }, code: { en: "Code", zh: "代码" }, format: { en: "Format", zh: "格式" }, file: { en: "File", zh: "文件" }, load: { en: "Load", zh: "加载" },
  subject: { en: "Subject", zh: "对象" }, actor: { en: "Who", zh: "操作人" }, action: { en: "Action", zh: "操作" }, details: { en: "Details", zh: "详情" }, find: { en: "Find", zh: "查询" },
});
