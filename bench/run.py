"""`make bench`: the served product beside plain Rasa, in one run on one machine.

Plain Rasa is the same pipeline led by rules and forms, with a tracker store of its own and a stock rasa-sdk server that says
a fixed text (bench/plain_rasa); it needs all of Rasa (`make rasa-full`). The two take turns, round by round, so that a
noisy machine is noisy for both; medians over the rounds are reported.
Writes bench/results/latest.json and prints tables.
"""

from __future__ import annotations

import asyncio
import json
import platform
import statistics
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import yaml
from rich.console import Console
from rich.table import Table as ScreenTable

from bench.load import (
    Target,
    Timing,
    answered,
    converse,
    form_scripts,
    question_scripts,
)
from bench.report import table, write_section
from bench.service import Served, serving, start
from core.database import driver_url
from core.embedded import embedded_server
from core.settings import ROOT
from deploy.setup.environments import ENVIRONMENTS
from nlu.supervisor import free_port
from nlu.training import PROJECT, rasa_environment

RASA = ENVIRONMENTS["rasa-full"]
PLAIN = Path(__file__).parent / "plain_rasa"
RESULTS = Path(__file__).parent / "results" / "latest.json"
CLIENTS = (1, 8, 32)
ROUNDS = 3
TURNS = {1: 48, 8: 160, 32: 256}  # turns of one round
FORM_TURNS = {1: 24, 8: 96, 32: 128}
WARM_UP = 16
UNLIMITED = {
    "MESSAGES_PER_MINUTE": "1000000",
    "CONVERSATIONS_PER_MINUTE": "1000000",
    "LOG_LEVEL": "info",
    "API_KEY_REQUESTS_PER_MINUTE": "1000000",
    "STAFF_REQUESTS_PER_MINUTE": "1000000",
}
COST_LIMIT, THROUGHPUT_FLOOR = (
    1.6,
    0.7,
)  # what a question turn may cost, and must carry, beside plain Rasa
console = Console()


@dataclass(frozen=True)
class Starts:
    """Seconds from the command to the first answer of each kind."""

    nothing_knowledge_s: float
    nothing_dialogue_s: float
    warm_knowledge_s: float
    warm_dialogue_s: float


def main() -> None:
    """Measure, write, print."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        starts = measure_starts(folder / "ours")
        with (
            serving(folder / "ours", UNLIMITED) as served,
            plain_rasa(folder / "plain") as plain_url,
        ):
            degraded: list[str] = []
            measured = asyncio.run(measure_turns(ours(served, degraded), plain(plain_url), served))
            memory = memory_of(served)
    report = {
        "machine": f"{psutil.cpu_count()} cores, {platform.machine()}",
        "starts": asdict(starts),
        "memory_mib": memory,
        "degraded_turns": len(degraded),
        **measured,
    }
    report["goals"] = goals(report)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    show(report)
    write_section("spine", as_markdown(report))


def measure_starts(folder: Path) -> Starts:
    """From an empty folder (the environments exist) and again: the first knowledge answer, the first dialogue."""
    first = one_start(folder)
    again = one_start(folder)
    return Starts(*first, *again)


def one_start(folder: Path) -> tuple[float, float]:
    """Seconds to a cited answer, and until the dialogue is warm."""
    served = start(folder, UNLIMITED)
    try:
        return served.wait_until(lambda: has_answer(served)), served.wait_until(served.ready)
    finally:
        served.stop()


def has_answer(served: Served) -> bool:
    """Whether a customer's question gets a cited answer now."""
    made = answered(
        httpx.post(
            f"{served.url}/v1/conversations", json={"channel": "web", "language": "en"}, timeout=30
        )
    )
    turn = answered(
        httpx.post(
            f"{served.url}/v1/conversations/{made['id']}/messages",
            json={"text": "How do I activate my new card?"},
            headers={"Authorization": f"Bearer {made['token']}"},
            timeout=30,
        )
    )
    return any(message["citations"] for message in turn["messages"])


