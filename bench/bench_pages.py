"""`make bench-pages`: what the pages weigh, how soon they are there, and how soon the copilot and the dashboards answer.

The service runs on this machine beside the browser, on the same processors; times are of whole requests over HTTP.
Parts, each alone by `python -m bench.bench_pages PART`: `weight`, `desk`, `figures`.
"""

from __future__ import annotations

import gzip
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from playwright.sync_api import Page, sync_playwright
from rich.console import Console

from bench.browser import launch_chromium
from bench.past import tell
from bench.report import table, write_section
from bench.service import Served, reuse_model, serving
from core.embedded import embedded_server
from core.settings import ROOT

BUILT = ROOT / "web" / "dist"
UNLIMITED = {
    "MESSAGES_PER_MINUTE": "1000000",
    "CONVERSATIONS_PER_MINUTE": "1000000",
    "STAFF_REQUESTS_PER_MINUTE": "1000000",
}
INBOX, LOADS, ASKED, COUNTED = 200, 10, 60, 20
A_DAY = 2_500  # some hundred thousand conversations in nine weeks
SCROLLS = 60
QUESTIONS = (
    "How long does card delivery take?",
    "I was charged twice",
    "寄卡要多久？",
    "my statement is missing",
    "转账限额是多少？",
)
console = Console()


def weight() -> str:
    """Gzipped sizes of what is loaded."""
    size = {file.name: len(gzip.compress(file.read_bytes())) / 1000 for file in BUILT.rglob("*.js")}
    style = len(gzip.compress((BUILT / "workspace.css").read_bytes())) / 1000
    parts = sum(
        kb
        for name, kb in size.items()
        if name not in ("widget.js", "workspace.js", "demonstration.js")
    )
    rows = [
        ["the widget, all of it", f"{size['widget.js']:.1f}", "goal 60"],
        [
            "the workspace's shell, with its library and styles",
            f"{size['workspace.js'] + style:.1f}",
            "",
        ],
        ["all its parts together, each loaded when it is opened", f"{parts:.1f}", ""],
    ]
    return table(["What", "kB gzipped", "beside"], rows)


def desk(served: Served) -> str:
    """The workspace with two hundred conversations waiting, and suggestions for conversations."""
    token = signed_in(served, "agent")
    for number in range(INBOX):
        open_conversation(served, QUESTIONS[number % len(QUESTIONS)], handoff=True)
    with sync_playwright() as play:
        browser = launch_chromium(play)
        page = browser.new_context(base_url=served.url).new_page()
        enter(page, served)
        loads = [load(page) for _ in range(LOADS)]
        frames = scrolled(page)
        browser.close()
    asked = []
    for number in range(ASKED):
        conversation = open_conversation(served, QUESTIONS[number % len(QUESTIONS)], handoff=False)
        asked.append(
            timed(
                partial(
                    post,
                    served,
                    "/v1/copilot/suggestions",
                    {"conversation_id": conversation},
                    token,
                )
            )
        )
    rows = [
        [
            f"from the address to the inbox of {INBOX}, in the browser's cache",
            *quantiles(loads),
            "goal 1,500",
        ],
        [
            f"a frame while {INBOX} conversations are scrolled",
            *quantiles(frames),
            "16.7 is sixty a second",
        ],
        ["the copilot's suggestions for a message", *quantiles(asked[5:]), "goal 1,000"],
    ]
    return table(["What", "p50 ms", "p95 ms", "beside"], rows)


def figures(served: Served, url: str) -> str:
    """Reports over a hundred thousand conversations."""
    many = tell(url, A_DAY)
    token = signed_in(served, "supervisor")
    rows = []
    for path in (
        "live",
        "reports/conversations?by=day",
        "reports/conversations?by=queue&compare=true",
        "reports/answers?by=topic",
        "reports/tickets?by=queue",
        "reports/copilot?by=agent",
        "forecast",
    ):
        times = [timed(lambda: get(served, f"/v1/analytics/{path}", token)) for _ in range(COUNTED)]  # noqa: B023
        rows.append([f"`{path}`, {many:,} conversations in nine weeks", *quantiles(times[2:]), ""])
    return table(["What", "p50 ms", "p95 ms", "beside"], rows)


def quantiles(times: list[float]) -> list[str]:
    return [f"{value:.1f}" for value in np.quantile(times, [0.5, 0.95])]


def timed(work: Callable[[], Any]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def post(served: Served, path: str, body: Any, token: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = httpx.post(served.url + path, json=body, headers=headers, timeout=30)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def get(served: Served, path: str, token: str) -> Any:
    answer = httpx.get(served.url + path, headers={"Authorization": f"Bearer {token}"}, timeout=60)
    answer.raise_for_status()
    return answer.json()


def signed_in(served: Served, role: str) -> str:
    return str(post(served, "/v1/auth/token", served.demo["staff"][role])["access_token"])


def open_conversation(served: Served, said: str, *, handoff: bool) -> str:
    """A conversation in which something was said; its id."""
    made = post(served, "/v1/conversations", {"channel": "web"})
    post(served, f"/v1/conversations/{made['id']}/messages", {"text": said}, made["token"])
    if handoff:
        post(served, f"/v1/conversations/{made['id']}/handoff", {}, made["token"])
    return str(made["id"])


def enter(page: Page, served: Served) -> None:
    login = served.demo["staff"]["agent"]
    page.goto("/workspace")
    page.locator("input[name=email]").fill(login["email"])
    page.locator("input[name=password]").fill(login["password"])
    page.locator(".door button.wa-brand").click()
    page.locator("a.entry").first.wait_for()


def load(page: Page) -> float:
    """Milliseconds from the address to the inbox with its entries."""
    page.goto("/workspace/conversations")
    page.locator("a.entry").first.wait_for()
    return float(page.evaluate("() => performance.now()"))


def scrolled(page: Page) -> list[float]:
    """Milliseconds between frames while the inbox is scrolled from end to end."""
    script = """async (steps) => { const list = document.querySelector('.inbox'); const times = []; let last = performance.now();
        for (let step = 0; step < steps; step += 1) { list.scrollTop = list.scrollHeight * step / steps;
          await new Promise((done) => requestAnimationFrame(done)); const now = performance.now(); times.push(now - last); last = now; }
        return times; }"""
    return [float(one) for one in page.evaluate(script, SCROLLS)][5:]


def main() -> None:
    """Measure and write the tables."""
    part = sys.argv[1] if len(sys.argv) > 1 else "all"
    if part in ("all", "weight"):
        keep("pages-weight", weight())
    if part == "weight":
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reuse_model(folder)
        with serving(folder, UNLIMITED) as served, embedded_server(folder / "postgres") as url:
            if part in ("all", "desk"):
                keep("pages-desk", desk(served))
            if part in ("all", "figures"):
                keep("pages-figures", figures(served, url))


def keep(section: str, told: str) -> None:
    console.print(told, markup=False)
    write_section(section, told)


if __name__ == "__main__":
    main()
