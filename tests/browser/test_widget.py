"""The widget in a real Chromium: journeys in both languages, through reloads, without a network, on other people's pages."""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, Route, expect

from core.clock import utc_now
from core.settings import ROOT
from tests.bank import PNG, Bank
from tests.browser.conftest import PageMaker, answered, ask, open_chat, sign_in
from tests.conftest import ELSEWHERE

MAX_KB = 60  # gzipped, all of the widget


@pytest.mark.parametrize(
    ("language", "question", "source", "passage", "ticket", "description", "contact", "yes"),
    [
        (
            "en",
            "How long does card delivery take?",
            "How long card delivery takes",
            "working days",
            "I want to open a ticket",
            "my statement for May is missing",
            "anna@example.com",
            "Yes",
        ),
        (
            "zh",
            "寄卡要多久？",
            "卡片寄送需要多久",
            "工作日",
            "我要提交工单",
            "手机银行一直闪退",
            "13800138000",
            "是",
        ),
    ],
)
def test_a_visitor_reads_a_source_and_opens_a_ticket_by_filling_in_fields(
    page: Page,
    language: str,
    question: str,
    source: str,
    passage: str,
    ticket: str,
    description: str,
    contact: str,
    yes: str,
) -> None:
    open_chat(page, language)
    widget = page.locator("bank-assistant")
    answered(page, question)
    widget.locator("summary", has_text=source).first.click()
    expect(widget.locator("blockquote").first).to_contain_text(passage)
    expect(widget.locator("details.source a").first).to_have_attribute(
        "href", re.compile(f"/help/{language}/card-")
    )
    answered(page, ticket)
    form = widget.locator("form.fields")
    form.locator("textarea").fill(description)
    form.locator("input").fill(contact)
    form.get_by_role("button").click()
    widget.locator(".replies").get_by_role("button", name=yes, exact=True).click()
    card = widget.locator(".card", has_text="T-1").last
    expect(card).to_contain_text(description)
    page.reload()
    page.get_by_label(re.compile("Open the chat|打开聊天")).click()
    expect(widget.locator(".card", has_text="T-1").last).to_contain_text(description)


def shown_name(bank: Bank, number: int) -> str:
    """A customer as the inbox names them: in their own script in a Chinese conversation."""
    found = bank.get(f"/v1/customers/{bank.customer(number)['id']}", bank.staff("agent"))
    return str(found["native_name"] or found["name"])


@pytest.mark.parametrize(
    ("number", "language", "text", "greeting", "reply"),
    [
        (0, "en", "I want to talk to a person", "Hello, Ada here.", "Reply"),
        (1, "zh", "我要转人工", "您好，我是阿达。", "回复"),
    ],
)
def test_a_signed_in_customer_reaches_an_agent_and_sees_who_is_there(
    new_page: PageMaker,
    bank: Bank,
    number: int,
    language: str,
    text: str,
    greeting: str,
    reply: str,
) -> None:
    page, agent = new_page(), new_page()
    open_chat(page, language, bank.customer(number)["name"])
    ask(page, text)
    widget = page.locator("bank-assistant")
    expect(widget.locator(".state")).to_contain_text(re.compile(r"queue|排在第"))
    sign_in(agent, bank, "agent", language)
    agent.locator("a.entry", has_text=shown_name(bank, number)).first.click()
    log = agent.get_by_role("log")
    expect(log).to_contain_text(text)
    expect(agent.locator("aside")).to_contain_text(f"C10000{number}")
    agent.locator(".transcript button.wa-brand").click()
    agent.get_by_role("textbox", name=reply, exact=True).fill(greeting)
    expect(widget.locator(".typing")).to_be_visible()
    agent.get_by_role("textbox", name=reply, exact=True).press("Control+Enter")
    expect(widget.get_by_text(greeting)).to_be_visible()
    expect(widget.locator(".state")).to_contain_text("Wanda")
    widget.locator(".compose > input").press_sequentially("th")
    expect(agent.locator(".writing")).to_contain_text(
        {"en": "is writing", "zh": "正在输入"}[language]
    )
    ask(page, "thank you!")
    expect(log).to_contain_text("thank you!")
    agent.get_by_role("button", name={"en": "Close", "zh": "结束"}[language], exact=True).click()
    expect(widget.locator(".compose > input")).to_be_disabled()
    widget.get_by_role("button", name=re.compile("Rate|评分")).click()
    widget.locator(".stars label").nth(4).click()
    widget.locator(".rating button").click()
    expect(widget.get_by_text(re.compile("Thank you for your rating|感谢您的评分"))).to_be_visible()