def ours(served: Served, degraded: list[str]) -> Target:
    """A visitor of the served product; texts that were answered without Rasa are noted in `degraded`."""
    tokens: dict[str, str] = {}

    async def open_(http: httpx.AsyncClient) -> str:
        made = answered(
            await http.post(
                f"{served.url}/v1/conversations", json={"channel": "web", "language": "en"}
            )
        )
        tokens[made["id"]] = made["token"]
        return str(made["id"])

    async def say(http: httpx.AsyncClient, conversation: str, text: str) -> None:
        body = {"text": text, "client_message_id": uuid.uuid4().hex}
        head = {"Authorization": f"Bearer {tokens[conversation]}"}
        turn = answered(
            await http.post(
                f"{served.url}/v1/conversations/{conversation}/messages", json=body, headers=head
            )
        )
        if not turn["messages"]:
            raise RuntimeError(f"no answer to {text!r}")
        if turn["degraded"]:  # answered without Rasa, because it took too long
            degraded.append(text)

    return Target(open_, say)


def plain(url: str) -> Target:
    """A sender on Rasa's own REST channel."""

    async def open_(http: httpx.AsyncClient) -> str:
        return uuid.uuid4().hex

    async def say(http: httpx.AsyncClient, conversation: str, text: str) -> None:
        if not answered(
            await http.post(
                f"{url}/webhooks/rest/webhook", json={"sender": conversation, "message": text}
            )
        ):
            raise RuntimeError(f"plain Rasa said nothing to {text!r}")

    return Target(open_, say)


def searching(served: Served) -> Target:
    """An application that searches; it needs no conversation."""
    key = served.demo["api_key"]

    async def open_(http: httpx.AsyncClient) -> str:
        return ""

    async def say(http: httpx.AsyncClient, conversation: str, text: str) -> None:
        body, head = (
            {"query": text, "language": "en", "limit": 5},
            {"Authorization": f"Bearer {key}"},
        )
        answered(await http.post(f"{served.url}/v1/knowledge/search", json=body, headers=head))

    return Target(open_, say)


@contextmanager
def plain_rasa(folder: Path) -> Iterator[str]:
    """Stock Rasa with a stock action server on a database of its own; both end with the block."""
    folder.mkdir(parents=True)
    port, actions_port = free_port(), free_port()
    with embedded_server(folder / "postgres") as database:
        endpoints = {
            "action_endpoint": {"url": f"http://127.0.0.1:{actions_port}/webhook"},
            "tracker_store": {
                "type": "SQL",
                "dialect": "postgresql",
                "url": psycopg2_url(database),
            },
        }
        (folder / "endpoints.yml").write_text(yaml.safe_dump(endpoints), encoding="utf-8")
        (folder / "credentials.yml").write_text("rest:\n", encoding="utf-8")
        python = str(RASA.python)
        train_plain(python, folder)
        commands = (
            [
                python,
                "-m",
                "rasa_sdk",
                "--actions",
                "bench.plain_rasa.actions",
                "--port",
                str(actions_port),
            ],
            [
                python,
                "-m",
                "rasa",
                "run",
                "--enable-api",
                "--interface",
                "127.0.0.1",
                "--port",
                str(port),
                "--model",
                "model.tar.gz",
                "--endpoints",
                "endpoints.yml",
                "--credentials",
                "credentials.yml",
            ],
        )
        running: list[subprocess.Popen[bytes]] = []
        try:
            with (folder / "rasa.log").open("wb") as log:
                for command in commands:
                    running.append(
                        subprocess.Popen(
                            command, cwd=folder, env=rasa_environment(), stdout=log, stderr=log
                        )
                    )
            wait_for_plain(f"http://127.0.0.1:{port}", running[1], folder)
            yield f"http://127.0.0.1:{port}"
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait(30)


def psycopg2_url(database_url: str) -> str:
    """A database's address for Rasa's driver."""
    url = driver_url(database_url).set(drivername="postgresql")
    return url.render_as_string(hide_password=False)


