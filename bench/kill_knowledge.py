"""`kill -9` of the service while it imports, publishes, archives and writes snapshots; then everything that it had
acknowledged must be found once and whole, and nothing that it had archived.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import multiprocessing
import random
import tempfile
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import psycopg

from bench.report import table
from bench.service import Served, start
from core.accounts import add_staff
from core.database import Database, libpq_url
from core.embedded import embedded_server
from core.identity import System
from core.schema import migrate

KILLS = 50
LONGEST_S = 3.0  # of work before a kill
LOOKED_AGAIN = (
    40  # articles of earlier cycles that are looked for after each start; all of them at the end
)
ARCHIVED_EVERY = 3
IN_ARCHIVE = 12  # documents of an import
PASSWORD = "correct horse battery"
SECRETS = dict.fromkeys(("STAFF_TOKEN_SECRET", "IDENTITY_TOKEN_SECRET", "RASA_TOKEN"), "k" * 40)
# Every passage of a published article is of its live version and has one vector; nothing else has passages.
TORN = """
    select count(*) from articles a where a.published_version is not null and (
        not exists (select from passages p where p.article_id = a.id)
        or exists (select from passages p where p.article_id = a.id and (p.version <> a.published_version
            or (select count(*) from passage_vectors v where v.passage_id = p.id) <> 1)))
