"""`make bench-dialogue`: what understanding costs beside a bare encoding and beside DIET, and many open conversations.

One part alone: `python -m bench.bench_dialogue parse` (or conversations, half). Writes into docs/measurements.md.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import yaml
from rich.console import Console

from bench.evaluate_nlu import Labelled
from bench.knowledge import OWN
from bench.open_conversations import conversations
from bench.report import table, write_section
from bench.run import pss
from core.settings import ROOT, Settings
from deploy.setup.environments import ENVIRONMENTS, Environment
from knowledge_base.encoder import Encoder
from knowledge_base.vectors import Matrix
from nlu.client import RasaClient
from nlu.components.vector_file import NAME, write_vectors
from nlu.supervisor import trial
from nlu.training import PROJECT, rasa_environment, training_texts

CONFIGURATIONS = {
    "linear, config.yml": (ROOT / "config.yml", ENVIRONMENTS["rasa"]),
    "DIET, nlu/alternatives": (PROJECT / "alternatives" / "diet.yml", ENVIRONMENTS["rasa-full"]),
}
CLIENTS = 8
TOGETHER = 3  # texts, as the clauses of a message
HALF = 500  # open conversations
HEAD = (
    "pipeline",
    "right",
    "training s",
    "parse p50 ms",
    f"{TOGETHER} in one request p50 ms",
    "bare encoding p50 ms",
    f"parses/s, {CLIENTS} clients",
    "memory MiB",
)
TRAINING_LIMIT_S = 7_200
WARM_UP = 40
console = Console()


def main(wanted: Sequence[str]) -> None:
    """Measure the wanted parts, by default all."""
    parts: dict[str, Callable[[], str]] = {
        "parse": parsing,
        "conversations": conversations,
        "half": lambda: conversations(HALF),
    }
    for name in wanted or parts:
        text = parts[name]()
        console.print(text, markup=False)
        write_section(f"dialogue-{name}", text)


@dataclass(frozen=True)
class Parsing:
    """What a served configuration took: training in s, requests in ms, parses a second, memory in MiB, share that is right."""

    training_s: float
    p50_ms: float
    together_ms: float
    encoding_ms: float
    per_second: float
    memory_mib: int
    right: float


def parsing() -> str:
    """Both configurations, trained from nothing on our phrasings and served by Rasa, with the same messages and vectors."""
    asked = own_messages()
    encoder = Encoder()
    with tempfile.TemporaryDirectory(prefix="parse-") as name:
        folders = [Path(name) / str(at) for at in range(len(CONFIGURATIONS))]
        for folder in folders:
            folder.mkdir()
        rows = {
            kind: asyncio.run(measured(config, environment, folder, asked, encoder))
            for folder, (kind, (config, environment)) in zip(
                folders, CONFIGURATIONS.items(), strict=True
            )
        }
    linear, diet = rows.values()
    return (
        table(
            HEAD,
            [
                (
                    kind,
                    f"{row.right:.1%}",
                    f"{row.training_s:.0f}",
                    f"{row.p50_ms:.1f}",
                    f"{row.together_ms:.1f}",
                    f"{row.encoding_ms:.1f}",
                    f"{row.per_second:.0f}",
                    row.memory_mib,
                )
                for kind, row in rows.items()
            ],
        )
        + f"\n\nThroughput of the linear pipeline: {linear.per_second / diet.per_second:.2f} times DIET's."
    )


def own_messages() -> list[Labelled]:
    """The messages of both languages that were written apart from the phrasings."""
    data = yaml.safe_load((OWN / "intents.yml").read_text(encoding="utf-8"))
    return [
        Labelled(text, intent)
        for both in data.values()
        for intent, texts in both.items()
        for text in texts
    ]


async def measured(
    config: Path,
    environment: Environment,
    folder: Path,
    asked: Sequence[Labelled],
    encoder: Encoder,
) -> Parsing:
    """Train and serve a configuration; bare encodings are taken in turn with the parses."""
    texts = [row.text for row in asked]
    settings = Settings(var_dir=folder, rasa_python=environment.python, rasa_timeout_s=60)
    phrasings = training_texts()
    with encoder.every_core():
        write_vectors(folder / NAME, phrasings, await encoder.encode_all(phrasings))
        vectors = await encoder.encode_all(texts)
    started = time.perf_counter()
    model = await asyncio.to_thread(trained, config, environment, folder)
    training_s = time.perf_counter() - started
    async with trial(settings, model) as rasa:
        parses, together, encodings, right = [], [], [], 0
        for at in range(-WARM_UP, len(asked)):
            row, began = asked[at], time.perf_counter()
            (parse,) = await rasa.parse([row.text], vectors[[at]])
            parses.append(time.perf_counter() - began)
            began = time.perf_counter()
            await encoder.encode_all([row.text])
            encodings.append(time.perf_counter() - began)
            several = [at - n for n in range(TOGETHER)]
            began = time.perf_counter()
            await rasa.parse([texts[n] for n in several], vectors[several])
            together.append(time.perf_counter() - began)
            right += at >= 0 and parse.intent == row.intent
        per_second = await throughput(rasa, texts, vectors)
        memory = pss(served_here())
    return Parsing(
        training_s=training_s,
        p50_ms=middle_ms(parses),
        together_ms=middle_ms(together),
        encoding_ms=middle_ms(encodings),
        per_second=per_second,
        memory_mib=memory,
        right=right / len(asked),
    )


def middle_ms(taken_s: Sequence[float]) -> float:
    """The median of what is measured after warming up, in ms."""
    return statistics.median(taken_s[WARM_UP:]) * 1000


def trained(config: Path, environment: Environment, folder: Path) -> Path:
    """A model of our phrasings by this configuration, from nothing."""
    command = [
        str(environment.python),
        "-m",
        "nlu.runtime.train",
        str(config),
        str(PROJECT / "data"),
        str(folder),
        "measured",
        str(PROJECT / "domain.yml"),
    ]
    with (folder / "training.log").open("wb") as log:
        subprocess.run(
            command,
            cwd=folder,
            env=rasa_environment(),
            check=True,
            timeout=TRAINING_LIMIT_S,
            stdout=log,
            stderr=log,
        )
    return folder / "measured.tar.gz"


def served_here() -> list[psutil.Process]:
    """The Rasa that this process started."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if "nlu.runtime.serve" in child.cmdline()]


async def throughput(rasa: RasaClient, texts: Sequence[str], vectors: Matrix) -> float:
    """Parses a second with CLIENTS at a time, a text in each request."""
    waiting = iter(range(len(texts)))

    async def client() -> None:
        for at in waiting:
            await rasa.parse([texts[at]], vectors[[at]])

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return len(texts) / (time.perf_counter() - started)


if __name__ == "__main__":
    main(sys.argv[1:])