def train_plain(python: str, folder: Path) -> None:
    """Train plain Rasa on the product's phrasings and its own rules, as `model.tar.gz`."""
    training = {
        "config": PLAIN / "config.yml",
        "domain": PLAIN / "domain.yml",
        "out": folder,
        "fixed-model-name": "model",
    }
    options = [str(word) for name, value in training.items() for word in (f"--{name}", value)]
    command = [
        python,
        "-m",
        "rasa",
        "train",
        *options,
        "--data",
        str(PROJECT / "data"),
        str(PLAIN / "rules.yml"),
    ]
    with (folder / "training.log").open("wb") as log:
        subprocess.run(
            command, cwd=folder, env=rasa_environment(), check=True, stdout=log, stderr=log
        )


def wait_for_plain(url: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    """Until plain Rasa has loaded its model."""

    def ready() -> bool:
        return bool(httpx.get(f"{url}/status", timeout=5).json().get("model_file"))

    Served(folder, 0, process, 0.0).wait_until(ready)


async def measure_turns(our_side: Target, plain_side: Target, served: Served) -> dict[str, Any]:
    """Question and form turns of both sides and searches of ours, at each number of clients."""
    for side in (our_side, plain_side):
        await converse(side, question_scripts(WARM_UP, 700), 2)
    results: dict[str, Any] = {"question": {}, "form": {}, "search": {}}
    for clients in CLIENTS:
        rounds: dict[str, list[Timing]] = {
            name: [] for name in ("ours", "plain", "our form", "plain form", "search")
        }
        for number in range(ROUNDS):
            asked = question_scripts(TURNS[clients], number * TURNS[clients])
            rounds["plain"].append(await converse(plain_side, asked, clients))
            rounds["ours"].append(await converse(our_side, asked, clients))
            rounds["plain form"].append(
                await converse(plain_side, form_scripts(FORM_TURNS[clients]), clients)
            )
            rounds["our form"].append(
                await converse(our_side, form_scripts(FORM_TURNS[clients]), clients)
            )
            searched = question_scripts(TURNS[clients], 400 + number * TURNS[clients])
            rounds["search"].append(await converse(searching(served), searched, clients))
            console.print(f"[dim]{clients} clients, round {number + 1} of {ROUNDS}[/dim]")
        results["question"][str(clients)] = side_by_side(rounds["ours"], rounds["plain"])
        results["form"][str(clients)] = side_by_side(rounds["our form"], rounds["plain form"])
        results["search"][str(clients)] = middle(rounds["search"]).row()
    return results


def side_by_side(our_rounds: list[Timing], plain_rounds: list[Timing]) -> dict[str, Any]:
    """Both sides' medians, and the median of the rounds' ratios."""
    pairs = list(zip(our_rounds, plain_rounds, strict=True))
    return {
        "ours": middle(our_rounds).row(),
        "plain": middle(plain_rounds).row(),
        "cost_p50": round(statistics.median(o.p50_ms / p.p50_ms for o, p in pairs), 2),
        "throughput": round(statistics.median(o.per_second / p.per_second for o, p in pairs), 2),
    }


def middle(rounds: list[Timing]) -> Timing:
    """Each figure's median over the rounds."""
    return Timing(
        statistics.median(r.p50_ms for r in rounds),
        statistics.median(r.p95_ms for r in rounds),
        statistics.median(r.per_second for r in rounds),
        sum(r.turns for r in rounds),
    )


def memory_of(served: Served) -> dict[str, int]:
    """Proportional set size (MiB) of the API, of Rasa and of PostgreSQL's processes together."""
    return {part: pss(processes) for part, processes in processes_of(served).items()}


def processes_of(served: Served) -> dict[str, list[psutil.Process]]:
    """The processes of the API, of Rasa and of PostgreSQL."""
    api = psutil.Process(served.process.pid)
    rasa = [
        child
        for child in api.children(recursive=True)
        if "nlu.runtime.serve" in " ".join(child.cmdline())
    ]
    data = str(served.folder / "postgres")
    master = [
        p
        for p in psutil.process_iter(["cmdline"])
        if data in (p.info["cmdline"] or []) and p.name() == "postgres"
    ]
    database = [process for p in master for process in (p, *p.children(recursive=True))]
    return {"api": [api], "rasa": rasa, "postgresql": database}


def pss(processes: list[psutil.Process]) -> int:
    """Memory of processes in MiB; pages they share are counted once."""
    return round(sum(process.memory_full_info().pss for process in processes) / 2**20)


def goals(report: dict[str, Any]) -> dict[str, bool]:
    """Whether the issue's figures were reached."""
    question = report["question"]
    return {
        f"question turn at p50 at most {COST_LIMIT} times plain Rasa's (1 client)": question["1"][
            "cost_p50"
        ]
        <= COST_LIMIT,
        f"throughput at least {THROUGHPUT_FLOOR} of plain Rasa's (32 clients)": question["32"][
            "throughput"
        ]
        >= THROUGHPUT_FLOOR,
        "second start answers within 10 s": report["starts"]["warm_knowledge_s"] <= 10,
    }


def as_markdown(report: dict[str, Any]) -> str:
    """The tables of docs/measurements.md."""
    head = (
        "turn",
        "clients",
        "ours p50 / p95 ms",
        "turns/s",
        "plain p50 / p95 ms",
        "turns/s",
        "cost at p50",
        "throughput",
    )
    rows = [
        (
            kind,
            clients,
            *(
                cell
                for side in ("ours", "plain")
                for cell in (
                    f"{both[side]['p50_ms']} / {both[side]['p95_ms']}",
                    both[side]["per_second"],
                )
            ),
            f"{both['cost_p50']} x",
            f"{both['throughput']} x",
        )
        for kind in ("question", "form")
        for clients, both in report[kind].items()
    ]
    searches = [
        (clients, f"{r['p50_ms']} / {r['p95_ms']}", r["per_second"])
        for clients, r in report["search"].items()
    ]
    starts, memory = report["starts"], report["memory_mib"]
    return "\n\n".join(
        [
            table(head, rows),
            table(("search, clients", "p50 / p95 ms", "searches/s"), searches),
            f"From an empty folder, environments in place: first cited answer after {starts['nothing_knowledge_s']:.0f} s, "
            f"dialogue (trained and warm) after {starts['nothing_dialogue_s']:.0f} s. Second start: "
            f"{starts['warm_knowledge_s']:.1f} s and {starts['warm_dialogue_s']:.0f} s. Memory (PSS): API {memory['api']} MiB, "
            f"Rasa {memory['rasa']} MiB, PostgreSQL {memory['postgresql']} MiB. Turns answered without Rasa because it took "
            f"longer than its limit: {report['degraded_turns']}.",
        ]
    )


def show(report: dict[str, Any]) -> None:
    """Tables for people."""
    for kind in ("question", "form"):
        table = ScreenTable(
            "clients",
            "ours p50",
            "p95",
            "turns/s",
            "plain p50",
            "p95",
            "turns/s",
            "cost at p50",
            "throughput",
            title=f"{kind} turn, ms",
        )
        for clients, both in report[kind].items():
            figures = [
                str(both[side][name])
                for side in ("ours", "plain")
                for name in ("p50_ms", "p95_ms", "per_second")
            ]
            table.add_row(clients, *figures, f"{both['cost_p50']} x", f"{both['throughput']} x")
        console.print(table)
    table = ScreenTable("clients", "p50", "p95", "searches/s", title="search, ms")
    for clients, row in report["search"].items():
        table.add_row(clients, str(row["p50_ms"]), str(row["p95_ms"]), str(row["per_second"]))
    console.print(table)
    console.print("starts, s:", {name: round(value, 1) for name, value in report["starts"].items()})
    console.print("memory, MiB:", report["memory_mib"])
    console.print("turns answered without Rasa:", report["degraded_turns"])
    for goal, reached in report["goals"].items():
        console.print(f"{'reached' if reached else 'MISSED '}  {goal}")
    console.print(f"[dim]written to {RESULTS.relative_to(ROOT)}[/dim]")


if __name__ == "__main__":
    main()
