"""What the assistant says, in both languages. Full sentences, short, never blaming."""

from __future__ import annotations

from actions.tickets.names import ZH_NAMES
from core.languages import Language

PHRASES: dict[str, dict[Language, str]] = {
    "greet": {
        "en": "Hello! I am the bank's assistant. Ask me a question, or tell me what you need done.",
        "zh": "您好！我是银行的智能助手。您可以直接提问，或告诉我需要办理什么。",
    },
    "thank": {"en": "You are welcome. Is there anything else?", "zh": "不客气。还有其他需要吗？"},
    "goodbye": {"en": "Goodbye, and take care.", "zh": "再见，祝您一切顺利。"},
    "affirm": {"en": "All right. What would you like me to do?", "zh": "好的。您需要我做什么？"},
    "deny": {
        "en": "All right, I leave it. Is there anything else?",
        "zh": "好的，先不处理。还有其他需要吗？",
    },
    "help": {
        "en": "I answer questions from the bank's articles, open tickets and tell you where they stand, show your "
        "balances, transactions, cards, loans and investments when you are signed in, recommend suitable products, "
        "and bring you to a person.",
        "zh": "我可以根据银行的知识文章回答问题、开立和查询工单；登录后可查看余额、交易、卡片、贷款和投资，"
        "推荐适合您的产品，也可以为您转接人工。",
    },
    "repeat_nothing": {
        "en": "I have not said anything yet that I could repeat.",
        "zh": "目前还没有可以重复的内容。",
    },
    "restart": {
        "en": "Let us start over. What can I do for you?",
        "zh": "我们重新开始吧。请问需要什么帮助？",
    },
    "switch_language": {"en": "I will answer in English.", "zh": "接下来我用中文回答。"},
    "give_feedback": {
        "en": "Thank you for telling me. You can rate this conversation at any time, and I pass your words on.",
        "zh": "感谢您的反馈。您可以随时为本次对话评分，我会转达您的意见。",
    },
    "empty": {
        "en": "I received a message without text. Please write what you need.",
        "zh": "我收到了一条空消息，请写下您的需要。",
    },
    "unknown": {
        "en": "I don't know the answer to that: I found no article that covers it, and I would rather not guess.",
        "zh": "很抱歉，这个问题我不知道：没有找到相关的知识文章，我不想随意猜测。",
    },
    "unknown_with_alternatives": {
        "en": "I don't know for certain: no article answers exactly that. Did you mean one of these?",
        "zh": "很抱歉，我不知道确切答案：没有文章正好回答这个问题。您是想问以下内容吗？",
    },
    "unanswered_twice": {
        "en": "I could not help with this twice now, so I am bringing you to a person who can.",
        "zh": "我已经两次没能解答您的问题，现在为您转接人工。",
    },
    "which_meaning": {
        "en": "I want to do the right thing. Which of these do you mean?",
        "zh": "想确认一下，您是指哪一项？",
    },
    "also_meant": {
        "en": "If you meant something else, tap it:",
        "zh": "如果您是指其他事项，请点选：",
    },
    "offer_person": {"en": "I can also bring you to a person.", "zh": "我也可以为您转接人工。"},
    "request_begins": {"en": "{name}: I need a few details.", "zh": "{name}：需要您提供几项信息。"},
    "request_sign_in": {
        "en": "“{name}” can be asked for once you are signed in to the bank's site or app, because it concerns your own "
        "accounts. I can also bring you to a person.",
        "zh": "“{name}”涉及您本人的账户，请先登录网站或手机银行再办理。我也可以为您转接人工。",
    },
    "request_be_sure": {
        "en": "For “{name}” I must be sure that it is you. Confirm it in the bank's app with your second factor, and then tell me "
        "again. I can also bring you to a person.",
        "zh": "办理“{name}”前需要再次确认是您本人。请在手机银行完成二次验证后再告诉我。我也可以为您转接人工。",
    },
    "request_confirm": {
        "en": "{name}. I understood:\n{answers}\nShall I send it?",
        "zh": "{name}。我的理解是：\n{answers}\n确认提交吗？",
    },
    "request_written": {
        "en": "“{name}” is on its way. The reference is {reference}; you can ask me at any time where it stands.",
        "zh": "“{name}”已提交，编号 {reference}。您可以随时问我进展。",
    },
    "request_done_at_once": {
        "en": "Done: “{name}” took effect at once. The reference is {reference}.",
        "zh": "“{name}”已立即生效，编号 {reference}。",
    },
    "request_offer": {"en": "I can also do it for you:", "zh": "我也可以直接为您办理："},
    "request_which": {"en": "Which of these do you want done?", "zh": "您要办理哪一项？"},
    "ask_description": {
        "en": "I will open a ticket for you. What is it about? Please describe it in a sentence or two.",
        "zh": "我来为您开立工单。请用一两句话说明问题。",
    },
    "put_right": {"en": "{before} (corrected: {instead})", "zh": "{before}（更正：{instead}）"},
    "ask_contact": {
        "en": "How can we reach you? Please give an email address or a phone number.",
        "zh": "我们怎么联系您？请留下邮箱或电话号码。",
    },
    "bad_contact": {
        "en": "I could not find an email address or a phone number in that. An example: anna@example.com.",
        "zh": "没有识别到邮箱或电话号码。例如：anna@example.com。",
    },
    "confirm_ticket": {
        "en": "I understood: “{description}”.{contact} Shall I open the ticket?",
        "zh": "我理解的是：“{description}”。{contact}确认提交工单吗？",
    },
    "confirm_contact": {
        "en": " We will reach you at {contact}.",
        "zh": "我们将通过 {contact} 联系您。",
    },
    "yes_or_no": {
        "en": "Please answer yes, or no to leave it.",
        "zh": "请回答“是”，或回答“否”放弃。",
    },
    "ticket_opened": {
        "en": "Your ticket is open. Its reference is {reference}. It went to the {queue} team with priority {priority}; "
        "you will hear from us by {first}, and we aim to solve it by {resolution}.",
        "zh": "工单已提交，编号 {reference}。已转交{queue}团队，优先级：{priority}。我们将在 {first} 前首次回复，"
        "预计在 {resolution} 前解决。",
    },
    "ask_note": {"en": "What should I add to the ticket?", "zh": "需要在工单中补充什么？"},
    "confirm_note": {
        "en": "I will add to ticket {reference}: “{note}”. Shall I send it?",
        "zh": "将在工单 {reference} 中补充：“{note}”。确认提交吗？",
    },
    "confirm_close": {
        "en": "Shall I close ticket {reference} (“{subject}”)? Nobody will work on it any more.",
        "zh": "确认关闭工单 {reference}（“{subject}”）吗？关闭后将不再处理。",
    },
    "note_added": {
        "en": "I added it to ticket {reference}; the {queue} team sees it.",
        "zh": "已补充到工单 {reference}，{queue}团队可以看到。",
    },
    "ticket_closed": {
        "en": "Ticket {reference} is closed. If it comes up again, tell us here.",
        "zh": "工单 {reference} 已关闭。如问题再次出现，请在这里告诉我们。",
    },
    "ticket_settled": {
        "en": "Good news: your request {reference} (“{subject}”) is settled. If anything is left, tell me and it is open again.",
        "zh": "您的请求 {reference}（“{subject}”）已处理完毕。如仍有问题，告诉我即可重新开启。",
    },
    "ask_rating": {
        "en": "How content are you with how {reference} was handled? From 1 (badly) to 5 (very well).",
        "zh": "您对 {reference} 的处理满意吗？请打分：1（很不满意）到 5（非常满意）。",
    },
    "score_5": {"en": "5 – very content", "zh": "5 分 非常满意"},
    "score_4": {"en": "4", "zh": "4 分"},
    "score_3": {"en": "3", "zh": "3 分"},
    "score_2": {"en": "2", "zh": "2 分"},
    "score_1": {"en": "1 – not at all", "zh": "1 分 很不满意"},
    "rated_well": {"en": "Thank you, I have noted it.", "zh": "谢谢，已记录您的评价。"},
    "rated_badly": {
        "en": "Thank you for saying so, and I am sorry. The team sees your rating; tell me what was missing and I open it again.",
        "zh": "谢谢您如实告知，很抱歉没有让您满意。团队会看到您的评价；请告诉我哪里没做好，我可以重新开启。",
    },
    "already_closed": {
        "en": "Ticket {reference} is closed already.",
        "zh": "工单 {reference} 已经关闭。",
    },
    "no_open_tickets": {"en": "You have no open tickets.", "zh": "您没有未完成的工单。"},
    "left_alone": {
        "en": "All right, I leave it. Nothing was sent or changed.",
        "zh": "好的，没有提交或更改任何内容。",
    },
    "ticket_not_opened": {
        "en": "I did not open a ticket. Nothing was sent.",
        "zh": "没有提交工单，未发送任何内容。",
    },
    "lost_card_first": {
        "en": "I am sorry about your card. Lock it in the app now if you can; a person will make sure that it is blocked.",
        "zh": "很抱歉听到您的卡出了问题。如方便请先在手机银行锁卡；工作人员会确保卡片已冻结。",
    },
    "card_blocked": {
        "en": "I have blocked your card ending {last_four}. Nobody can pay or withdraw with it. A person can unblock it "
        "if you find it.",
        "zh": "尾号 {last_four} 的卡已冻结，任何人都无法用它付款或取现。如果找到了，可以请工作人员解冻。",
    },
    "card_not_active": {
        "en": "Your card ending {last_four} is blocked or expired already: nobody can use it.",
        "zh": "尾号 {last_four} 的卡已经冻结或过期，任何人都无法使用。",
    },
    "no_active_card": {
        "en": "None of your cards is active: nobody can use them.",
        "zh": "您名下没有可用状态的卡，任何人都无法使用。",
    },
    "which_card": {
        "en": "Which card is it? One tap blocks it at once.",
        "zh": "是哪张卡？点一下即可立即冻结。",
    },
    "offer_block": {
        "en": "If somebody may be using your card, block it now with one tap.",
        "zh": "如果有人可能在使用您的卡，点一下即可立即冻结。",
    },
    "block_this_card": {
        "en": "Block my card ending {last_four}",
        "zh": "冻结我尾号{last_four}的卡",
    },
    "ask_reference": {
        "en": "Which ticket? Its reference looks like T-100234.",
        "zh": "请问是哪个工单？编号形如 T-100234。",
    },
    "ask_follow_contact": {
        "en": "Which email address or phone number did you give when you opened it?",
        "zh": "提交工单时留的邮箱或电话是什么？",
    },
    "bad_reference": {"en": "That is not a ticket reference.", "zh": "这不是工单编号。"},
    "ticket_state": {
        "en": "Ticket {reference} (“{subject}”) is {state}, with the {queue} team. Next: {due}.",
        "zh": "工单 {reference}（“{subject}”）目前状态：{state}，由{queue}团队处理。{due}。",
    },
    "no_tickets": {"en": "You have no tickets.", "zh": "您没有工单。"},
    "ticket_not_found": {
        "en": "I found no ticket with that reference and contact. Both must be as they were given.",
        "zh": "没有找到与该编号和联系方式匹配的工单，两者都需与提交时一致。",
    },
    "due": {"en": "we aim to solve it by {resolution}", "zh": "预计在 {resolution} 前解决"},
    "done": {"en": "nothing more is due", "zh": "已处理完毕"},
    "sign_in": {
        "en": "For your own data I need to know that it is you. Please sign in on the bank's site or app and start the "
        "chat from there.",
        "zh": "查看您本人的信息需要先确认身份。请登录银行网站或手机银行，再从那里打开聊天。",
    },
    "accounts": {"en": "Your accounts:", "zh": "您的账户："},
    "transactions": {"en": "Your latest transactions:", "zh": "您最近的交易："},
    "cards": {"en": "Your cards:", "zh": "您的卡片："},
    "loans": {"en": "Your loans:", "zh": "您的贷款："},
    "holdings": {"en": "Your investments:", "zh": "您的投资："},
    "no_such_transactions": {
        "en": "I found no transactions like that. Ask for other days, another shop or amount, or for all recent ones.",
        "zh": "没有找到符合条件的交易。可以换个日期、商户或金额，或查看最近的全部交易。",
    },
    "nothing": {"en": "There is nothing to show.", "zh": "没有可显示的内容。"},
    "recommended": {
        "en": "These products fit your risk level {level}:",
        "zh": "以下产品符合您的风险等级 {level}：",
    },
    "recommended_for_needs": {
        "en": "These products fit your risk level {level} and what you told me:",
        "zh": "以下产品符合您的风险等级 {level} 和您的需求：",
    },
    "ask_goal": {
        "en": "What is the money for? Then I can be more exact.",
        "zh": "这笔钱主要用于什么？告诉我后可以推荐得更准确。",
    },
    "ask_amount": {"en": "How much is it about, in euros?", "zh": "大约多少金额（欧元）？"},
    "ask_horizon": {"en": "For how long can it stay?", "zh": "这笔钱可以放多久？"},
    "goal_savings": {"en": "Saving", "zh": "储蓄"},
    "goal_growth": {"en": "Growth", "zh": "增值"},
    "goal_income": {"en": "Regular income", "zh": "稳定收益"},
    "goal_retirement": {"en": "Retirement", "zh": "养老"},
    "goal_home": {"en": "A home", "zh": "购房"},
    "goal_education": {"en": "Education", "zh": "教育"},
    "goal_protection": {"en": "Protection", "zh": "保障"},
    "horizon_12": {"en": "1 year", "zh": "1年"},
    "horizon_36": {"en": "3 years", "zh": "3年"},
    "horizon_60": {"en": "5 years", "zh": "5年"},
    "horizon_120": {"en": "10 years", "zh": "10年"},
    "no_offers": {"en": "None of these, thank you", "zh": "都不需要，谢谢"},
    "offers_declined": {
        "en": "All right, I will not offer these again for a while. Is there anything else?",
        "zh": "好的，这些产品近期不会再向您推荐。还有其他需要吗？",
    },
    "offer_more": {"en": "Tell me more", "zh": "想了解一下"},
    "offer_no": {"en": "No, thanks", "zh": "不用了，谢谢"},
    "offer_taken": {
        "en": "{product} has risk level {level}. Your adviser will get in touch with the details; nothing is bought before you "
        "agree. What you should know:",
        "zh": "{product}的风险等级为 {level}。您的客户经理会联系您说明详情，未经您同意不会购买。请您了解：",
    },
    "nothing_suitable": {
        "en": "No product fits you at present. The first reason: {reason} A person can look at it with you.",
        "zh": "目前没有适合您的产品。首要原因：{reason}可以请工作人员与您一起查看。",
    },
    "field_description": {
        "en": "What happened, and what you need",
        "zh": "发生了什么，需要我们做什么",
    },
    "field_contact": {"en": "Email or phone number", "zh": "邮箱或电话"},
    "transferred_to_team": {
        "en": "You are being brought to the {team} team. What you wrote goes with you.",
        "zh": "正在为您转接到{team}团队，之前的对话内容会一并转交。",
    },
    "transferred_to_colleague": {
        "en": "A colleague takes over now. What you wrote goes with you.",
        "zh": "现在由另一位同事为您服务，之前的对话内容会一并转交。",
    },
    "file_kept": {
        "en": "I have kept “{name}” with this conversation, where our staff can see it. What is it about?",
        "zh": "我已将“{name}”保存在本次对话中，工作人员可以查看。请问这份文件与什么事情有关？",
    },
    "handoff_now": {
        "en": "I am bringing you to a person. You are in the queue, and this chat stays open. They can read what we wrote.",
        "zh": "正在为您转接人工。您已进入排队，聊天窗口保持打开，客服可以看到我们的对话。",
    },
    "handoff_later": {
        "en": "Our team is back at {opens}. You are in the queue, and somebody will answer here then. Write a phone number or "
        "an email address, and we will call or write to you instead.",
        "zh": "客服将于 {opens} 上班。您已进入排队，届时会在此回复。如留下电话或邮箱，我们会主动联系您。",
    },
    "handoff_later_call": {
        "en": "Our team is back at {opens}. You are in the queue; we will answer here, and call you back on the number that "
        "we have for you if you have left.",
        "zh": "客服将于 {opens} 上班。您已进入排队，届时会在此回复；如您已离开，我们会拨打您预留的电话回复您。",
    },
    "call_back_subject": {"en": "Call back", "zh": "回电"},
    "call_back_promised": {
        "en": "Thank you. We will reach you at {contact}; the reference is {reference}.",
        "zh": "谢谢。我们会通过 {contact} 联系您，编号 {reference}。",
    },
    "care_scam": {
        "en": "Please stop, and do not send or move any money. This looks like a scam: the bank and the police never ask you to "
        "move money to a “safe account”, for a PIN or a code, or to install an app. End the call. If you shared a code or "
        "your card, lock the card in the app now.",
        "zh": "请先停下，不要转账或汇出任何资金。这很像诈骗：银行和警方绝不会要求您把钱转到“安全账户”、索要密码或验证码、"
        "或让您安装软件。请立即挂断电话。如已透露验证码或卡片信息，请马上在手机银行锁卡。",
    },
    "care_crisis": {
        "en": "I am really sorry that it is this hard. You matter more than any money question. If you are in danger, please "
        "call the emergency number (112 or 999) or a crisis line now; in the UK and Ireland Samaritans answer on 116 123 "
        "at any hour. A person from our team is coming to you as well.",
        "zh": "听到您这么难受，我很难过。您比任何钱的问题都重要。如有危险，请立即拨打急救电话（120 或 110），"
        "或全国统一心理援助热线 12356。我们的同事也会马上来帮助您。",
    },
    "care_bereavement": {
        "en": "I am very sorry for your loss. Take the time you need; a colleague who is trained for this can see to everything "
        "with you.",
        "zh": "请节哀。不必着急，我们有专门的同事可以陪您一步步办理。",
    },
    "care_illness": {
        "en": "I am sorry to hear that, and I wish you strength. We can make things easier, and nothing here needs you to come in.",
        "zh": "很抱歉听到这个消息，祝您早日康复。我们会尽量让事情简单，您不必到网点来。",
    },
    "care_hardship": {
        "en": "I am sorry that things are difficult. Many customers find a way with us: a pause, smaller instalments or a plan. "
        "Talking early helps, and asking costs nothing.",
        "zh": "很理解您现在的难处。我们可以一起商量办法，例如延期、降低每期还款或制定还款计划。越早沟通越好，咨询不收任何费用。",
    },
    "care_anger": {
        "en": "I am sorry that this went wrong and cost you time. I will do what I can right here.",
        "zh": "很抱歉给您带来了不便，也耽误了您的时间。我会尽力在这里为您解决。",
    },
    "kyc_next": {"en": "Next: {ask}", "zh": "下一步：{ask}"},
    "kyc_complete": {
        "en": "Nothing is missing: a compliance officer can conclude the review.",
        "zh": "资料齐全，合规人员可以完成审核。",
    },
    "kyc_again": {"en": "What is still missing?", "zh": "还缺什么？"},
    "copilot_unknown": {
        "en": "I don't know: no article covers it.",
        "zh": "不知道：没有相关文章。",
    },
    "copilot_check_needs": {
        "en": "Open the customer and name the product, then I can check the sale; or ask for the onboarding check.",
        "zh": "请先打开客户并写明产品名称，我再检查能否销售；也可以让我做开户检查。",
    },
    "copilot_onboarding": {"en": "Onboarding", "zh": "开户"},
    "copilot_customer_needs": {
        "en": "Open the customer first, then I can summarise.",
        "zh": "请先打开客户，我再概括情况。",
    },
    "copilot_draft_needs": {
        "en": "What should the reply be about? Name the topic, such as “draft a reply about the card delivery time”.",
        "zh": "回复要写什么？请写明主题，例如“起草一份关于寄卡时间的回复”。",
    },
    "copilot_draft_unknown": {
        "en": "No public article covers “{about}”, so I have nothing to base a reply on.",
        "zh": "没有公开文章涉及“{about}”，无法据此起草回复。",
    },
    "copilot_letter": {
        "en": "Dear{name},\n\nThank you for your message. {text}\n\nKind regards",
        "zh": "尊敬的{name}客户：\n\n感谢您的来信。{text}\n\n此致\n敬礼",
    },
    "person": {"en": "Talk to a person", "zh": "转人工"},
    "ticket": {"en": "Open a ticket", "zh": "提交工单"},
    "yes": {"en": "Yes", "zh": "是"},
    "no": {"en": "No", "zh": "否"},
    "say_person": {"en": "I want to talk to a person", "zh": "我要转人工"},
    "say_ticket": {"en": "I want to open a ticket", "zh": "我要提交工单"},
}


def say(key: str, language: Language, **values: str) -> str:
    """A phrase with its values."""
    return PHRASES[key][language].format(**values)


def word(name: str, language: Language) -> str:
    """A queue, priority or state as people say it."""
    return ZH_NAMES[name] if language == "zh" else name.replace("_", " ")


def quick(title: str, payload: str, language: Language) -> dict[str, str]:
    """A quick reply; what it sends is plain text that is understood like any other."""
    return {"title": say(title, language), "payload": say(payload, language)}
