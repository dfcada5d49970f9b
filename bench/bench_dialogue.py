"""`make bench-dialogue`: what understanding costs beside a bare encoding and beside DIET, and many open conversations.

One part alone: `python -m bench.bench_dialogue parse` (or conversations, half). Writes into docs/measurements.md.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import yaml
from rich.console import Console
from sentence_transformers import SentenceTransformer
from threadpoolctl import threadpool_limits

from bench.evaluate_nlu import Labelled
from bench.knowledge import OWN
from bench.open_conversations import conversations
from bench.report import table, write_section
from bench.run import pss
from core.chinese_rows import add_chinese
from core.settings import ROOT, Settings
from knowledge_base.encoder import BUNDLED, model_folder
from nlu.supervisor import free_port
from nlu.training import PROJECT, rasa_environment

CONFIGURATIONS = {
    "linear, config.yml": ROOT / "config.yml",
    "DIET, nlu/alternatives": PROJECT / "alternatives" / "diet.yml",
}
CLIENTS = 8
HALF = 500  # open conversations
HEAD = (
    "pipeline",
    "right",
    "training s",
    "/model/parse p50 ms",
    "bare encoding p50 ms",
    "ratio",
    f"parses/s, {CLIENTS} clients",
    "memory MiB",
)
START_LIMIT_S, TRAINING_LIMIT_S = 240, 7_200
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
    """What a served configuration took: training in s, a parse in ms, parses a second, memory in MiB, share that is right."""

    training_s: float
    p50_ms: float
    encoding_ms: float
    per_second: float
    memory_mib: int
    right: float


def parsing() -> str:
    """Both configurations, trained from nothing on our phrasings and served by Rasa, with the same messages."""
    asked = own_messages()
    with tempfile.TemporaryDirectory(prefix="parse-") as name:
        folder = Path(name)
        rows = {
            kind: measured(config, folder / str(at), asked)
            for at, (kind, config) in enumerate(CONFIGURATIONS.items())
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
                    f"{row.encoding_ms:.1f}",
                    f"{row.p50_ms / row.encoding_ms:.2f}",
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


def measured(config: Path, folder: Path, asked: Sequence[Labelled]) -> Parsing:
    """Train and serve a configuration; bare encodings are taken in turn with the parses."""
    folder.mkdir()
    started = time.perf_counter()
    model = trained(config, folder)
    training_s = time.perf_counter() - started
    encoder = add_chinese(SentenceTransformer(str(model_folder(BUNDLED)), device="cpu"))
    texts = [row.text for row in asked]
    with (
        served(model, folder) as (url, rasa),
        httpx.Client(base_url=url, timeout=60) as http,
        threadpool_limits(limits=1),
    ):
        for text in texts[:WARM_UP]:
            _parse(http, text)
            encoder.encode(text)
        parses, encodings, right = [], [], 0
        for row in asked:
            began = time.perf_counter()
            found = _parse(http, row.text)
            parses.append(time.perf_counter() - began)
            right += found["intent"]["name"] == row.intent
            began = time.perf_counter()
            encoder.encode(row.text)
            encodings.append(time.perf_counter() - began)
        per_second = asyncio.run(throughput(url, texts))
        memory = pss([rasa, *rasa.children(recursive=True)])
    return Parsing(
        training_s,
        statistics.median(parses) * 1000,
        statistics.median(encodings) * 1000,
        per_second,
        memory,
        right / len(asked),
    )


def trained(config: Path, folder: Path) -> Path:
    """A model of our phrasings by this configuration, from nothing."""
    command = [
        str(Settings().rasa_python),
        "-m",
        "rasa",
        "train",
        "nlu",
        "--config",
        str(config),
        "--nlu",
        str(PROJECT / "data"),
        "--domain",
        str(PROJECT / "domain.yml"),
        "--out",
        str(folder),
        "--fixed-model-name",
        "measured",
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


@contextmanager
def served(model: Path, folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Rasa with this model on a free port."""
    port = free_port()
    command = [
        str(Settings().rasa_python),
        "-m",
        "rasa",
        "run",
        "--enable-api",
        "--interface",
        "127.0.0.1",
        "--port",
        str(port),
        "--model",
        str(model),
    ]
    with (folder / "rasa.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=rasa_environment(), stdout=log, stderr=log
        )
    try:
        deadline = time.monotonic() + START_LIMIT_S
        while not _is_up(f"http://127.0.0.1:{port}"):
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError((folder / "rasa.log").read_text(encoding="utf-8")[-2000:])
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}", psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _is_up(url: str) -> bool:
    try:
        return bool(httpx.get(f"{url}/status", timeout=5).json().get("model_file"))
    except (httpx.HTTPError, json.JSONDecodeError):
        return False


def _parse(http: httpx.Client, text: str) -> dict[str, Any]:
    found: dict[str, Any] = http.post("/model/parse", json={"text": text}).raise_for_status().json()
    return found


async def throughput(url: str, texts: Sequence[str]) -> float:
    """Parses a second with CLIENTS at a time."""
    waiting = iter(texts)
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:

        async def client() -> None:
            for text in waiting:
                (await http.post("/model/parse", json={"text": text})).raise_for_status()

        started = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(CLIENTS)))
        return len(texts) / (time.perf_counter() - started)


if __name__ == "__main__":
    main(sys.argv[1:])
