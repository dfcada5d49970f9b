"`make screenshots`: the pictures of the README, taken in a real Chromium from the served demonstration bank."

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from bench.browser import launch_chromium
from bench.service import Served, reuse_model, serving
from core.settings import ROOT

IMAGES = ROOT / "docs" / "images"
ANSWER_MS = 20_000
SAID = {"en": "My card still hasn't come, where is it?", "zh": "我的卡还没收到，寄到哪里了？"}
PERSON = {"en": "I want to talk to a person", "zh": "我要转人工"}


def main() -> None:
    "Serve, visit, save."
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reuse_model(folder)
        with serving(folder, {}) as served, sync_playwright() as play:
            browser = launch_chromium(play)
            for language, scheme in (("en", "light"), ("zh", "light"), ("en", "dark")):
                widget(browser, served, language, scheme)
            help_centre(browser, served)
            workspace(browser, served)
            for language in ("en", "zh"):
                tickets(browser, served, language)
            browser.close()


def widget(browser: Browser, served: Served, language: str, scheme: str) -> None:
    "An answer with its sources unfolded."
    page = visit(browser, served, scheme, 460, 720)
    open_chat(page, served, language, "" if language == "en" else served.demo["customers"][1]["name"])
    say(page, SAID[language])
    page.locator("bank-assistant summary").first.click(timeout=ANSWER_MS)
    page.screenshot(path=str(IMAGES / f"widget-{language}{'' if scheme == 'light' else '-dark'}.png"))
    page.context.close()


def help_centre(browser: Browser, served: Served) -> None:
    "The public articles."
    page = visit(browser, served, "light", 900, 720)
    page.goto("/help/zh")
    page.screenshot(path=str(IMAGES / "help-zh.png"))
    page.context.close()


def tickets(browser: Browser, served: Served, language: str) -> None:
    "The tickets of the demonstration, one of them chosen."
    page = visit(browser, served, "light", 1280, 800)
    sign_in(page, served)
    page.goto("/workspace/tickets")
    desk = page.locator("ticket-console")
    if language == "zh":
        desk.get_by_role("button", name="中文").click()
    desk.locator("button.entry").first.click(timeout=ANSWER_MS)
    expect(desk.locator("article h3").first).to_be_visible(timeout=ANSWER_MS)
    page.screenshot(path=str(IMAGES / f"tickets-{language}.png"))
    page.context.close()


def sign_in(page: Page, served: Served) -> None:
    "As the demonstration's agent."
    page.goto("/workspace")
    login = served.demo["staff"]["agent"]
    page.get_by_label("Email").fill(login["email"])
    page.get_by_label("Password").fill(login["password"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign in")).to_have_count(0)


def workspace(browser: Browser, served: Served) -> None:
    "A conversation that was claimed, with the copilot beside it."
    customer = visit(browser, served, "light", 460, 720)
    open_chat(customer, served, "en", served.demo["customers"][0]["name"])
    say(customer, SAID["en"])
    expect(customer.locator("bank-assistant summary")).to_have_count(1, timeout=ANSWER_MS)
    say(customer, PERSON["en"])
    expect(customer.locator("bank-assistant").get_by_role("status")).to_be_visible(timeout=ANSWER_MS)
    say(customer, "It should have been here last Friday.")
    page = visit(browser, served, "light", 1280, 800)
    sign_in(page, served)
    page.get_by_role("button", name="Waiting").first.click(timeout=ANSWER_MS)
    page.get_by_role("button", name="Claim").click()
    page.get_by_label("Reply").fill("Good morning, this is Ada. I am looking at where your card is.")
    copilot = page.get_by_role("complementary", name="Copilot")
    expect(copilot).to_contain_text("C100000", timeout=ANSWER_MS)
    page.get_by_label("Ask the copilot").fill("Screen the name Viktor Petrenko")
    page.get_by_role("button", name="Ask").click()
    expect(copilot).to_contain_text("matches", timeout=ANSWER_MS)
    page.screenshot(path=str(IMAGES / "workspace.png"))
    page.context.close()
    customer.context.close()


def visit(browser: Browser, served: Served, scheme: str, width: int, height: int) -> Page:
    "A page of a new visitor."
    context = browser.new_context(
        base_url=served.url, locale="en-GB", viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
    )  # fmt: skip
    return context.new_page()


def open_chat(page: Page, served: Served, language: str, customer: str) -> None:
    "Open the widget, signed in when a name is given."
    page.goto("/")
    if customer:
        page.locator("#customer").select_option(label=customer)
    page.get_by_label("Open the chat").click()
    if language == "zh":
        page.get_by_role("button", name="中文").click()


def say(page: Page, text: str) -> None:
    "Send a message and wait until nothing is being written."
    box = page.locator("bank-assistant input")
    box.fill(text)
    box.press("Enter")
    expect(page.locator("bank-assistant .faint")).to_have_count(0, timeout=ANSWER_MS)


if __name__ == "__main__":
    main()
