"""`make screenshots`: every page in both languages and both themes, in a real Chromium from the served demonstration bank.

They go to docs/images; docs/pages.md shows them all.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from bench.browser import launch_chromium
from bench.past import tell
from bench.service import Served, reuse_model, serving
from core.embedded import embedded_server
from core.settings import ROOT

IMAGES = ROOT / "docs" / "images"
ANSWER_MS = 20_000
A_DAY = 40  # conversations of a working day in the weeks that the dashboards show
LANGUAGES, SCHEMES = ("en", "zh"), ("light", "dark")
SAID = {"en": "My card still hasn't come, where is it?", "zh": "我的卡还没收到，寄到哪里了？"}
PERSON = {"en": "I want to talk to a person", "zh": "我要转人工"}
WRITTEN = {
    "en": "Good morning, I am looking at where your card is.",
    "zh": "您好，我正在查询您的卡片。",
}
CUSTOMER = {"en": 0, "zh": 1}
# What lies on the desks: the first of each language is opened.
TICKETS = {
    "en": [
        "The machine in Harbour Street kept my card",
        "My new card arrived bent",
        "A fee of 4 euros that I do not understand",
        "Please raise my card's limit for a holiday",
    ],
    "zh": [
        "港口街的取款机吞了我的卡",
        "新寄来的卡是弯的",
        "有一笔 4 欧元的费用看不明白",
        "请为旅行调高我的卡片限额",
    ],
}
LEADS = {
    "en": ["A mortgage for a flat by the river", "Savings for the first child"],
    "zh": ["河畔公寓的房贷", "为孩子开始储蓄"],
}
Shot = tuple[str, str, str]  # name, role, path
PAGES: tuple[Shot, ...] = (
    ("tickets", "agent", "tickets?queue=cards&sort=newest"),
    ("customer", "supervisor", "customers"),
    ("compliance", "compliance_officer", "compliance?view=screening"),
    ("sales", "supervisor", "sales"),
    ("knowledge", "knowledge_manager", "knowledge/card-delivery-estimate"),
    ("insights-live", "supervisor", "insights"),
    ("insights", "supervisor", "insights?view=reports&compare=1&by=week"),
    ("insights-forecast", "supervisor", "insights?view=forecast"),
)


def main() -> None:
    """Serve, visit, save."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reuse_model(folder)
        with serving(folder, {}) as served, sync_playwright() as play:
            with embedded_server(folder / "postgres") as url:
                tell(url, A_DAY)
            fill(served)
            browser = launch_chromium(play)
            for language in LANGUAGES:
                for scheme in SCHEMES:
                    picture(browser, served, language, scheme)
            browser.close()


def fill(served: Served) -> None:
    """Tickets and leads of the demonstration's customers, as an agent writes them down."""
    with httpx.Client(base_url=served.url, timeout=ANSWER_MS / 1000) as http:
        token = (
            http.post("/v1/auth/token", json=served.demo["staff"]["agent"])
            .raise_for_status()
            .json()["access_token"]
        )
        http.headers["Authorization"] = f"Bearer {token}"
        for language in LANGUAGES:
            of_language = [
                one["id"] for one in served.demo["customers"] if one["language"] == language
            ]
            for customer, text in zip(of_language, reversed(TICKETS[language]), strict=False):
                new = {
                    "subject": text,
                    "description": text,
                    "queue": "cards",
                    "language": language,
                    "customer_id": customer,
                }
                http.post("/v1/tickets", json=new).raise_for_status()
            for customer, text in zip(of_language[5:], reversed(LEADS[language]), strict=False):
                http.post(
                    "/v1/leads", json={"customer_id": customer, "subject": text}
                ).raise_for_status()


def picture(browser: Browser, served: Served, language: str, scheme: str) -> None:
    """All pages in one language and theme."""
    widget(browser, served, language, scheme)
    help_centre(browser, served, language, scheme)
    conversation(browser, served, language, scheme)
    arrange: dict[str, Callable[[Page], None]] = {
        "tickets": partial(choose, TICKETS[language][0]),
        "sales": partial(choose, LEADS[language][0]),
        "customer": choose_portrait,
        "compliance": screen_a_name,
    }
    for name, role, path in PAGES:
        page = visit(browser, served, language, scheme, 1280, 860)
        sign_in(page, served, role, path)
        arrange.get(name, wait_still)(page)
        save(page, name, language, scheme)


def widget(browser: Browser, served: Served, language: str, scheme: str) -> None:
    """An answer with its source unfolded."""
    page = visit(browser, served, language, scheme, 460, 760)
    open_chat(page, language)
    say(page, SAID[language])
    page.locator("bank-assistant summary").nth(1).click(timeout=ANSWER_MS)
    save(page, "widget", language, scheme)


