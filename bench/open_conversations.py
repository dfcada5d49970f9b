"""Many open conversations on one service: a thousand customers with a live connection each write every half minute.

What each customer's connection tells is compared with what was sent and answered: nothing may be lost, doubled or out of
order.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import statistics
import tempfile
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import frontmatter
import httpx
import psutil

from bench.report import table
from bench.run import memory_of, processes_of
from bench.service import Served, reuse_model, serving
from core.settings import ROOT

OPEN = 1_000
PAUSE_S, LASTS_S = 30.0, 300.0
IDLE_TURNS, ALONE = 100, 10  # turns of customers who write one after the other
TOGETHER = 20  # connections that are opened at a time
TIMEOUT_S, BUSY_S = 120.0, 2.0
SETTLE_S = 20.0  # for the last events
SEED = 11
SETTINGS = {"MESSAGES_PER_MINUTE": "100000", "CONVERSATIONS_PER_MINUTE": "100000"}
ARTICLES = ROOT / "assistant" / "demonstration" / "articles"
_OPENINGS = (
    "",
    "Hi, ",
    "Hello, a question: ",
    "Please tell me, ",
    "One more thing: ",
    "Sorry to ask, ",
)
_TICKETS = (
    ("I want to open a ticket", "my statement for March never came", "anna@example.com", "yes"),
    ("我要提交工单", "三月份的对账单没有收到", "anna@example.com", "是"),
)


@dataclass
class Customer:
    """A conversation with what was sent, what was answered and what the live connection told."""

    id: str
    token: str
    script: list[str]
    sent: list[str] = field(default_factory=list)
    answered: list[str] = field(
        default_factory=list
    )  # ids of messages in the order of the answers to our posts
    told: list[tuple[str, str, str]] = field(
        default_factory=list
    )  # author, id and text, as events came
    times_s: list[float] = field(default_factory=list)
    degraded: int = 0
    again: int = 0
    followed: asyncio.Event = field(default_factory=asyncio.Event)

    def faults(self) -> list[str]:
        """What was lost, doubled or out of order."""
        said = [text for author, _, text in self.told if author == "customer"]
        replies = [message for author, message, _ in self.told if author == "assistant"]
        found = []
        if said != self.sent:
            found.append(f"{len(self.sent)} sent, {len(said)} told")
        if replies != self.answered:
            found.append(f"{len(self.answered)} answers, {len(replies)} told")
        return found


def conversations(count: int = OPEN) -> str:
    """Serve, measure one customer alone, then so many together."""
    with tempfile.TemporaryDirectory(prefix="open-") as name:
        folder = Path(name)
        reuse_model(folder)
        with serving(folder, SETTINGS) as served:
            return asyncio.run(_measured(served, count))


async def _measured(served: Served, count: int) -> str:
    scripts = scripts_of_customers(count + ALONE)
    alone = [await _open(served, script) for script in scripts[count:]]
    for customer in alone:
        for text in customer.script[: IDLE_TURNS // len(alone)]:
            await _say(served, customer, text)
    idle = sorted(t for customer in alone for t in customer.times_s[1:])
    customers = [await _open(served, script) for script in scripts[:count]]
    following = []
    for at in range(0, count, TOGETHER):
        following += [
            asyncio.create_task(_follow(served, customer))
            for customer in customers[at : at + TOGETHER]
        ]
        await asyncio.gather(
            *(customer.followed.wait() for customer in customers[at : at + TOGETHER])
        )
    chance = random.Random(SEED)
    began, used = time.monotonic(), _used_s(served)
    await asyncio.gather(
        *(_write(served, customer, began, chance.random() * PAUSE_S) for customer in customers)
    )
    used = {part: seconds - used[part] for part, seconds in _used_s(served).items()}
    memory = memory_of(served)
    await asyncio.sleep(SETTLE_S)
    for task in following:
        task.cancel()
    await asyncio.gather(*following, return_exceptions=True)
    return _written(customers, idle, used, memory)


def _used_s(served: Served) -> dict[str, float]:
    """Processor seconds that the service's processes and this client have used."""
    parts = {**processes_of(served), "client": [psutil.Process()]}
    return {
        part: sum(sum(process.cpu_times()[:2]) for process in processes)
        for part, processes in parts.items()
    }


def _written(
    customers: Sequence[Customer],
    idle: Sequence[float],
    used_s: dict[str, float],
    memory: dict[str, int],
) -> str:
    times = sorted(t for customer in customers for t in customer.times_s)
    cuts = statistics.quantiles(times, n=100)
    faulty = [fault for customer in customers for fault in customer.faults()]
    idle_p50 = statistics.median(idle)
    rows = (
        ("open conversations with a live connection", len(customers)),
        ("turns in five minutes", len(times)),
        ("one customer alone, p50 ms", f"{idle_p50 * 1000:.0f}"),
        (
            "all together, p50 / p95 / p99 ms",
            f"{cuts[49] * 1000:.0f} / {cuts[94] * 1000:.0f} / {cuts[98] * 1000:.0f}",
        ),
        ("p95 of all, of one customer's p50", f"{cuts[94] / idle_p50:.2f} (goal: under 3)"),
        (
            "processor ms a turn",
            ", ".join(
                f"{part} {seconds / len(times) * 1000:.0f}" for part, seconds in used_s.items()
            ),
        ),
        ("memory MiB", ", ".join(f"{part} {size}" for part, size in memory.items())),
        (
            "messages sent again, because the service was too busy",
            sum(customer.again for customer in customers),
        ),
        (
            "answered without Rasa, because it took too long",
            sum(customer.degraded for customer in customers),
        ),
        (
            "messages lost, doubled or out of order",
            f"{len(faulty)} {'; '.join(faulty[:3])}".strip(),
        ),
    )
    return table(("", ""), rows)


