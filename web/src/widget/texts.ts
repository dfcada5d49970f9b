// What the widget says, in both languages.

export type Language = "en" | "zh";

const TEXTS = {
  open: { en: "Open the chat", zh: "打开聊天" },
  unread: { en: "{count} new messages", zh: "{count} 条新消息" },
  close: { en: "Close the chat", zh: "关闭聊天" },
  title: { en: "Bank assistant", zh: "银行智能助手" },
  hello: {
    en: "Hello! Ask me a question, or tell me what you need done.",
    zh: "您好！您可以直接提问，或告诉我需要办理什么。",
  },
  write: { en: "Write a message", zh: "输入消息" },
  send: { en: "Send", zh: "发送" },
  other: { en: "中文", zh: "English" },
  menu: { en: "More", zh: "更多" },
  person: { en: "Talk to a person", zh: "转人工" },
  queued: { en: "You are in the queue for a person.", zh: "您正在排队等待人工客服。" },
  place: { en: "Your place in the queue: {place}", zh: "您排在第 {place} 位" },
  agent: { en: "{name} is in this conversation.", zh: "{name} 正在为您服务。" },
  somebody: { en: "A person", zh: "人工客服" },
  closed: { en: "This conversation is closed.", zh: "对话已结束。" },
  again: { en: "Start a new conversation", zh: "开始新的对话" },
  source: { en: "Source", zh: "来源" },
  read: { en: "Read the article", zh: "阅读全文" },
  failed: { en: "That did not go through. Try again.", zh: "发送失败，请重试。" },
  waiting: {
    en: "waiting for the network; it is sent as soon as there is one",
    zh: "等待网络，恢复后自动发送",
  },
  offline: {
    en: "No connection at the moment. What you write is kept and sent once.",
    zh: "暂时无法连接。您写的内容会保留并只发送一次。",
  },
  thinking: { en: "The assistant is writing", zh: "智能助手正在输入" },
  writing: { en: "{name} is writing", zh: "{name}正在输入" },
  restart: { en: "New conversation", zh: "新对话" },
  file: { en: "Send a file", zh: "发送文件" },
  download: { en: "Save the transcript", zh: "保存对话记录" },
  rate: { en: "Rate this conversation", zh: "为对话评分" },
  stars: { en: "{count} of 5", zh: "{count} 分，满分 5 分" },
  comment: { en: "What should we know? (optional)", zh: "想告诉我们什么？（选填）" },
  rated: { en: "Thank you for your rating.", zh: "感谢您的评分。" },
  sound: { en: "Sound", zh: "提示音" },
  notify: { en: "Notifications", zh: "桌面通知" },
  helpful: { en: "Did this help?", zh: "有帮助吗？" },
  yes: { en: "Yes", zh: "有" },
  no: { en: "No", zh: "没有" },
  noted: { en: "Thank you.", zh: "谢谢反馈。" },
  level: { en: "Risk level {level}", zh: "风险等级 {level}" },
  disclosures: { en: "Please read", zh: "请阅读" },
  ticket: { en: "Ticket", zh: "工单" },
  answer_by: { en: "answered by {time}", zh: "最迟 {time} 答复" },
  signed_out: { en: "You are signed out.", zh: "您已退出登录。" },
  you: { en: "You", zh: "我" },
  assistant: { en: "Assistant", zh: "智能助手" },
  fill: { en: "Fill in", zh: "填写" },
  optional: { en: "optional", zh: "选填" },
  choose: { en: "choose", zh: "请选择" },
  skip: { en: "skip", zh: "跳过" },
  too_large: { en: "The file was not taken: {reason}", zh: "文件未被接收：{reason}" },
  new: { en: "new", zh: "新建" },
  state_open: { en: "in work", zh: "处理中" },
  waiting_customer: { en: "waiting for you", zh: "等待您回复" },
  waiting_internal: { en: "in work", zh: "处理中" },
  resolved: { en: "resolved", zh: "已解决" },
  state_closed: { en: "closed", zh: "已关闭" },
  archived: { en: "closed", zh: "已关闭" },
} as const;

export type Text = keyof typeof TEXTS;

/** A text in a language, with its {values} filled in. */
export const say = (
  key: Text,
  language: Language,
  values: Record<string, string | number> = {},
): string =>
  TEXTS[key][language].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