@pytest.mark.parametrize(
    ("language", "number", "name", "yes"),
    [("en", 0, "Dispute a card payment", "Yes"), ("zh", 1, "交易争议", "是")],
)
def test_a_request_with_many_fields_is_filled_in_at_once(
    page: Page, bank: Bank, language: str, number: int, name: str, yes: str
) -> None:
    open_chat(page, language, bank.customer(number)["name"])
    answered(page, name)
    widget = page.locator("bank-assistant")
    form = widget.locator("form.fields")
    for select in form.locator("select").all():
        select.select_option(index=1)
    form.locator("input[name=merchant]").fill("Blue Barn Books")
    form.locator("input[name=amount]").fill("24.90")
    form.locator("input[name=when]").fill((utc_now() - timedelta(days=3)).date().isoformat())
    form.get_by_role("button").click()
    widget.locator(".replies").get_by_role("button", name=yes, exact=True).click()
    card = widget.locator(".card", has_text="T-1").last
    expect(card).to_be_visible()
    reference = re.search(r"T-\d+", card.inner_text())
    assert reference
    ticket = bank.get(f"/v1/tickets?q={reference.group()}", bank.staff("agent"))["items"][0]
    assert ticket["service"] == "payment-dispute"
    assert ticket["answers"]["merchant"] == "Blue Barn Books"
    assert "24.90" in str(ticket["answers"]["amount"])


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
        widget.get_by_role("button", name="中文").click()
    answered(page, request_)
    expect(widget.locator(".message.assistant").last).to_contain_text(sure)
    with page.expect_response("**/identity"):
        widget.evaluate(signed_in, bank.identity(number, amr=["pwd", "mfa"]))
    answered(page, request_)
    expect(widget.locator(".message.assistant").last).to_contain_text(asked)
    expect(widget.get_by_text(sure)).to_be_visible()  # what was said before is still there


def test_somebody_who_signs_out_at_the_bank_leaves_nothing_in_the_widget(
    page: Page, bank: Bank
) -> None:
    open_chat(page, "en", bank.customer(4)["name"])
    answered(page, "hello")
    with page.expect_response("**/leave"):
        page.locator("#customer").select_option(value="")
    widget = page.locator("bank-assistant")
    expect(widget.locator(".message.customer")).to_have_count(0)
    answered(page, "What is my balance?")
    expect(widget.locator(".message.assistant").last).not_to_contain_text("EUR")


def test_what_is_written_without_a_network_is_kept_and_sent_once(
    new_page: PageMaker, bank: Bank
) -> None:
    page = new_page()
    open_chat(page)
    answered(page, "hello")
    page.context.set_offline(True)
    ask(page, "How long does card delivery take?")
    widget = page.locator("bank-assistant")
    expect(widget.locator(".message.customer").last).to_contain_text("waiting for the network")
    page.context.set_offline(False)
    expect(widget.locator("details.source").first).to_be_visible(timeout=30_000)
    expect(widget.locator(".message.customer", has_text="card delivery")).to_have_count(1)
    expect(widget.locator(".message.customer").last).not_to_contain_text("waiting")
    said = page.evaluate("JSON.parse(sessionStorage.getItem('bank-assistant-conversation'))")
    items = bank.get(f"/v1/conversations/{said['id']}/messages", said["token"])["items"]
    assert [m["text"] for m in items if m["author"] == "customer"] == [
        "hello",
        "How long does card delivery take?",
    ]


def test_an_answer_that_was_lost_on_the_way_is_not_asked_for_twice(page: Page) -> None:
    open_chat(page)
    answered(page, "hello")
    lost = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())  # the service has it, the browser never hears
            route.abort()
        else:
            route.continue_()

    page.route("**/messages", lose)
    ask(page, "How long does card delivery take?")
    widget = page.locator("bank-assistant")
    expect(widget.locator("details.source").first).to_be_visible(timeout=30_000)
    expect(widget.locator(".message.customer", has_text="card delivery")).to_have_count(1)
    assert lost


