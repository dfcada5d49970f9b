"The journeys in a real Chromium over the real service."

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bench.browser import launch_chromium
from tests.bank import Bank

ANSWER_MS = 15_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        opened = launch_chromium(play)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, bank: Bank) -> Iterator[Page]:
    context = browser.new_context(base_url=bank.url, locale="en-GB")
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda message: problems.append(message.text) if "Content Security" in message.text else None)
    yield opened
    context.close()
    assert problems == []


def ask(page: Page, text: str) -> None:
    box = page.locator("bank-assistant input")
    box.fill(text)
    box.press("Enter")


@pytest.mark.parametrize(
    ("language", "question", "source", "ticket", "description", "contact", "yes"),
    [
        ("en", "How long does card delivery take?", "How long card delivery takes", "I want to open a ticket",
         "my statement for May is missing", "anna@example.com", "Yes"),
        ("zh", "寄卡要多久？", "卡片寄送需要多久", "我要提交工单", "手机银行一直闪退", "13800138000", "是"),
    ],
)  # fmt: skip
def test_a_visitor_asks_and_opens_a_ticket_in_the_widget(
    page: Page, language: str, question: str, source: str, ticket: str, description: str, contact: str, yes: str
) -> None:
    page.goto("/")
    page.get_by_label("Open the chat").click()
    if language == "zh":
        page.get_by_role("button", name="中文").click()
    ask(page, question)
    widget = page.locator("bank-assistant")
    widget.locator("summary").first.click(timeout=ANSWER_MS)
    expect(widget.get_by_role("link", name=source).first).to_be_visible()
    for text in (ticket, description, contact):
        answers = widget.locator(".message.assistant:not(.faint)")
        before = answers.count()
        ask(page, text)
        expect(answers).not_to_have_count(before, timeout=ANSWER_MS)
        expect(widget.locator(".faint")).to_have_count(0, timeout=ANSWER_MS)
    widget.get_by_role("button", name=yes, exact=True).click()
    expect(widget.get_by_text("T-1").last).to_be_visible(timeout=ANSWER_MS)
    page.reload()
    page.get_by_label("Open the chat").click()
    expect(widget.get_by_text("T-1").last).to_be_visible(timeout=ANSWER_MS)


@pytest.mark.parametrize(
    ("number", "text", "greeting"),
    [(0, "I want to talk to a person", "Hello, Ada here."), (1, "我要转人工", "您好，我是阿达。")],
)
def test_a_signed_in_customer_reaches_an_agent(
    browser: Browser, page: Page, bank: Bank, number: int, text: str, greeting: str
) -> None:
    person = bank.customer(number)
    page.goto("/")
    page.locator("#customer").select_option(label=person["name"])
    page.get_by_label("Open the chat").click()
    ask(page, text)
    widget = page.locator("bank-assistant")
    expect(widget.get_by_role("status")).to_be_visible(timeout=ANSWER_MS)

    desk = browser.new_context(base_url=bank.url)
    agent = desk.new_page()
    agent.goto("/workspace")
    login = bank.demo["staff"]["agent"]
    agent.get_by_label("Email").fill(login["email"])
    agent.get_by_label("Password").fill(login["password"])
    agent.get_by_role("button", name="Sign in").click()
    agent.get_by_role("button", name="Waiting").first.click(timeout=ANSWER_MS)
    expect(agent.get_by_role("log")).to_contain_text(text)
    expect(agent.get_by_role("complementary", name="Copilot")).to_contain_text(f"C10000{number}", timeout=ANSWER_MS)
    agent.get_by_role("button", name="Claim").click()
    agent.get_by_label("Reply").fill(greeting)
    agent.get_by_role("button", name="Send").click()
    expect(widget.get_by_text(greeting)).to_be_visible(timeout=ANSWER_MS)
    agent.get_by_label("Ask the copilot").fill("Screen the name Viktor Petrenko")
    agent.get_by_role("button", name="Ask").click()
    expect(agent.get_by_role("complementary", name="Copilot")).to_contain_text("matches", timeout=ANSWER_MS)
    agent.get_by_role("button", name="Close").click()
    desk.close()


@pytest.mark.parametrize(
    ("language", "number", "request_", "sure", "asked"),
    [
        ("en", 2, "Change phone or email", "second factor", "phone number"),
        ("zh", 3, "变更电话或邮箱", "二次验证", "电话"),
    ],
)
def test_a_second_factor_goes_on_with_the_conversation(
    page: Page, bank: Bank, language: str, number: int, request_: str, sure: str, asked: str
) -> None:
    page.goto("/")
    widget = page.locator("bank-assistant")
    signed_in = "(element, token) => element.setAttribute('identity-token', token)"
    widget.evaluate(signed_in, bank.identity(number))
    page.get_by_label("Open the chat").click()
    if language == "zh":
        page.get_by_role("button", name="中文").click()
    ask(page, request_)
    expect(widget.locator(".message.assistant").last).to_contain_text(sure, timeout=ANSWER_MS)
    with page.expect_response("**/identity"):
        widget.evaluate(signed_in, bank.identity(number, amr=["pwd", "mfa"]))
    ask(page, request_)
    expect(widget.locator(".message.assistant").last).to_contain_text(asked, timeout=ANSWER_MS)
    expect(widget.get_by_text(sure)).to_be_visible()  # what was said before is still there


