"""Clients that send scripted conversations over HTTP and take the time of each turn."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

TURNS_A_CONVERSATION = (
    8  # Rasa reads the whole history at each turn, so both sides get conversations of one length
)
TIMEOUT_S = 60.0
Call = Callable[[httpx.AsyncClient, str, str], Awaitable[None]]  # client, conversation, text
Open = Callable[[httpx.AsyncClient], Awaitable[str]]

# Openings and objects make texts that no cache has seen; the same ones go to both sides.
_OPENINGS = (
    "How long does it take until",
    "What does it cost when",
    "Can you tell me why",
    "What do I do if",
    "Is it normal that",
)
_MATTERS = (
    "a new card arrives in {place}",
    "my transfer to {place} is late",
    "a cash machine in {place} keeps my card",
    "I pay by card in {place}",
    "a shop in {place} sends my money back",
    "I repay my loan from {place}",
    "I change my PIN in {place}",
    "my statement goes to {place}",
)
_PLACES = (
    "Lisbon",
    "Turin",
    "Graz",
    "Leeds",
    "Porto",
    "Ghent",
    "Malmo",
    "Basel",
    "Lyon",
    "Bergen",
    "Cork",
    "Split",
    "Gdansk",
    "Tartu",
    "Bilbao",
    "Nantes",
    "Bari",
    "Kiel",
    "Brno",
    "Vaasa",
)


def questions() -> list[str]:
    """800 different questions in a fixed mixed order."""
    made = [
        f"{o} {m.format(place=p)}?" for p, m, o in itertools.product(_PLACES, _MATTERS, _OPENINGS)
    ]
    return [
        made[(number * 317) % len(made)] for number in range(len(made))
    ]  # 317 and 800 share no factor


FORM = ("I want to open a ticket", "my statement for March never came", "anna@example.com", "yes")


@dataclass
class Timing:
    """Times of turns in milliseconds, and how many were answered a second."""

    p50_ms: float
    p95_ms: float
    per_second: float
    turns: int

    def row(self) -> dict[str, float]:
        """For the results file."""
        return {
            "p50_ms": round(self.p50_ms, 1),
            "p95_ms": round(self.p95_ms, 1),
            "per_second": round(self.per_second, 1),
            "turns": self.turns,
        }


@dataclass(frozen=True)
class Target:
    """One side: how a conversation is opened and a text is said in it."""

    open: Open
    say: Call


async def converse(target: Target, scripts: Sequence[Sequence[str]], clients: int) -> Timing:
    """Work off the scripts, one conversation each, by `clients` at a time; opening a conversation is not counted."""
    times: list[float] = []
    waiting = iter(scripts)
    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with httpx.AsyncClient(timeout=TIMEOUT_S, limits=limits) as http:

        async def client() -> None:
            for script in waiting:
                conversation = await target.open(http)
                for text in script:
                    started = time.perf_counter()
                    await target.say(http, conversation, text)
                    times.append(time.perf_counter() - started)

        started = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(clients)))
        took = time.perf_counter() - started
    return timing(times, took)


def timing(times: list[float], took_s: float) -> Timing:
    """Median, 95th percentile and rate of times in seconds."""
    cuts = statistics.quantiles(times, n=20, method="inclusive")
    return Timing(statistics.median(times) * 1000, cuts[18] * 1000, len(times) / took_s, len(times))


def question_scripts(turns: int, first: int) -> list[list[str]]:
    """Conversations of questions, `turns` in all, from number `first` of the list on."""
    pool = questions()
    chosen = [pool[(first + number) % len(pool)] for number in range(turns)]
    return [chosen[at : at + TURNS_A_CONVERSATION] for at in range(0, turns, TURNS_A_CONVERSATION)]


def form_scripts(turns: int) -> list[list[str]]:
    """Conversations that open a ticket."""
    return [list(FORM) for _ in range(max(1, turns // len(FORM)))]


def answered(answer: httpx.Response) -> Any:
    """The body; an error ends the benchmark, for a failed turn has no time worth reporting."""
    answer.raise_for_status()
    return answer.json()