@pytest.mark.parametrize(("language", "kept"), [("en", "I've saved"), ("zh", "已保存在本次对话中")])
def test_a_file_is_sent_and_kept(page: Page, language: str, kept: str) -> None:
    open_chat(page, language)
    widget = page.locator("bank-assistant")
    name = "收据 <img src=x onerror=document.title='run'>.png"
    widget.locator("input[type=file]").set_input_files(
        files=[{"name": name, "mimeType": "image/png", "buffer": PNG}]
    )
    expect(widget.get_by_text(kept)).to_be_visible()
    with page.expect_download() as download:
        widget.locator(".message.customer button").click()
    assert download.value.path().read_bytes() == PNG
    widget.locator("input[type=file]").set_input_files(
        files=[
            {
                "name": "run.exe",
                "mimeType": "application/x-msdownload",
                "buffer": b"MZ" + bytes(200),
            }
        ]
    )
    expect(widget.locator(".error")).to_be_visible()
    assert page.title() != "run"


def test_the_transcript_is_saved_and_a_closed_panel_counts_what_was_said(
    new_page: PageMaker, bank: Bank
) -> None:
    page = new_page()
    open_chat(page)
    answered(page, "hello")
    widget = page.locator("bank-assistant")
    widget.locator(".menu summary").click()
    with page.expect_download() as download:
        widget.get_by_role("button", name="Save the transcript").click()
    assert "hello" in download.value.path().read_text(encoding="utf-8")
    said = page.evaluate("JSON.parse(sessionStorage.getItem('bank-assistant-conversation'))")
    widget.locator(".compose > input").press("Escape")
    expect(widget.get_by_label("Open the chat")).to_be_focused()
    bank.post(f"/v1/conversations/{said['id']}/claim", {}, bank.staff("agent"))
    bank.post(
        f"/v1/conversations/{said['id']}/messages", {"text": "Are you there?"}, bank.staff("agent")
    )
    expect(widget.locator(".badge")).to_have_text("1")
    widget.get_by_role("button").click()
    expect(widget.get_by_text("Are you there?")).to_be_visible()


@contextmanager
def another_site(body: str, policy: str) -> Iterator[None]:
    """A page of somebody else's on another origin of this machine, with their policy."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("localhost", int(ELSEWHERE.rsplit(":", 1)[1])), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


def test_it_works_on_another_site_with_a_strict_policy_and_wild_styles(
    page: Page, bank: Bank
) -> None:
    policy = (
        f"default-src 'none'; script-src {bank.url}; style-src 'unsafe-inline'; connect-src {bank.url}; "
        "require-trusted-types-for 'script'"
    )
    body = (
        "<style>* { display: block !important; color: red; font-size: 40px } button { display: none }</style>"
        "<bank-assistant lang='zh' theme='dark' starters='[\"寄卡要多久？\"]'></bank-assistant>"
        f"<script type='module' src='{bank.url}/widget.js'></script>"
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with another_site(body, policy):
        page.goto(f"{ELSEWHERE}/")
        page.get_by_label("打开聊天").click()
        page.locator("bank-assistant").get_by_role("button", name="寄卡要多久？").click()
        expect(page.locator("bank-assistant details.source").first).to_be_visible()
    size = page.locator("bank-assistant h2").evaluate(
        "element => getComputedStyle(element).fontSize"
    )
    assert float(size.removesuffix("px")) < 20  # the page's own styles stay outside
    assert all(url.startswith(bank.url) for url in asked if not url.startswith(ELSEWHERE))
    stranger = bank.http.get("/widget.js", headers={"Origin": "https://stranger.example"})
    assert "access-control-allow-origin" not in stranger.headers


def test_it_is_small() -> None:
    built = ROOT / "web" / "dist" / "widget.js"
    content = built.read_bytes()
    assert b"import" not in re.findall(rb'\bimport\s*["{*]', content), "the widget is one file"
    assert len(gzip.compress(content)) < MAX_KB * 1000


@pytest.mark.parametrize(
    ("language", "word", "found"), [("en", "lost card", "card"), ("zh", "丢卡", "卡")]
)
def test_the_help_centre_is_searched_and_read_without_javascript(
    new_page: PageMaker, language: str, word: str, found: str
) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(f"/help/{language}")
    expect(
        page.get_by_role(
            "heading", name={"en": "Loans and mortgages", "zh": "贷款"}[language], exact=True
        )
    ).to_be_visible()
    page.get_by_role("searchbox").fill(word)
    page.get_by_role("searchbox").press("Enter")
    first = page.locator(".found a").first
    expect(first).to_contain_text(found)
    first.click()
    expect(page.locator("article h1")).to_be_visible()
    page.get_by_role("navigation").get_by_role("link").last.click()
    expect(page.locator("html")).to_have_attribute("lang", {"en": "zh", "zh": "en"}[language])
