"""Thirty-two clients on tickets over REST, at random, while the service and then PostgreSQL are killed.

What was acknowledged must be there afterwards, and nothing that was refused. Checked at the end: steps of the lifecycle, no
employee above the limit, references unique and without a double, versions that count every change (no lost update), the audit
chain whole, one mail for each step of a ticket by its Message-ID.
"""

from __future__ import annotations

import random
import subprocess
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
from aiosmtpd.controller import Controller
from rich.console import Console

from actions.tickets.lifecycle import ACTIVE, STEPS
from bench.report import table
from bench.service import ASSISTANT, Served, reuse_model, start
from nlu.supervisor import free_port

CLIENTS, LIMIT = 32, 8
TEXTS = (
    "my card is cracked",
    "the transfer is missing",
    "please change my address",
    "我的卡坏了，请换一张",
    "转账没有到账",
    "I want my fee back",
)
console = Console()


@dataclass
class Seen:
    """What was acknowledged: tickets with their highest version and last state, and how often what was answered."""

    versions: dict[str, int] = field(default_factory=dict)
    references: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, answer: httpx.Response | None) -> dict[str, Any] | None:
        """Count an answer; its ticket, when it was acknowledged."""
        with self.lock:
            self.answers[f"{what} {answer.status_code if answer is not None else 'no answer'}"] += 1
            if answer is None or answer.is_error:
                return None
            ticket: dict[str, Any] = answer.json()
            key = ticket["id"]
            if what == "open":
                self.references.append(ticket["reference"])
            self.versions[key] = max(ticket["version"], self.versions.get(key, 0))
            return ticket


