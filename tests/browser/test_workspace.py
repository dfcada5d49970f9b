"""The staff's workspace in a real Chromium: each role's journeys in both languages."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.bank import Bank, Chat
from tests.browser.conftest import PageMaker, sign_in

BOTH = pytest.mark.parametrize("language", ["en", "zh"])


def queued(bank: Bank, said: str, customer: int | None = None) -> Chat:
    """A conversation that waits, with something said in it."""
    chat = bank.chat("zh" if "\u3400" <= said[0] <= "\u9fff" else "en", customer)
    chat.say(said)
    bank.post(f"/v1/conversations/{chat.id}/handoff", {}, chat.token)
    return chat


def open_conversation(page: Page, chat: Chat) -> Any:
    """The conversation in the workspace."""
    page.goto(f"/workspace/conversations/{chat.id}")
    view = page.locator(f"conversation-view[data-id='{chat.id}']")
    view.locator(".message").first.wait_for()
    return view


def choose_from_menu(place: Any, value: str) -> None:
    """Open the menu that offers this, and choose it."""
    item = place.locator(f"wa-dropdown-item[value='{value}']")
    place.locator("wa-dropdown").filter(has=item.page.locator(f"[value='{value}']")).locator(
        "button"
    ).click()
    item.click()


@pytest.mark.parametrize(
    ("role", "part"),
    [
        ("agent", "conversations"),
        ("supervisor", "insights"),
        ("knowledge_manager", "knowledge"),
        ("compliance_officer", "compliance"),
        ("admin", "insights"),
    ],
)
def test_each_role_lands_where_its_work_is_and_sees_no_more(
    page: Page, bank: Bank, role: str, part: str
) -> None:
    sign_in(page, bank, role)
    expect(page).to_have_url(re.compile(f"/workspace/{part}"))
    page.goto("/workspace/nowhere")
    page.locator("a.brand").click()
    expect(page).to_have_url(re.compile(f"/workspace/{part}"))
    expect(page).to_have_title(re.compile(part, re.IGNORECASE))
    permissions = bank.get("/v1/auth/me", bank.staff(role))["permissions"]
    links = page.locator("header nav a")
    assert links.count() < 8
    shown = {
        link.split("/")[-1] for link in links.evaluate_all("all => all.map((one) => one.pathname)")
    }
    assert ("conversations" in shown) == ("conversations:write" in permissions)
    assert ("sales" in shown) == ("sales:work" in permissions)
    assert ("insights" in shown) == ("analytics:read" in permissions)


@BOTH
def test_an_agent_answers_with_the_copilots_reply_and_it_is_logged(
    page: Page, bank: Bank, language: str
) -> None:
    said = {"en": "How long does card delivery take?", "zh": "寄卡要多久？"}[language]
    chat = queued(bank, said, {"en": 0, "zh": 1}[language])
    sign_in(page, bank, "agent", language)
    view = open_conversation(page, chat)
    copilot = view.locator("aside")
    expect(copilot.locator(".quote").first).to_contain_text(
        {"en": "working days", "zh": "工作日"}[language]
    )
    expect(copilot).to_contain_text({"en": "asks a question", "zh": "咨询问题"}[language])
    view.locator(".transcript button.wa-brand").click()
    copilot.get_by_role("button", name={"en": "Insert", "zh": "插入"}[language]).click()
    reply = view.locator(".reply textarea")
    expect(reply).to_have_value(re.compile("working days|工作日"))
    reply.press("End")
    reply.type(" !")
    with page.expect_request(
        lambda r: r.url.endswith("/uses") and "sent_edited" in (r.post_data or "")
    ):
        reply.press("Control+Enter")
    expect(view.get_by_role("log")).to_contain_text(" !")
    copilot.get_by_role("button", name={"en": "Wrong", "zh": "有误"}[language]).click()
    copilot.locator("input[name=reason]").fill("not for this card")
    with page.expect_response(lambda r: r.url.endswith("/uses")) as noted:
        copilot.locator("input[name=reason]").press("Enter")
    assert noted.value.status == 204
    copilot.locator("input.question").fill("Screen the name Viktor Petrenko")
    copilot.locator("input.question").press("Enter")
    expect(copilot.locator(".answer")).to_contain_text("Petrenko")


@BOTH
def test_a_conversation_is_transferred_with_a_note_and_a_ticket_opened_from_it(
    page: Page, bank: Bank, language: str
) -> None:
    chat = queued(
        bank, {"en": "my statement for May is missing", "zh": "五月的对账单找不到了"}[language], 0
    )
    sign_in(page, bank, "agent", language)
    view = open_conversation(page, chat)
    view.locator(".transcript button.wa-brand").click()
    view.locator("aside").get_by_role(
        "button", name={"en": "Open a ticket", "zh": "提交工单"}[language]
    ).click()
    page.locator("#action button.wa-brand").click()
    expect(view.locator("aside > .notice")).to_contain_text("T-1")
    choose_from_menu(view, "chat-anything-else")
    expect(view.locator(".reply textarea")).to_have_value(re.compile(r"anything else|其他需要"))
    view.locator("wa-details").first.click()
    view.locator("input[name=text]").first.fill("asked twice already")
    view.locator("input[name=text]").first.press("Enter")
    expect(view.locator(".transcript > wa-details")).to_contain_text("asked twice already")
    view.get_by_role("button", name={"en": "Transfer", "zh": "转接"}[language], exact=True).click()
    dialog = page.locator(f"#transfer-{chat.id}")
    dialog.locator("select").select_option("queue:accounts")
    dialog.locator("textarea").fill("needs the archive")
    # The queue may have been this one before, so what the heading says does not tell that it is done.
    with page.expect_response(lambda r: r.url.endswith("/transfer")) as transferred:
        dialog.locator("button.wa-brand").click()
    assert transferred.value.ok
    expect(view.locator(".transcript header")).to_contain_text(
        {"en": "accounts", "zh": "账户"}[language]
    )
    assert bank.get(f"/v1/conversations/{chat.id}", bank.staff("agent"))["state"] == "queued"


@BOTH
def test_of_two_agents_who_claim_at_once_one_has_it_and_the_other_is_told(
    new_page: PageMaker, bank: Bank, language: str
) -> None:
    chat = queued(bank, {"en": "who takes me?", "zh": "谁来接待我？"}[language])
    pages = [new_page(), new_page()]
    views = []
    for page, role in zip(pages, ("agent", "supervisor"), strict=True):
        sign_in(page, bank, role, language)
        views.append(open_conversation(page, chat))
        page.route("**/claim", lambda route: route.continue_())
    for view in views:
        view.locator(".transcript button.wa-brand").evaluate(
            "button => setTimeout(() => button.click(), 50)"
        )
    told = [view.locator(".reply textarea, wa-callout[role=alert]").first for view in views]
    for place in told:
        expect(place).to_be_visible()
    assert sum(view.locator(".reply textarea").count() for view in views) == 1
    owner = bank.get(f"/v1/conversations/{chat.id}", bank.staff("agent"))
    assert owner["state"] == "agent"


def test_a_warning_is_acknowledged_before_anything_is_sent(page: Page, bank: Bank) -> None:
    chat = bank.chat("en", 0)
    chat.say("someone told me to move my money to a safe account")
    sign_in(page, bank, "agent")
    view = open_conversation(page, chat)
    view.locator(".transcript button.wa-brand").click()
    view.locator(".reply textarea").fill("Please hang up.")
    expect(view.locator("wa-callout[variant=danger]")).to_be_visible()
    view.locator(".reply textarea").press("Control+Enter")
    expect(view.locator("wa-callout[role=alert]")).to_contain_text("scam")
    expect(view.locator(".reply textarea")).to_have_value("Please hang up.")  # nothing is lost
    view.get_by_role("button", name="I have read this").click()
    expect(view.locator("wa-callout[variant=danger]:not([role])")).to_have_count(0)
    view.locator(".reply textarea").press("Control+Enter")
    expect(view.get_by_role("log")).to_contain_text("Please hang up.")


def test_several_conversations_are_open_at_once_each_with_its_draft_through_a_reload(
    page: Page, bank: Bank
) -> None:
    chats = [queued(bank, said) for said in ("first of many", "second of many")]
    sign_in(page, bank, "agent")
    for number, chat in enumerate(chats):
        view = open_conversation(page, chat)
        view.locator(".transcript button.wa-brand").click()
        view.locator(".reply textarea").fill(f"draft {number}")
    page.reload()
    page.locator(".tabs").wait_for()
    for number, chat in enumerate(chats):
        page.keyboard.press(f"Alt+Digit{number + 1}")
        view = page.locator(f"conversation-view[data-id='{chat.id}']")
        expect(view.locator(".reply textarea")).to_have_value(f"draft {number}")
        expect(view).to_be_visible()
    expect(page.locator(f"conversation-view[data-id='{chats[0].id}']")).to_be_hidden()
    chats[0].say("are you still there?")
    expect(page.locator(".tabs .unread")).to_have_count(1)


def test_an_agent_needs_no_mouse(page: Page, bank: Bank) -> None:
    chat = queued(bank, "no mouse needed, how long does card delivery take?")
    sign_in(page, bank, "agent")
    page.locator("conversations-page .views").wait_for()
    bank.post(
        f"/v1/conversations/{chat.id}/transfer", {"queue": "wealth"}, bank.staff("supervisor")
    )
    page.goto("/workspace/conversations?queue=wealth")
    page.locator("a.entry").first.wait_for()
    page.keyboard.press("Alt+n")
    view = page.locator(f"conversation-view[data-id='{chat.id}']")
    view.locator(".reply textarea").wait_for()
    view.locator(".quote").first.wait_for()
    page.keyboard.press("Alt+i")
    expect(view.locator(".reply textarea")).to_be_focused()
    expect(view.locator(".reply textarea")).not_to_have_value("")
    page.keyboard.press("Control+Enter")
    expect(view.locator(".message.agent")).to_have_count(1)
    page.keyboard.press("Alt+q")
    page.keyboard.type("draft a reply about how to change the PIN")
    page.keyboard.press("Enter")
    expect(view.locator(".answer")).to_be_visible()
    page.keyboard.press("Alt+k")
    expect(page.locator("#keys")).to_contain_text("take the next one")
    page.keyboard.press("Escape")
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement?.textContent?.trim().slice(0, 40)"))
    assert {"Transfer", "Give back to the assistant", "Close"} <= reached


@pytest.mark.parametrize(
    ("language", "take", "send", "history", "run"),
    [("en", "Take", "Send", "History", "Do it"), ("zh", "领取", "发送", "历史", "执行")],
)
def test_an_agent_takes_and_answers_a_ticket(
    page: Page, bank: Bank, language: str, take: str, send: str, history: str, run: str
) -> None:
    subject = {"en": "the hologram peels off", "zh": "全息图脱落"}[language]
    new = {"subject": subject, "description": "see above", "queue": "cards"}
    page.add_init_script(
        "localStorage.setItem('presence', 'away')"
    )  # or the ticket would be given to the agent at once
    bank.call("PUT", "/v1/workforce/presence", {"presence": "away"}, bank.staff("agent"))
    bank.call("PUT", "/v1/workforce/presence", {"presence": "away"}, bank.staff("supervisor"))
    made = bank.post("/v1/tickets", new, bank.staff("agent"), 201)
    sign_in(page, bank, "agent", language, "tickets")
    page.get_by_role("searchbox").fill("hologram" if language == "en" else "全息图")
    page.get_by_role("searchbox").press("Enter")
    page.locator("a.entry", has_text=subject).first.click()
    ticket = page.locator("ticket-detail")
    expect(ticket).to_contain_text(subject)
    taking = ticket.get_by_role("button", name=take, exact=True)
    taking.click()
    # What routes and relates a new ticket may change it between reading and taking: then the page asks to try again.
    with suppress(AssertionError):
        expect(taking).to_be_disabled()
    if taking.is_enabled():
        taking.click()
    expect(taking).to_be_disabled()
    choose_from_menu(ticket, "reply-looking-into-it")
    expect(ticket.locator("textarea")).to_have_value(re.compile(r"T-\d{6}"))
    ticket.locator("textarea").fill("A new card is on its way / 新卡已寄出")
    ticket.get_by_role("button", name=send, exact=True).click()
    expect(ticket.locator("li.card")).to_contain_text("新卡已寄出")
    ticket.get_by_role("button", name={"en": "→ open", "zh": "→ 处理中"}[language]).click()
    choose_from_menu(ticket, "ask-for-documents")
    ticket.get_by_role("button", name=run, exact=True).click()
    expect(ticket.locator("section.card")).to_have_count(0)
    assert bank.get(f"/v1/tickets/{made['id']}", bank.staff("agent"))["state"] == "waiting_customer"
    expect(ticket.get_by_text(re.compile(history)).first).to_be_visible()
    page.get_by_role("button", name={"en": "Board", "zh": "看板"}[language]).click()
    expect(page).to_have_url(re.compile("view=board"))


@BOTH
def test_a_customer_is_found_masked_shown_with_a_reason_and_advised(
    page: Page, bank: Bank, language: str
) -> None:
    sign_in(page, bank, "supervisor", language, "customers")
    page.get_by_role("searchbox").fill("C100002")
    page.get_by_role("searchbox").press("Enter")
    page.locator("a.entry", has_text="C100002").first.click()
    profile = page.locator("customer-profile")
    expect(profile).to_contain_text("***")
    profile.locator("input[name=reason]").fill("customer calls about the address")
    profile.locator("input[name=reason]").press("Enter")
    expect(profile).to_contain_text("@example.com")
    profile.get_by_role("tab").nth(1).click()
    expect(profile.locator(".figure").first).to_be_visible()
    profile.get_by_role("button", name={"en": "Show", "zh": "查看"}[language], exact=True).click()
    expect(profile.get_by_text(re.compile("do not fit|不适合"))).to_be_visible()
    profile.get_by_role("tab").nth(3).click()
    expect(profile.locator("tbody tr").nth(3)).to_be_visible()
    profile.get_by_role("tab").nth(4).click()
    before = profile.get_by_role("checkbox").first.is_checked()
    profile.get_by_role("checkbox").first.click()
    expect(profile.locator("ol li").first).to_contain_text(
        {"en": ("given", "not given"), "zh": ("已授权", "未授权")}[language][before]
    )


@BOTH
def test_a_customer_is_forgotten_on_request(page: Page, bank: Bank, language: str) -> None:
    number = {"en": "C100113", "zh": "C100115"}[language]
    found = bank.get(f"/v1/customers?q={number}", bank.staff("agent"))["items"][0]
    chat = bank.chat(language, found["id"])
    chat.say({"en": "How long does card delivery take?", "zh": "寄卡要多久？"}[language])
    bank.post(f"/v1/conversations/{chat.id}/close", {}, bank.staff("supervisor"))
    sign_in(page, bank, "supervisor", language, f"customers/{found['id']}")
    profile = page.locator("customer-profile")
    profile.get_by_role("tab").nth(4).click()
    profile.locator("wa-details").last.click()
    profile.locator("wa-details input[name=reason]").fill("by letter of 2 June")
    profile.locator("wa-details input[type=checkbox]").check()
    profile.locator("button.wa-danger").click()
    expect(profile.get_by_role("status").last).to_contain_text(
        {"en": "conversations: 1", "zh": "对话 1 个"}[language]
    )
    left = bank.get(f"/v1/conversations/{chat.id}/messages", bank.staff("supervisor"))["items"]
    assert {message["text"] for message in left} == {"[erased]"}


@BOTH
def test_an_officer_screens_a_name_and_reads_why_it_matches(
    page: Page, bank: Bank, language: str
) -> None:
    sign_in(page, bank, "compliance_officer", language, "compliance?view=screening")
    page.locator("input[name=name]").first.fill("Viktor Petrenko")
    page.locator("input[name=name]").first.press("Enter")
    expect(page.locator("tbody tr").first).to_contain_text("%")
    expect(page.locator("tbody li").first).to_be_visible()
    page.goto("/workspace/compliance?view=alerts")
    expect(page.locator("tbody")).to_contain_text(
        {"en": "loan · over-indebted", "zh": "贷款 · 负债过高"}[language]
    )
    page.goto("/workspace/compliance?view=audit")
    expect(page.locator("tbody tr").first).to_be_visible()


@BOTH
def test_a_lead_is_moved_on_and_a_campaign_says_where_it_stands(
    page: Page, bank: Bank, language: str
) -> None:
    subject = {"en": "Mortgage for a barn", "zh": "谷仓贷款"}[language]
    bank.post(
        "/v1/leads",
        {"customer_id": bank.customer(20)["id"], "subject": subject},
        bank.staff("agent"),
        201,
    )
    sign_in(page, bank, "supervisor", language, "sales")
    page.locator("a.entry", has_text=subject).first.click()
    lead = page.get_by_role("article")
    lead.get_by_role("button", name={"en": "→ contacted", "zh": "→ 已联系"}[language]).click()
    expect(lead.locator("p").first).to_contain_text({"en": "contacted", "zh": "已联系"}[language])
    page.goto("/workspace/sales?view=campaigns")
    expect(page.locator(".card").first).to_contain_text(
        {"en": "Nobody has been chosen yet", "zh": "尚未分配客户"}[language]
    )


@pytest.mark.parametrize(
    ("language", "gaps", "make", "found"),
    [
        ("en", "Unanswered questions", "Make a draft", "Try with the question sets"),
        ("zh", "未答问题", "生成草稿", "用问题集试验"),
    ],
)
def test_a_curator_turns_a_gap_into_an_article_and_sees_where_it_would_be_found(
    page: Page, bank: Bank, language: str, gaps: str, make: str, found: str
) -> None:
    word = f"gyrocopter{language}"
    question = {"en": f"who repairs a broken {word}", "zh": f"{word}坏了谁会修"}[language]
    asked = {"question": question, "language": language}
    assert not bank.post("/v1/knowledge/answers", asked, bank.demo["api_key"])["answerable"]
    sign_in(page, bank, "knowledge_manager", language)
    page.get_by_role("link", name=gaps).click()
    card = page.locator("li.gap", has_text=question)
    card.get_by_role("textbox").fill(f"{word}-loans")
    card.get_by_role("button", name=make).click()
    editor = page.locator("article-editor").nth({"en": 0, "zh": 1}[language])
    expect(editor.locator("textarea[name=questions]")).to_have_value(question)
    editor.locator("textarea[name=body]").fill(
        f"**Nobody** here repairs a {word}. <img src=x onerror=document.title='run'>"
    )
    expect(editor.locator(".article strong")).to_have_text("Nobody")
    editor.locator("button.wa-brand").click()
    expect(editor.locator(".notice")).to_be_visible()
    editor.get_by_label({"en": "Try a question", "zh": "试问"}[language]).fill(question)
    expect(editor.get_by_text(re.compile("rank 1|第 1 位"))).to_be_visible()
    editor.get_by_role("button", name=found).click()
    expect(editor.locator(".trial")).to_be_visible()
    editor.get_by_role(
        "button", name={"en": "Submit for review", "zh": "提交审核"}[language]
    ).click()
    expect(editor.locator("h2")).to_contain_text({"en": "in review", "zh": "审核中"}[language])
    editor.get_by_role("button", name={"en": "Approve", "zh": "批准"}[language], exact=True).click()
    expect(editor.get_by_role("alert")).to_contain_text(
        {"en": "somebody else", "zh": "他人批准"}[language]
    )
    assert page.title() != "run"


def test_a_session_that_ends_asks_for_the_password_and_keeps_what_was_written(
    page: Page, bank: Bank
) -> None:
    chat = queued(bank, "please do not lose my agent's words")
    sign_in(page, bank, "agent")
    view = open_conversation(page, chat)
    view.locator(".transcript button.wa-brand").click()
    view.locator(".reply textarea").fill("a long and careful answer")
    page.context.clear_cookies()
    view.locator(".reply textarea").press("Control+Enter")
    door = page.locator("#door")
    login = bank.demo["staff"]["agent"]
    door.locator("input[name=email]").fill(login["email"])
    door.locator("input[name=password]").fill(login["password"])
    door.locator("button.wa-brand").click()
    page.wait_for_function(
        "() => !document.querySelector('#door').shadowRoot.querySelector('dialog').open"
    )
    expect(view.locator(".reply textarea")).to_have_value("a long and careful answer")
    view.locator(".reply textarea").press("Control+Enter")
    expect(view.locator(".message.agent")).to_contain_text("a long and careful answer")
