"""What holds for every page: nobody is shut out, nothing that somebody wrote runs, nothing is lost on a small screen, and it is quick."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect

from core.database import libpq_url
from core.embedded import embedded_server
from core.settings import ROOT
from tests.bank import Bank
from tests.browser.conftest import PageMaker, answered, open_chat, sign_in

AXE = (ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PAGES: dict[str, list[str]] = {
    "agent": [
        "conversations",
        "tickets",
        "tickets?view=board",
        "customers?q=C1000",
        "compliance?view=screening",
        "sales",
    ],
    "supervisor": [
        "insights",
        "insights?view=reports&compare=1",
        "insights?view=forecast",
        "insights?view=campaigns",
        "insights?view=saved",
        "customers?list=high_value",
        "sales?view=campaigns",
        "sales?view=segments",
        "sales?view=reminders",
    ],
    "knowledge_manager": [
        "knowledge",
        "knowledge/card-delivery-estimate",
        "knowledge?view=gaps",
        "knowledge?view=sets",
        "knowledge?view=imports",
        "knowledge?view=votes",
        "knowledge?view=unused",
    ],
    "compliance_officer": [
        "compliance",
        "compliance?view=cases",
        "compliance?view=lists",
        "compliance?view=audit",
    ],
}
RECORDS = [
    "compliance?view=audit",
    "compliance?view=lists",
]  # shown as they are kept, with the names of actions and formats
OPENED = {"supervisor": ["customers?q=C100060", "tickets"]}  # with the first of what they list
# Texts of two English words, or of nothing but small letters, in what is not marked as English.
ENGLISH = """() => {
  const found = new Set(), own = "[lang=en], [translate=no], script, style, noscript, textarea";
  const walk = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.shadowRoot) walk(node.shadowRoot);
      const text = node.nodeType === Node.TEXT_NODE ? node.textContent.trim() : "";
      if ((/[a-z]{3,} [a-z]{3,}/.test(text) || /^[a-z]{3,}$/.test(text)) && !node.parentElement?.closest(own)) found.add(text.slice(0, 80));
    }
  };
  walk(document.body);
  return [...found];
}"""
LOOKS = [("en", "light"), ("zh", "dark")]
SMALL = {"width": 360, "height": 740}
ZOOMED = {"width": 640, "height": 400}  # what a window of 1280 by 800 has left at 200 %
BUDGET_MS = 1_500  # from the address to the inbox, everything in the browser's cache; the best of three on a machine that does more
BUDGET_KB = 200  # gzipped, scripts and styles of the landing page of an agent
NAMED = (
    "C100101"  # one of those that the demonstration does not list, so no other test speaks for them
)
WRITTEN = [
    "<img src=x onerror=window.ran=1>",
    '"><script>window.ran=1</script>',
    "<svg/onload=window.ran=1>",
    "javascript:window.ran=1//",
    "[click](javascript:window.ran=1)",
    "{{constructor.constructor('window.ran=1')()}}",
    "${window.ran=1}",
    "</textarea><iframe srcdoc='<script>top.ran=1</script>'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=window.ran=1>",
    "'-window.ran=1-'",
]


def violations(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA: the rule and the element."""
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, { runOnly: rules })", RULES)
    return [f"{v['id']}: {node['html'][:160]}" for v in found["violations"] for node in v["nodes"]]


def settle(page: Page) -> None:
    """Until nothing is being read any more."""
    page.locator("#content > *").first.wait_for()
    expect(page.get_by_text("Loading…")).to_have_count(0)
    page.wait_for_timeout(250)


