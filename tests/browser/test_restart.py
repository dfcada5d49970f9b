"""The widget while the service is killed and comes back."""

from __future__ import annotations

import signal
from pathlib import Path

from playwright.sync_api import Browser, expect

from bench.service import reuse_model, start
from tests.browser.conftest import ask, open_chat

BACK_MS = 120_000  # until the service has come up again and answers


def test_what_is_written_while_the_service_is_down_is_answered_once_when_it_is_back(
    browser: Browser, tmp_path: Path
) -> None:
    folder = tmp_path / "bank"
    folder.mkdir()
    reuse_model(folder)
    first = start(folder, {})
    try:
        first.wait_until(first.ready)
        page = browser.new_context(base_url=first.url).new_page()
        open_chat(page)
        widget = page.locator("bank-assistant")
        ask(page, "hello")
        expect(widget.locator(".message.assistant")).to_have_count(2)
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
        ask(page, "How long does card delivery take?")
        expect(widget.locator(".state")).to_contain_text("No connection")
        second = start(folder, {}, port=first.port)
        try:
            expect(widget.locator("details.source").first).to_be_visible(timeout=BACK_MS)
            expect(widget.locator(".message.customer", has_text="card delivery")).to_have_count(1)
            expect(widget.locator(".message.customer", has_text="hello")).to_have_count(1)
            expect(widget.locator(".state")).to_have_count(0)
        finally:
            second.stop()
        page.context.close()
    finally:
        first.stop()
