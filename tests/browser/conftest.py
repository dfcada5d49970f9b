"""A real Chromium, pages that fail a test when a script or the page's own policy complains, and the ways in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.browser import launch_chromium
from core.clock import Clock, process_clock, utc_now
from tests.bank import Bank

ANSWER_MS = 15_000
PageMaker = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        opened = launch_chromium(play)
        yield opened
        opened.close()


@pytest.fixture(scope="package", autouse=True)
def shift(bank: Bank) -> Iterator[None]:
    """The agent has room for what the tests open, however many are at work. Who opened the workspace here is gone when the next
    tests begin: nobody is given the tickets that those open."""
    boss, agent = bank.staff("supervisor"), bank.get("/v1/auth/me", bank.staff("agent"))["id"]
    # Known to the team from then on.
    bank.call("PUT", "/v1/workforce/presence", {"presence": "away"}, bank.staff("agent"))
    team = bank.get("/v1/workforce/agents", boss)["items"]
    queues = next(one["queues"] for one in team if one["staff_id"] == agent)
    room = bank.call(
        "PUT", f"/v1/workforce/agents/{agent}", {"queues": queues, "most_open": 500}, boss
    )
    assert room.status_code == 200, room.text
    yield
    for role in ("agent", "supervisor", "compliance_officer"):
        bank.call("PUT", "/v1/workforce/presence", {"presence": "offline"}, bank.staff(role))


@pytest.fixture
def new_page(browser: Browser, bank: Bank) -> Iterator[PageMaker]:
    """Pages of people who know nothing of each other."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def complain(text: str) -> None:
        if "Content Security" in text or "Trusted" in text:
            problems.append(text)

    def make(**settings: Any) -> Page:
        context = browser.new_context(**{"base_url": bank.url, "locale": "en-GB", **settings})
        if process_clock() != Clock():
            context.clock.install(time=utc_now())
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(ANSWER_MS)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: complain(message.text))
        return page

    yield make
    for context in contexts:
        context.close()
    close_all(bank)
    assert problems == []


def close_all(bank: Bank) -> None:
    """End every conversation, so that nobody takes up in the next test what another left open."""
    boss = bank.staff("supervisor")
    for view in ("waiting", "team", "assistant"):
        for one in bank.get(f"/v1/conversations/inbox?view={view}", boss)["items"]:
            bank.call("POST", f"/v1/conversations/{one['id']}/close", {}, boss)


@pytest.fixture
def page(new_page: PageMaker) -> Page:
    return new_page()


def sign_in(page: Page, bank: Bank, role: str, language: str = "en", path: str = "") -> None:
    """Through the door of the workspace, in a language, to a part of it."""
    page.add_init_script(f"localStorage.setItem('language', '{language}')")
    page.goto("/workspace")
    login = bank.demo["staff"][role]
    page.locator("input[name=email]").fill(login["email"])
    page.locator("input[name=password]").fill(login["password"])
    page.locator(".door button.wa-brand").click()
    page.locator("header.shell").wait_for()
    if path:
        page.goto(f"/workspace/{path}")


def open_chat(page: Page, language: str = "en", customer: str = "") -> None:
    """The widget on the bank's page, for somebody whom the bank has signed in, or a visitor."""
    page.goto("/")
    if customer:
        page.locator("#customer").select_option(label=customer)
    page.get_by_label("Open the chat").click()
    if language == "zh":
        page.locator("bank-assistant").get_by_role("button", name="中文").click()


def ask(page: Page, text: str) -> None:
    """Write in the widget and send; the answers are waited for by what they say."""
    box = page.locator("bank-assistant .compose > input")
    box.fill(text)
    box.press("Enter")


def answered(page: Page, text: str) -> None:
    """Write in the widget and wait until the assistant has answered it."""
    replies = page.locator("bank-assistant .message.assistant:not(.typing)")
    before = replies.count()
    ask(page, text)
    page.wait_for_function(
        "n => document.querySelector('bank-assistant').shadowRoot.querySelectorAll('.message.assistant:not(.typing)').length > n"
        " && !document.querySelector('bank-assistant').shadowRoot.querySelector('.typing')",
        arg=before,
    )