def help_centre(browser: Browser, served: Served, language: str, scheme: str) -> None:
    """A search of the public articles."""
    page = visit(browser, served, language, scheme, 900, 720)
    page.goto(f"/help/{language}?q={'lost card' if language == 'en' else '卡丢了'}")
    save(page, "help", language, scheme)


def conversation(browser: Browser, served: Served, language: str, scheme: str) -> None:
    """A conversation that was claimed, with the copilot beside it."""
    customer = visit(browser, served, language, scheme, 460, 760)
    open_chat(customer, language, served.demo["customers"][CUSTOMER[language]]["name"])
    say(customer, SAID[language])
    say(customer, PERSON[language])
    page = visit(browser, served, language, scheme, 1280, 860)
    sign_in(page, served, "agent", "conversations")
    page.locator("a.entry").first.click(timeout=ANSWER_MS)
    page.locator(".transcript button.wa-brand").click(timeout=ANSWER_MS)
    page.locator(".copilot .quote, .copilot wa-details").first.wait_for(timeout=ANSWER_MS)
    page.locator(".reply textarea").fill(WRITTEN[language])
    wait_still(page)
    page.screenshot(path=str(IMAGES / f"conversation-{language}-{scheme}.png"))
    page.locator(".transcript .bar button").nth(
        2
    ).click()  # it is closed, or the next picture would show this one too
    wait_still(page)
    page.context.close()
    customer.context.close()


def choose(text: str, page: Page) -> None:
    """An entry of the list."""
    page.locator("a.entry", has_text=text).first.click(timeout=ANSWER_MS)
    page.get_by_role("article").first.wait_for(timeout=ANSWER_MS)
    wait_still(page)


def choose_portrait(page: Page) -> None:
    """A customer's portrait."""
    page.locator("a.entry").first.click(timeout=ANSWER_MS)
    page.locator("customer-profile wa-tab").nth(1).click(timeout=ANSWER_MS)
    page.locator("customer-profile .figure").first.wait_for(timeout=ANSWER_MS)
    wait_still(page)


def screen_a_name(page: Page) -> None:
    """A name with its matches."""
    field = page.locator("input[name=name]").first
    field.fill("Viktor Petrenko", timeout=ANSWER_MS)
    field.press("Enter")
    page.locator("tbody tr").first.wait_for(timeout=ANSWER_MS)


def wait_still(page: Page) -> None:
    """Until the page has drawn what it read."""
    page.wait_for_load_state("load")
    page.wait_for_timeout(1200)


def sign_in(page: Page, served: Served, role: str, path: str) -> None:
    """As one of the demonstration's employees."""
    page.goto("/workspace")
    login = served.demo["staff"][role]
    page.locator("input[name=email]").fill(login["email"])
    page.locator("input[name=password]").fill(login["password"])
    page.locator(".door button.wa-brand").click()
    page.locator("header.shell").wait_for(timeout=ANSWER_MS)
    page.goto(f"/workspace/{path}")


def visit(
    browser: Browser, served: Served, language: str, scheme: str, width: int, height: int
) -> Page:
    """A page of a new visitor."""
    context = browser.new_context(
        base_url=served.url,
        locale={"en": "en-GB", "zh": "zh-CN"}[language],
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    context.add_init_script(f"localStorage.setItem('language', '{language}')")
    return context.new_page()


def save(page: Page, name: str, language: str, scheme: str) -> None:
    """Keep the picture, and leave the page."""
    page.screenshot(path=str(IMAGES / f"{name}-{language}-{scheme}.png"))
    page.context.close()


def open_chat(page: Page, language: str, customer: str = "") -> None:
    """Open the widget, signed in when a name is given."""
    page.goto("/")
    if customer:
        page.locator("#customer").select_option(label=customer)
    page.locator("bank-assistant .launch").click()
    button = page.locator("bank-assistant header button").first
    if button.inner_text() == {"en": "English", "zh": "中文"}[language]:
        button.click()


def say(page: Page, text: str) -> None:
    """Send a message and wait until it is answered."""
    box = page.locator("bank-assistant .compose > input")
    box.fill(text)
    box.press("Enter")
    page.locator("bank-assistant .message.customer", has_text=text).last.wait_for(timeout=ANSWER_MS)
    page.locator("bank-assistant .typing").wait_for(state="detached", timeout=ANSWER_MS)
    page.wait_for_timeout(500)


if __name__ == "__main__":
    main()