class Mailbox:
    """A mail server of this machine that remembers Message-IDs."""

    def __init__(self) -> None:
        self.ids: Counter[str] = Counter()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take a mail."""
        self.ids[str(message_from_bytes(envelope.content)["Message-ID"])] += 1
        return "250 OK"


def hands(seconds: float) -> str:
    """Run it, and tell what was found."""
    mailbox = Mailbox()
    mail = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    mail.start()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reuse_model(folder)
        settings = {
            "SMTP_URL": f"smtp://127.0.0.1:{mail.port}",
            "API_KEY_REQUESTS_PER_MINUTE": "1000000",
            "STAFF_REQUESTS_PER_MINUTE": "1000000",
        }
        served = start(folder, settings, "api")
        try:
            served.wait_until(lambda: httpx.get(f"{served.url}/healthz", timeout=5).is_success)
            found, served = _run(served, folder, settings, seconds)
            faults = _check(folder, found)
            time.sleep(10)  # the last mails leave
            faults += _mails(folder, mailbox)
        finally:
            served.stop()
            mail.stop()
    rows = [
        ["tickets acknowledged", len(found.references)],
        ["mails received", sum(mailbox.ids.values())],
    ]
    rows += sorted([what, count] for what, count in found.answers.items())
    return table(
        ["What", "Number"], [*rows, ["faults", "none" if not faults else "; ".join(faults)]]
    )


def _run(
    served: Served, folder: Path, settings: dict[str, str], seconds: float
) -> tuple[Seen, Served]:
    found, stop = Seen(), threading.Event()
    demo, url = served.demo, served.url
    tokens = _tokens(url, demo)
    clients = [
        threading.Thread(target=_client, args=(url, tokens, demo, found, stop, number), daemon=True)
        for number in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    time.sleep(seconds / 3)
    console.print("kill -9 of the service")
    served.process.kill()
    served.process.wait()
    served = start(folder, settings, "api", port=served.port)
    time.sleep(seconds / 3)
    console.print("kill -9 of PostgreSQL")
    _kill_postgres(folder)
    time.sleep(2)
    if served.process.poll() is None:
        served.process.kill()
        served.process.wait()
    served = start(folder, settings, "api", port=served.port)
    time.sleep(seconds / 3)
    stop.set()
    for client in clients:
        client.join(60)
    served.wait_until(lambda: httpx.get(f"{served.url}/healthz", timeout=5).is_success)
    return found, served


def _kill_postgres(folder: Path) -> None:
    pid = int((folder / "postgres" / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
    postmaster = psutil.Process(pid)
    for process in [postmaster, *postmaster.children(recursive=True)]:
        process.kill()


def _tokens(url: str, demo: dict[str, Any]) -> list[tuple[str, str]]:
    """Tokens of an agent and a supervisor with their ids."""
    found = []
    with httpx.Client(base_url=url, timeout=30) as http:
        for role in ("agent", "supervisor"):
            token = http.post("/v1/auth/token", json=demo["staff"][role]).json()["access_token"]
            me = http.get("/v1/auth/me", headers={"Authorization": f"Bearer {token}"}).json()
            found.append((token, me["id"]))
        for _, staff_id in found:
            body = {"queues": ["cards", "payments", "accounts", "general"], "most_open": LIMIT}
            head = {"Authorization": f"Bearer {found[1][0]}"}
            http.put(f"/v1/workforce/agents/{staff_id}", json=body, headers=head).raise_for_status()
    return found


def _client(
    url: str,
    tokens: list[tuple[str, str]],
    demo: dict[str, Any],
    found: Seen,
    stop: threading.Event,
    seed: int,
) -> None:
    chance = random.Random(seed)
    token, me = tokens[seed % 2]
    with httpx.Client(
        base_url=url, timeout=20, headers={"Authorization": f"Bearer {token}"}
    ) as http:
        while not stop.is_set():
            try:
                _act(http, chance, me, demo, found)
            except httpx.HTTPError:
                found.note("lost", None)
                time.sleep(0.5)


def _act(
    http: httpx.Client, chance: random.Random, me: str, demo: dict[str, Any], found: Seen
) -> None:
    """One thing at random."""
    if chance.random() < 0.3 or not found.versions:
        customer = chance.choice(demo["customers"])["id"]
        body = {"subject": "Bench", "description": chance.choice(TEXTS), "customer_id": customer}
        found.note("open", http.post("/v1/tickets", json=body))
        return
    with found.lock:
        key = chance.choice(list(found.versions)[-200:])
    read = http.get(f"/v1/tickets/{key}")
    if read.is_error:
        found.note("read", read)
        return
    ticket = read.json()
    head = {"If-Match": str(ticket["version"])}
    match chance.choice(("take", "move", "say", "bulk")):
        case "take":
            found.note(
                "take", http.post(f"/v1/tickets/{key}/assign", json={"assignee": me}, headers=head)
            )
        case "move" if ticket["possible_steps"]:
            to = chance.choice(ticket["possible_steps"])
            found.note(
                "move", http.post(f"/v1/tickets/{key}/transition", json={"to": to}, headers=head)
            )
        case "say":
            said = http.post(
                f"/v1/tickets/{key}/comments",
                json={"text": "We look into it.", "visibility": "public"},
            )
            with found.lock:
                found.answers[f"say {said.status_code}"] += 1
        case _:
            found.note(
                "change",
                http.patch(
                    f"/v1/tickets/{key}",
                    json={"priority": chance.choice(("low", "high"))},
                    headers=head,
                ),
            )


def _postgres_url(folder: Path) -> str:
    return f"postgresql://postgres@/assistant?host={folder / 'postgres'}"


def _check(folder: Path, found: Seen) -> list[str]:
    """What does not hold in the database."""
    faults = []
    with psycopg.connect(_postgres_url(folder)) as connection:
        kept: dict[str, int] = dict(
            connection.execute("select id::text, version from tickets").fetchall()
        )
        lost = [key for key, version in found.versions.items() if kept.get(key, 0) < version]
        faults += [f"{len(lost)} acknowledged changes lost"] * bool(lost)
        doubles = [r for r, n in Counter(found.references).items() if n > 1]
        faults += [f"references given twice: {doubles}"] * bool(doubles)
        counted = connection.execute(
            "select count(*) from tickets t where t.version <> (select count(*) from ticket_changes c where c.ticket_id = t.id)"
        ).fetchone()
        miscounted = counted[0] if counted else 0
        faults += [f"{miscounted} tickets whose version is not the number of their steps"] * bool(
            miscounted
        )
        steps = connection.execute(
            "select before, after, count(*) from ticket_changes where what = 'state' group by 1, 2"
        ).fetchall()
        wrong = [f"{a} to {b}" for a, b, _ in steps if b not in STEPS[a]]
        faults += [f"impossible steps: {wrong}"] * bool(wrong)
        over = connection.execute(
            "select count(*) from (select assignee_id from tickets where assignee_id is not null and state = any(%s) "
            "group by 1 having count(*) > %s) as full_ones",
            (list(ACTIVE), LIMIT),
        ).fetchone()
        faults += ["an employee has more than the limit"] * bool(over and over[0])
    chain = subprocess.run(
        [ASSISTANT, "audit", "verify"],
        capture_output=True,
        text=True,
        check=False,
        env={
            "VAR_DIR": str(folder),
            "DATABASE_URL": _postgres_url(folder),
            "PATH": "/usr/bin:/bin",
        },
    )
    return faults + ([] if chain.returncode == 0 else [f"audit chain: {chain.stdout[-200:]}"])


def _mails(folder: Path, mailbox: Mailbox) -> list[str]:
    with psycopg.connect(_postgres_url(folder)) as connection:
        sent = {
            row[0]
            for row in connection.execute(
                "select message_id from notifications where state = 'sent'"
            )
        }
        twice = connection.execute(
            "select count(*) from (select 1 from notifications group by ticket_id, template, about having count(*) > 1) d"
        ).fetchone()
    faults = [f"{len(sent - set(mailbox.ids))} mails marked as sent never arrived"] * bool(
        sent - set(mailbox.ids)
    )
    again = [key for key, number in mailbox.ids.items() if number > 1]
    faults += [f"{len(again)} mails went over the wire twice (same Message-ID)"] * bool(again)
    return faults + ["a step was told twice"] * bool(twice and twice[0])