def wide(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    return int(
        page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
    )


@pytest.mark.parametrize("role", PAGES)
def test_every_page_of_a_role_is_accessible_and_fits_a_phone_and_a_zoomed_window(
    new_page: PageMaker, bank: Bank, role: str
) -> None:
    wrong: list[str] = []
    for (language, scheme), size in zip(LOOKS, (SMALL, ZOOMED), strict=True):
        page = new_page(color_scheme=scheme, viewport=size)
        sign_in(page, bank, role, language)
        for path in PAGES[role]:
            page.goto(f"/workspace/{path}")
            settle(page)
            wrong += [f"{path} {language} {scheme}: {violation}" for violation in violations(page)]
            if too_wide := wide(page):
                wrong.append(f"{path} at {size['width']} px is {too_wide} px too wide")
    assert wrong == []


@pytest.mark.parametrize(("language", "scheme"), LOOKS)
def test_the_widget_and_the_public_pages_are_accessible(
    new_page: PageMaker, language: str, scheme: str
) -> None:
    page = new_page(color_scheme=scheme, viewport=SMALL)
    wrong = []
    for path in (
        "/",
        f"/help/{language}",
        f"/help/{language}/card-delivery-estimate",
        f"/help/{language}?q=card",
    ):
        page.goto(path)
        wrong += [f"{path}: {violation}" for violation in violations(page)]
        assert wide(page) == 0
    open_chat(page, language)
    answered(page, {"en": "How long does card delivery take?", "zh": "寄卡要多久？"}[language])
    page.locator("bank-assistant details.source summary").first.click()
    answered(page, {"en": "I want to open a ticket", "zh": "我要提交工单"}[language])
    page.locator("bank-assistant form.fields").wait_for()
    box = page.locator("bank-assistant .panel").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (
        SMALL["width"],
        SMALL["height"],
    )  # the whole of a phone
    assert wrong + violations(page) == []


def test_a_chinese_page_says_nothing_in_english(new_page: PageMaker, bank: Bank) -> None:
    left: list[str] = []
    for role, paths in PAGES.items():
        page = new_page()
        sign_in(page, bank, role, "zh")
        for path in [*paths, *OPENED.get(role, [])]:
            if path in RECORDS:
                continue
            page.goto(f"/workspace/{path}")
            settle(page)
            if path in OPENED.get(role, []):
                page.locator("a.entry").first.click()
                page.locator("article").first.wait_for()
                for tab in page.get_by_role("tab").all():
                    tab.click()
                    settle(page)
                    left += [f"{path}: {text}" for text in page.evaluate(ENGLISH)]
            left += [f"{path}: {text}" for text in page.evaluate(ENGLISH)]
    assert left == []


def test_a_conversation_with_its_copilot_is_accessible(new_page: PageMaker, bank: Bank) -> None:
    chat = bank.chat("en", 0)
    chat.say("someone told me to move my money to a safe account")
    chat.say("How long does card delivery take?")
    for language, scheme in LOOKS:
        page = new_page(color_scheme=scheme)
        sign_in(page, bank, "agent", language, f"conversations/{chat.id}")
        page.locator("copilot-panel .quote, copilot-panel wa-details").first.wait_for()
        assert violations(page) == []


def test_the_widget_is_used_by_keyboard_alone(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Open the chat").wait_for()
    for _ in range(8):
        page.keyboard.press("Tab")
    page.get_by_label("Open the chat").focus()
    page.keyboard.press("Enter")
    widget = page.locator("bank-assistant")
    expect(widget.locator(".compose > input")).to_be_focused()
    page.keyboard.type("How long does card delivery take?")
    page.keyboard.press("Enter")
    summary = widget.locator("details.source summary").first
    summary.wait_for()
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        if summary.evaluate("element => element.getRootNode().activeElement === element"):
            break
    page.keyboard.press("Enter")
    expect(widget.locator("blockquote").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(widget.get_by_label("Open the chat")).to_be_focused()


def test_nothing_that_somebody_wrote_runs_anywhere(new_page: PageMaker, bank: Bank) -> None:
    agent, curator, boss = (
        bank.staff("agent"),
        bank.staff("knowledge_manager"),
        bank.staff("supervisor"),
    )
    customer = bank.get(f"/v1/customers?q={NAMED}", agent)["items"][0]["id"]
    chat = bank.chat("en", customer)
    for text in WRITTEN:
        chat.say(text)
        new = {
            "subject": text[:190],
            "description": text,
            "queue": "digital",
            "customer_id": customer,
            "tags": [],
        }
        bank.post("/v1/tickets", new, agent, 201)
        bank.post("/v1/leads", {"customer_id": customer, "subject": text}, agent, 201)
        bank.post("/v1/analytics/saved", {"name": text, "report": "answers"}, boss, 201)
        bank.post(
            "/v1/knowledge/answers", {"question": text, "language": "en"}, bank.demo["api_key"]
        )
    bank.post(f"/v1/conversations/{chat.id}/handoff", {}, chat.token)
    bank.post(f"/v1/conversations/{chat.id}/claim", {}, agent)
    bank.post(f"/v1/conversations/{chat.id}/notes", {"text": "\n".join(WRITTEN)}, agent, 201)
    article = {
        "slug": "what-was-written",
        "language": "en",
        "title": WRITTEN[0],
        "body": "\n\n".join(WRITTEN),
        "questions": WRITTEN[:3],
    }
    made = bank.post("/v1/knowledge/articles", article, curator, 201)
    for step, who in (("submit", curator), ("approve", boss), ("publish", boss)):
        bank.post(f"/v1/knowledge/articles/{made['id']}/{step}", {}, who)
    with called(bank, customer, WRITTEN[1]):
        look_everywhere(new_page(), bank, chat.id, customer)


@contextmanager
def called(bank: Bank, customer: str, name: str) -> Iterator[None]:
    """A customer whom some source system calls so."""
    with (
        embedded_server(bank.folder / "postgres") as url,
        psycopg.connect(libpq_url(url), autocommit=True) as connection,
    ):
        row = connection.execute(
            "select name, native_name from customers where id = %s", (customer,)
        ).fetchone()
        assert row
        change = "update customers set name = %s, native_name = %s where id = %s"
        connection.execute(change, (name, name, customer))
        yield
        connection.execute(change, (*row, customer))


def look_everywhere(page: Page, bank: Bank, conversation: str, customer: str) -> None:
    """Open every page that shows what was written; nothing of it has run."""
    agent, boss = bank.staff("agent"), bank.staff("supervisor")
    ran: list[str] = []
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))

    def look(path: str) -> None:
        page.goto(path)
        page.wait_for_timeout(500)
        if page.evaluate("() => window.ran"):
            ran.append(path)

    for path in (
        "/help/en",
        "/help/en/what-was-written",
        "/help/en?q=%3Cimg%20src%3Dx%20onerror%3Dwindow.ran%3D1%3E",
    ):
        look(path)
    sign_in(page, bank, "supervisor")
    ticket = bank.get("/v1/tickets?queue=digital&limit=1", agent)["items"][0]["id"]
    lead = bank.get("/v1/leads?limit=1", boss)["items"][0]["id"]
    for path in (
        f"conversations/{conversation}",
        "conversations?view=team",
        "tickets?queue=digital",
        f"tickets/{ticket}",
        f"customers/{customer}",
        "sales",
        f"sales/{lead}",
        "insights?view=saved",
        "insights?view=reports&report=answers&by=article",
        "knowledge?view=gaps",
        "knowledge/what-was-written",
        "tickets?q=%22%3E%3Cscript%3Ewindow.ran%3D1%3C/script%3E",
    ):
        look(f"/workspace/{path}")
    link = page.locator("article-editor .article a")
    assert all(
        "javascript" not in (href or "")
        for href in link.evaluate_all("all => all.map((a) => a.getAttribute('href'))")
    )
    assert ran == []


def test_the_pages_policy_lets_in_no_inline_script_and_no_foreign_frame(bank: Bank) -> None:
    for path in ("/", "/workspace", "/help/en", "/widget.js"):
        policy = bank.http.get(path).headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "require-trusted-types-for 'script'" in policy
        assert "frame-ancestors 'self'" in policy


def test_two_hundred_conversations_are_shown_and_one_that_changes_redraws_itself_alone(
    new_page: PageMaker, bank: Bank
) -> None:
    chats = [bank.chat() for _ in range(200)]
    for chat in chats:
        bank.post(f"/v1/conversations/{chat.id}/handoff", {}, chat.token)
    page = new_page()
    sign_in(page, bank, "agent")
    entries = page.locator("a.entry")
    expect(entries.nth(199)).to_be_attached()
    page.evaluate(
        """() => { window.added = 0; window.kept = document.querySelector('.entries li');
        const items = (one) => [...one.addedNodes].filter((node) => node.nodeName === 'LI').length;
        new MutationObserver((all) => { for (const one of all) window.added += items(one); })
          .observe(document.querySelector('.entries'), { childList: true, subtree: true }); }"""
    )
    chats[120].say("I am still waiting")
    expect(page.get_by_text("I am still waiting")).to_be_attached()
    assert page.evaluate("() => window.added") <= 1
    assert page.evaluate("() => window.kept.isConnected")


def test_the_workspace_is_there_within_its_budget(new_page: PageMaker, bank: Bank) -> None:
    page = new_page()
    sign_in(page, bank, "agent")
    page.locator("conversations-page .views").wait_for()
    times = []
    for _ in range(3):
        page.goto("/workspace/conversations")
        page.locator("conversations-page .views").wait_for()
        times.append(page.evaluate("() => performance.now()"))
    assert min(times) < BUDGET_MS, times
    names = page.evaluate(
        "() => performance.getEntriesByType('resource').map((one) => new URL(one.name).pathname)"
    )
    built = [
        ROOT / "web" / "dist" / name.lstrip("/")
        for name in set(names)
        if name.endswith((".js", ".css"))
    ]
    assert sum(len(gzip.compress(file.read_bytes())) for file in built) < BUDGET_KB * 1000
