// What the pages say, in both languages.

import type { Language } from "./api.js";

const TEXTS = {
  open: { en: "Open the chat", zh: "打开聊天" },
  close: { en: "Close the chat", zh: "关闭聊天" },
  title: { en: "Bank assistant", zh: "银行智能助手" },
  hello: {
    en: "Hello! Ask me a question, or tell me what you need done.",
    zh: "您好！您可以直接提问，或告诉我需要办理什么。",
  },
  write: { en: "Write a message", zh: "输入消息" },
  send: { en: "Send", zh: "发送" },
  other: { en: "中文", zh: "English" },
  person: { en: "Talk to a person", zh: "转人工" },
  queued: { en: "You are in the queue for a person.", zh: "您正在排队等待人工客服。" },
  agent: { en: "A person is in this conversation.", zh: "人工客服已接入。" },
  closed: { en: "This conversation is closed.", zh: "对话已结束。" },
  again: { en: "Start a new conversation", zh: "开始新的对话" },
  sources: { en: "Sources", zh: "来源" },
  failed: { en: "That did not go through. Try again.", zh: "发送失败，请重试。" },
  thinking: { en: "writing…", zh: "正在输入…" },
  restart: { en: "New conversation", zh: "新对话" },
} as const;

export type Text = keyof typeof TEXTS;
export const say = (key: Text, language: Language): string => TEXTS[key][language];