async def _post(served: Served, path: str, body: Any, token: str | None = None) -> tuple[int, Any]:
    """Status and body of an answer, on a connection of its own, as after half a minute; as thin as HTTP allows: the client
    shares the machine with the service, and a full client library would take a fifth of it."""
    written = json.dumps(body, ensure_ascii=False).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(written)}\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    try:
        writer.write((head + _bearer(token) + "\r\n").encode() + written)
        status, length = await _head(reader)
        return status, json.loads(await asyncio.wait_for(reader.readexactly(length), TIMEOUT_S))
    finally:
        writer.close()


def _bearer(token: str | None) -> str:
    return f"Authorization: Bearer {token}\r\n" if token else ""


async def _head(reader: asyncio.StreamReader) -> tuple[int, int]:
    """Status and length of an answer; the length is 0 for a stream."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    lengths = [line.split(":")[1] for line in lines if line.lower().startswith("content-length:")]
    return int(lines[0].split(" ")[1]), int(lengths[0]) if lengths else 0


async def _open(served: Served, script: list[str]) -> Customer:
    status, made = await _post(served, "/v1/conversations", {"channel": "web"})
    if status != httpx.codes.CREATED:
        raise RuntimeError(f"no conversation: {made}")
    return Customer(made["id"], made["token"], script)


async def _write(served: Served, customer: Customer, began: float, first_s: float) -> None:
    """A message each pause, whether or not the last one took long."""
    for number, text in enumerate(customer.script):
        at = began + first_s + number * PAUSE_S
        if at - began >= LASTS_S:
            return
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        await _say(served, customer, text)


async def _say(served: Served, customer: Customer, text: str) -> None:
    customer.sent.append(text)
    started = time.perf_counter()
    body, path = (
        {"text": text, "client_message_id": uuid.uuid4().hex},
        f"/v1/conversations/{customer.id}/messages",
    )
    while True:  # the same message again is answered once
        status, turn = await _post(served, path, body, customer.token)
        if status != httpx.codes.SERVICE_UNAVAILABLE:
            break
        customer.again += 1
        await asyncio.sleep(BUSY_S)
    if status != httpx.codes.OK:
        raise RuntimeError(f"{status}: {turn}")
    customer.times_s.append(time.perf_counter() - started)
    customer.answered += [message["id"] for message in turn["messages"]]
    customer.degraded += bool(turn["degraded"])


async def _follow(served: Served, customer: Customer) -> None:
    """Read the conversation's events until cancelled."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    try:
        head = f"GET /v1/conversations/{customer.id}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n{_bearer(customer.token)}\r\n"
        writer.write(head.encode())
        status, _ = await _head(reader)
        if status != httpx.codes.OK:
            raise RuntimeError(f"no live connection: {status}")
        customer.followed.set()
        kind = ""
        while raw := await reader.readline():  # lengths of chunks are lines as well
            line = raw.decode().rstrip()
            if line.startswith("event:"):
                kind = line.removeprefix("event:").strip()
            elif line.startswith("data:") and kind == "message":
                message = json.loads(line.removeprefix("data:"))
                customer.told.append((message["author"], message["id"], message["text"]))
    finally:
        writer.close()


def scripts_of_customers(count: int) -> list[list[str]]:
    """What each customer writes: greetings, questions that articles answer, a ticket, thanks; half of them in Chinese."""
    asked = {language: _questions(language) for language in ("en", "zh")}
    social = {"en": ("hello", "thanks a lot"), "zh": ("你好", "谢谢")}
    scripts = []
    for number in range(count):
        language = ("en", "zh")[number % 2]
        hello, thanks = social[language]
        questions = [next(asked[language]) for _ in range(4)]
        ticket = _TICKETS[number % 2]
        parts = [[hello, *questions[:2]], list(ticket), [thanks, *questions[2:]]]
        turned = number % 3
        scripts.append(list(itertools.chain(*parts[turned:], *parts[:turned])))
    return scripts


def _questions(language: str) -> itertools.cycle[str]:
    """Example questions of the demonstration's public articles, each with an opening that makes it a new text."""
    found = []
    for path in sorted(ARTICLES.glob(f"*.{language}.md")):
        if not path.name.startswith("staff-"):
            found += list(frontmatter.load(str(path)).metadata.get("questions", []))
    random.Random(SEED).shuffle(found)
    openings = (
        _OPENINGS
        if language == "en"
        else ("", "请问", "你好，", "想问一下，", "另外，", "麻烦问下，")
    )
    return itertools.cycle(f"{opening}{question}" for opening in openings for question in found)
