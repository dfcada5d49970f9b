import { wording } from "../../shared/language.js";

export const say = wording({
  waiting: { en: "Waiting", zh: "等待中" }, mine: { en: "Mine", zh: "我的" }, team: { en: "Team", zh: "团队" }, assistant: { en: "With the assistant", zh: "智能助手" },
  nobody: { en: "Nobody is here.", zh: "这里没有对话。" }, choose: { en: "Choose a conversation, or take the next one.", zh: "请选择对话，或领取下一个。" },
  next: { en: "Take the next one", zh: "领取下一个" }, visitor: { en: "Visitor", zh: "访客" }, customer: { en: "Customer", zh: "客户" },
  inbox: { en: "Inbox", zh: "收件箱" }, open_ones: { en: "Open conversations", zh: "已打开的对话" }, back: { en: "Back to the inbox", zh: "返回收件箱" },
  claim: { en: "Claim", zh: "领取" }, release: { en: "Give back to the assistant", zh: "交还智能助手" }, end: { en: "Close", zh: "结束" },
  transfer: { en: "Transfer", zh: "转接" }, to_team: { en: "To a team", zh: "转给团队" }, to_colleague: { en: "To a colleague", zh: "转给同事" },
  transfer_note: { en: "Note for whoever takes it", zh: "给接手同事的备注" }, transferred: { en: "Transferred.", zh: "已转接。" },
  reply: { en: "Reply", zh: "回复" }, ready: { en: "Ready answers", zh: "常用语" }, attach: { en: "Send a file", zh: "发送文件" },
  typing: { en: "The customer is writing…", zh: "客户正在输入…" }, signs: { en: "Signs", zh: "迹象" }, notes: { en: "Notes among staff", zh: "内部备注" },
  add_note: { en: "Add a note", zh: "添加备注" }, taken_by: { en: "With {name}", zh: "由 {name} 处理" },
  transcript: { en: "Transcript", zh: "对话记录" }, shortcuts: { en: "Keyboard shortcuts", zh: "键盘快捷键" }, done: { en: "Done", zh: "完成" },
  new_message: { en: "New message", zh: "新消息" }, somebody_waits: { en: "Somebody is waiting", zh: "有客户在等待" }, ended: { en: "This conversation is closed.", zh: "对话已结束。" },
  // the copilot
  copilot: { en: "Copilot", zh: "智能副驾" }, summary: { en: "Summary", zh: "摘要" }, intent: { en: "Wants", zh: "意图" }, mood: { en: "Mood", zh: "情绪" },
  suggested: { en: "Suggested reply", zh: "建议回复" }, insert: { en: "Insert", zh: "插入" }, another: { en: "Another", zh: "换一条" }, wrong: { en: "Wrong", zh: "有误" },
  why_wrong: { en: "What is wrong with it?", zh: "哪里不对？" }, thanks: { en: "Noted. The knowledge managers see it.", zh: "已记录，知识管理员会看到。" },
  nothing: { en: "The articles say nothing about this.", zh: "知识库中没有相关内容。" }, articles: { en: "Articles", zh: "文章" }, similar: { en: "Solved before", zh: "已解决的类似工单" },
  actions: { en: "Next steps", zh: "下一步" }, at_a_glance: { en: "Customer", zh: "客户概况" }, profile: { en: "Whole profile", zh: "完整画像" },
  ask: { en: "Ask anything", zh: "随时提问" }, ask_hint: { en: "Screen a name, check a sale, draft a reply…", zh: "筛查姓名、检查销售、起草回复……" },
  ask_button: { en: "Ask", zh: "提问" }, acknowledge: { en: "I have read this", zh: "我已知悉" }, before_writing: { en: "Read before you write", zh: "回复前请阅读" },
  segment: { en: "Segment", zh: "层级" }, risk: { en: "Risk level", zh: "风险等级" }, kyc: { en: "Identity", zh: "身份核查" }, loading: { en: "Reading the conversation…", zh: "正在阅读对话…" },
  // forms
  open_ticket: { en: "Open a ticket", zh: "提交工单" }, subject: { en: "Subject", zh: "主题" }, description: { en: "Description", zh: "描述" },
  contact: { en: "Contact", zh: "联系方式" }, decided: { en: "decided by the rules", zh: "由规则决定" }, opened: { en: "{reference} is open in the {queue} queue.", zh: "{reference} 已提交至{queue}队列。" },
  check_sale: { en: "Check a sale", zh: "检查销售" }, product: { en: "Product", zh: "产品" }, amount: { en: "Amount", zh: "金额" }, check: { en: "Check", zh: "检查" },
  clicked: { en: "Interested", zh: "感兴趣" }, declined: { en: "Declined", zh: "拒绝" },
  // keys
  key_next: { en: "take the next one", zh: "领取下一个" }, key_move: { en: "next, previous conversation", zh: "下一个、上一个对话" }, key_tab: { en: "the open conversation of that number", zh: "切换到对应编号的对话" },
  key_reply: { en: "to the reply", zh: "定位到回复框" }, key_insert: { en: "insert the suggested reply", zh: "插入建议回复" }, key_send: { en: "send", zh: "发送" }, key_ask: { en: "to the copilot's question", zh: "定位到副驾提问框" },
  key_claim: { en: "claim", zh: "领取" }, key_keys: { en: "this list", zh: "本列表" },
});