@pytest.mark.parametrize(
    ("language", "gaps", "make", "found"),
    [
        ("en", "Unanswered questions", "Make a draft", "Try with the question sets"),
        ("zh", "未答问题", "生成草稿", "用问题集试验"),
    ],
)
def test_a_curator_turns_a_gap_into_an_article_at_the_desk(
    page: Page, bank: Bank, language: str, gaps: str, make: str, found: str
) -> None:
    word = f"gyrocopter{language}"
    question = {"en": f"who repairs a broken {word}", "zh": f"{word}坏了谁会修"}[language]
    asked = {"question": question, "language": language}
    assert not bank.post("/v1/knowledge/answers", asked, bank.demo["api_key"])["answerable"]
    page.goto("/workspace")
    login = bank.demo["staff"]["knowledge_manager"]
    page.get_by_label("Email").fill(login["email"])
    page.get_by_label("Password").fill(login["password"])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Knowledge desk").click()
    if language == "zh":
        page.get_by_role("button", name="中文").click()
    page.get_by_role("button", name=gaps).click()
    card = page.locator("li.card", has_text=question)
    card.get_by_role("textbox").fill(f"{word}-loans")
    card.get_by_role("button", name=make).click()
    expect(page.locator("textarea[name=questions]")).to_have_value(question)
    page.locator("textarea[name=body]").fill(f"Nobody here repairs a {word}.")
    page.locator("form.editor button.primary").click()
    expect(page.get_by_role("status")).to_be_visible()
    page.get_by_role("button", name=found).click()
    expect(page.get_by_role("status").last).to_be_visible(timeout=ANSWER_MS)
    page.locator("button", has_text={"en": "Submit for review", "zh": "提交审核"}[language]).click()
    expect(page.locator("form.editor")).to_contain_text("in review")
    page.locator("button", has_text={"en": "Approve", "zh": "批准"}[language]).first.click()
    expect(page.get_by_role("alert")).to_contain_text("somebody else")


@pytest.mark.parametrize(
    ("language", "take", "send", "taken", "history"),
    [("en", "Take", "Send", "open", "History"), ("zh", "领取", "发送", "处理中", "历史")],
)
def test_an_agent_takes_and_answers_a_ticket_at_the_desk(
    page: Page, bank: Bank, language: str, take: str, send: str, taken: str, history: str
) -> None:
    words = {
        "en": "the hologram peels off <img src=x onerror=document.title='run'>",
        "zh": "全息图脱落<img src=x onerror=document.title='run'>",
    }
    subject = words[language]
    bank.post(
        "/v1/tickets", {"subject": subject, "description": "see above", "queue": "cards"}, bank.staff("agent"), 201
    )
    page.goto("/workspace")
    login = bank.demo["staff"]["agent"]
    page.get_by_label("Email").fill(login["email"])
    page.get_by_label("Password").fill(login["password"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign in")).to_have_count(0)
    page.goto("/workspace/tickets")
    desk = page.locator("ticket-console")
    if language == "zh":
        desk.get_by_role("button", name="中文").click()
    desk.get_by_role("searchbox").fill("hologram" if language == "en" else "全息图")
    desk.get_by_role("searchbox").press("Enter")
    desk.locator("button.entry", has_text=subject[:8]).first.click()
    ticket = desk.locator("article")
    expect(ticket).to_contain_text(subject)
    ticket.get_by_role("button", name=take, exact=True).click()
    expect(ticket).to_contain_text("assignee")
    ticket.get_by_role("textbox").fill("A new card is on its way / 新卡已寄出")
    ticket.get_by_role("button", name=send, exact=True).click()
    expect(ticket.locator("li.card")).to_contain_text("新卡已寄出")
    ticket.get_by_role("button", name=taken).first.click()
    expect(ticket.get_by_role("heading", name=history)).to_be_visible()
    expect(ticket).to_contain_text("new → open")
    labels = {"en": ("Ready answer", "Several changes at once", "Do it"), "zh": ("常用答复", "批量操作", "执行")}[
        language
    ]
    ticket.get_by_label(labels[0]).select_option("reply-looking-into-it")
    expect(ticket.get_by_role("textbox")).to_have_value(re.compile(r"T-\d{6}"))
    ticket.get_by_label(labels[1]).select_option("ask-for-documents")
    expect(ticket.locator("section.card")).to_contain_text("waiting_customer")
    ticket.get_by_role("button", name=labels[2], exact=True).click()
    expect(ticket).to_contain_text("open → waiting_customer")
    assert page.title() != "run"