"""
LEFT = "select count(*) from passages p join articles a on a.id = p.article_id where a.published_version is null"


@dataclass
class Acknowledged:
    """What the service said it had done: words that only one article has, with its slug."""

    published: dict[str, str] = field(default_factory=dict)
    archived: dict[str, str] = field(default_factory=dict)
    looked: int = 0  # how many of the published were looked for
    uncertain: set[str] = field(
        default_factory=set
    )  # an archiving that was asked for and not answered


@dataclass
class Series:
    """What a row of kills of one knowledge base came to."""

    said: Acknowledged = field(default_factory=Acknowledged)
    problems: list[str] = field(default_factory=list)
    kills: int = 0
    with_snapshot: int = 0


def measure_kills(kills: int = KILLS, side_by_side: int = 2) -> str:
    """Kill, start, look, of two services side by side; the table for the page."""
    with ProcessPoolExecutor(side_by_side, multiprocessing.get_context("spawn")) as pool:
        series = list(
            pool.map(_series, [kills // side_by_side] * side_by_side, range(side_by_side))
        )
    problems = [problem for one in series for problem in one.problems]
    published, archived = (
        sum(len(getattr(one.said, name)) for one in series) for name in ("published", "archived")
    )
    rows = [
        (
            "kills at random moments of importing, publishing, archiving, snapshots",
            sum(one.kills for one in series),
        ),
        ("articles acknowledged as published / as archived", f"{published} / {archived}"),
        ("starts that had a snapshot to read", sum(one.with_snapshot for one in series)),
        (
            "acknowledged and not found, found twice, torn, or found although archived",
            len(problems),
        ),
    ]
    return "\n\n".join([table(("what", "count"), rows), *problems[:20]])


def _series(kills: int, seed: int) -> Series:
    chance, so_far = random.Random(seed), Series()
    with tempfile.TemporaryDirectory() as name, embedded_server(Path(name) / "postgres") as url:
        migrate(url)
        asyncio.run(_staff(url))
        settings = {
            **SECRETS,
            "DATABASE_URL": url,
            "DEMONSTRATION": "false",
            "FAILED_LOGINS_PER_MINUTE": "1000",
            "STAFF_REQUESTS_PER_MINUTE": "1000000",
        }
        for number in range(kills + 1):
            so_far.with_snapshot += any((Path(name) / "var" / "index").glob("[0-9]*"))
            served = start(Path(name) / "var", settings, "api")
            served.wait_until(lambda served=served: _ready(served))  # type: ignore[misc]
            so_far.problems += _look(served, url, so_far.said, None if number == kills else chance)
            if number == kills:
                served.stop()
                break
            _work_until_killed(served, so_far.said, chance.uniform(0.2, LONGEST_S), number)
            so_far.kills += 1
    return so_far


def _work_until_killed(served: Served, said: Acknowledged, seconds: float, cycle: int) -> None:
    stop = Event()
    with ThreadPoolExecutor(3) as pool:
        jobs = [
            pool.submit(_quietly, work, served.url, said, stop, cycle)
            for work in (_publish, _publish_more, _import)
        ]
        time.sleep(seconds)
        served.process.kill()
        served.process.wait()
        stop.set()
        for job in jobs:
            job.result()


def _quietly(work: Callable[..., None], *given: object) -> None:
    """A request that the kill cuts off is no answer."""
    with contextlib.suppress(httpx.TransportError):
        work(*given)


def _publish(url: str, said: Acknowledged, stop: Event, cycle: int, name: str = "a") -> None:
    with (
        _signed_in(url, "knowledge_manager") as manager,
        _signed_in(url, "supervisor") as supervisor,
    ):
        number = 0
        while not stop.is_set():
            number += 1
            word = f"zq{name}{cycle}x{number}"
            content = {
                "slug": word,
                "language": "en",
                "title": f"Notice {word}",
                "body": f"The notice {word} says one thing.\n\n## More\n\nAnd another about {word}.",
                "questions": [f"what is {word}"],
            }
            path = f"/v1/knowledge/articles/{_ok(manager.post('/v1/knowledge/articles', json=content))['id']}"
            _ok(manager.post(f"{path}/submit"))
            _ok(supervisor.post(f"{path}/approve"))
            _ok(manager.post(f"{path}/publish"))
            said.published[word] = word
            if number % ARCHIVED_EVERY == 0:
                said.uncertain.add(word)
                _ok(manager.post(f"{path}/archive"))
                said.archived[word] = said.published.pop(word)


def _publish_more(url: str, said: Acknowledged, stop: Event, cycle: int) -> None:
    _publish(url, said, stop, cycle, "b")


def _import(url: str, said: Acknowledged, stop: Event, cycle: int) -> None:
    with (
        _signed_in(url, "knowledge_manager") as manager,
        _signed_in(url, "supervisor") as supervisor,
    ):
        number = 0
        while not stop.is_set():
            number += 1
            words = [f"zqi{cycle}x{number}x{place}" for place in range(IN_ARCHIVE)]
            form = {"file": (f"{cycle}-{number}.zip", _archive(words))}
            job = _ok(manager.post("/v1/knowledge/imports", files=form, data={"submit": "true"}))[
                "job_id"
            ]
            while _ok(manager.get(f"/v1/jobs/{job}"))["state"] not in ("done", "failed"):
                stop.wait(0.02)
            for article in _ok(supervisor.post(f"/v1/knowledge/imports/{job}/approve"))["items"]:
                said.published[article["title"].split()[1]] = article["slug"]


def _look(served: Served, url: str, said: Acknowledged, chance: random.Random | None) -> list[str]:
    """What is missing, double or torn after a start; of earlier articles only some when `chance` picks them."""
    problems = []
    with psycopg.connect(libpq_url(url)) as connection:
        for what, query in (("torn articles", TORN), ("passages of unpublished articles", LEFT)):
            if count := (connection.execute(query).fetchone() or (0,))[0]:
                problems.append(f"{count} {what}")
    with _signed_in(served.url, "knowledge_manager") as http:
        _slugs(http, "first")  # loads the encoder: work begins with the next request
        words = list(said.published)
        new, old = words[said.looked :], words[: said.looked]
        said.looked = len(words)
        for word in new + (
            old if chance is None else chance.sample(old, min(LOOKED_AGAIN, len(old)))
        ):
            slug = said.published[word]
            found = _slugs(http, word)
            if word not in said.uncertain and (found[:1] != [slug] or found.count(slug) != 1):
                problems.append(f"{word}: {found[:3]}")
        problems += [
            f"{word} is archived and found"
            for word, slug in said.archived.items()
            if slug in _slugs(http, word)
        ]
    return problems


def _slugs(http: httpx.Client, word: str) -> list[str]:
    results = _ok(
        http.post(
            "/v1/knowledge/search", json={"query": f"notice {word}", "language": "en", "limit": 50}
        )
    )
    return [result["slug"] for result in results["results"]]


def _archive(words: list[str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for word in words:
            archive.writestr(
                f"{word}.md", f"# Notice {word}\n\nThe notice {word} came in an archive."
            )
    return buffer.getvalue()


def _signed_in(url: str, role: str) -> httpx.Client:
    token = _ok(
        httpx.post(
            f"{url}/v1/auth/token", json={"email": f"{role}@bank.example", "password": PASSWORD}
        )
    )
    return httpx.Client(
        base_url=url, headers={"Authorization": f"Bearer {token['access_token']}"}, timeout=30
    )


def _ok(answer: httpx.Response) -> Any:
    answer.raise_for_status()
    return answer.json()


def _ready(served: Served) -> bool:
    return bool(
        httpx.get(f"{served.url}/readyz", timeout=5).json()["components"]["index"] == "ready"
    )


async def _staff(url: str) -> None:
    database = Database(url, 1)
    async with database.transaction() as session:
        for role in ("knowledge_manager", "supervisor"):
            await add_staff(
                session,
                System("bench"),
                email=f"{role}@bank.example",
                name=role,
                role=role,
                password=PASSWORD,
                languages=["en"],
            )
    await database.close()
