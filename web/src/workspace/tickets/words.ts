import { wording } from "../../shared/language.js";

export const say = wording({
  search: { en: "Search words or a reference", zh: "搜索文字或编号" }, mine: { en: "Mine", zh: "我的" }, board: { en: "Board", zh: "看板" }, list: { en: "List", zh: "列表" },
  sort: { en: "Order", zh: "排序" }, due: { en: "by the next clock", zh: "按最近时限" }, newest: { en: "newest first", zh: "最新优先" }, export: { en: "Export", zh: "导出" },
  open_only: { en: "open ones", zh: "未完结" }, sla: { en: "Clocks", zh: "时限" }, breached: { en: "broken", zh: "已超时" }, running: { en: "kept so far", zh: "未超时" }, any: { en: "any", zh: "全部" },
  none: { en: "No tickets.", zh: "没有工单。" }, choose: { en: "Choose a ticket.", zh: "请选择工单。" }, take: { en: "Take", zh: "领取" }, who: { en: "Assigned to", zh: "负责人" }, nobody: { en: "nobody", zh: "无" },
  clocks: { en: "Clocks", zh: "时限" }, met: { en: "met {time}", zh: "{time} 已满足" }, broken: { en: "broken", zh: "已超时" }, stands: { en: "stands still", zh: "已暂停" }, until: { en: "until {time} ({distance})", zh: "截至 {time}（{distance}）" },
  why: { en: "Why it is here", zh: "分派理由" }, history: { en: "History", zh: "历史" }, related: { en: "Alike", zh: "相似工单" }, duplicates: { en: "The same customer about the same", zh: "同一客户的相同事项" },
  merge: { en: "Merge into this one", zh: "并入此单" }, macro: { en: "Several changes at once", zh: "批量操作" }, reply: { en: "Ready answer", zh: "常用答复" }, will: { en: "This will be done", zh: "将执行以下操作" },
  run: { en: "Do it", zh: "执行" }, comment: { en: "Comment", zh: "留言" }, to_customer: { en: "to the customer", zh: "发给客户" }, among: { en: "among staff", zh: "内部" }, files: { en: "Files", zh: "附件" },
  attach: { en: "Add a file", zh: "添加附件" }, talk: { en: "Comments", zh: "留言" }, opened: { en: "Opened", zh: "创建时间" }, from: { en: "From", zh: "来自" }, conversation: { en: "the conversation", zh: "相关对话" },
  article: { en: "Draft an article from this", zh: "由此起草文章" }, drafted: { en: "The draft {slug} is at the knowledge desk.", zh: "草稿 {slug} 已在知识库中。" }, answered: { en: "An article answers this already: {title}", zh: "已有文章可解答：{title}" },
  cause: { en: "Root cause", zh: "根本原因" }, counts: { en: "Open by queue", zh: "各队列未完结" }, customer: { en: "Customer", zh: "客户" },
  watch: { en: "Watch", zh: "关注" }, results: { en: "Tickets", zh: "工单列表" }, filters: { en: "Filters", zh: "筛选" },
  saved: { en: "Saved filters", zh: "已存筛选" }, save_filter: { en: "Save these filters as", zh: "将筛选存为" },
});
