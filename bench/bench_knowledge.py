"""`make bench-knowledge`: a large knowledge base, both engines, ingestion, and being killed. Writes docs/measurements.md.

Ratios are taken within one run on one machine. Parts can be named: `python -m bench.bench_knowledge ingestion`.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import faiss
import httpx
import numpy as np
import psutil
import psycopg
from numpy.typing import NDArray
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncSession

from bench.generated import Material, fill, material, mixtures
from bench.kill_knowledge import measure_kills
from bench.knowledge import banking_questions
from bench.report import table, write_section
from bench.service import start
from core.accounts import add_api_key
from core.clock import utc_now
from core.database import Database, libpq_url
from core.embedded import embedded_server
from core.identity import System
from core.jobs import Job
from core.schema import migrate
from core.settings import Settings
from knowledge_base.catalogue import Filter
from knowledge_base.encoder import Encoder
from knowledge_base.engines import PgVector
from knowledge_base.imports.console import CONSOLE, import_at_console
from knowledge_base.replica import Replica
from knowledge_base.search import KnowledgeSearch

SIZES = (100_000, 1_000_000)
GOALS = {
    100_000: (2.5, 1.3),
    1_000_000: (4.0, 0.5),
}  # p95 in bare encodings, memory in raw float32 vectors
QUESTIONS, WARM = 240, 40
RECALLED = 10
REPEATED = 3
CLIENTS, CONCURRENT_S = 32, 12.0
DOCUMENTS, SENTENCES = 2_000, 14
SECRETS = dict.fromkeys(("STAFF_TOKEN_SECRET", "IDENTITY_TOKEN_SECRET", "RASA_TOKEN"), "b" * 40)
Rows = list[tuple[object, ...]]


async def main(parts: list[str]) -> None:
    """Measure the parts that were asked for."""
    encoder = Encoder()
    with encoder.every_core():
        sources = await material(encoder)
        texts = [question.text for question in banking_questions(measured=False)[: 2 * QUESTIONS]]
        queries = await encoder.encode_all(texts)
    measures: dict[str, Callable[[], Awaitable[str]]] = {
        "layouts": lambda: asyncio.to_thread(layouts, sources, queries),
        "scale": lambda: scale(encoder, sources, texts, queries),
        "engines": lambda: engines(encoder, sources, queries),
        "ingestion": lambda: ingestion(encoder, sources),
        "kills": lambda: asyncio.to_thread(measure_kills),
    }
    for name in parts or measures:
        text = await measures[name]()
        print(text, flush=True)
        write_section(f"knowledge-{name}", text)
    encoder.close()


def layouts(sources: list[Material], queries: NDArray[np.float32]) -> str:
    """FAISS layouts over 100,000 generated vectors: what each costs."""
    vectors = generated_vectors(sources, SIZES[0])
    _, exact = exact_index(vectors).search(queries[:QUESTIONS], RECALLED)
    rows: Rows = []
    for code in ("Flat", "HNSW16,SQ8", "HNSW32,Flat", "IVF632,Flat", "IVF632,SQ8", "IVF632,PQ96"):
        began = time.perf_counter()
        index: Any = faiss.index_factory(vectors.shape[1], code, faiss.METRIC_INNER_PRODUCT)
        index.train(vectors)
        index.add(vectors)
        built = time.perf_counter() - began
        for name, value in (("hnsw", 160), ("nprobe", 32)):
            if name == "nprobe" and "IVF" in code:
                index.nprobe = value
            elif name == "hnsw" and "HNSW" in code:
                index.hnsw.efSearch = value
        faiss.omp_set_num_threads(1)
        began = time.perf_counter()
        found = [index.search(query[None], 160)[1][0, :RECALLED] for query in queries[:QUESTIONS]]
        each = (time.perf_counter() - began) / QUESTIONS
        faiss.omp_set_num_threads(psutil.cpu_count() or 1)
        size = len(faiss.serialize_index(index)) / vectors.nbytes
        rows.append(
            (
                code,
                f"{built:.1f} s",
                f"{1000 * each:.2f} ms",
                f"{recall(found, exact):.3f}",
                f"{size:.2f}",
            )
        )
    return table(
        ("layout", "build, 2 cores", "a search of 160, 1 core", "recall@10", "size, of float32"),
        rows,
    )


async def scale(
    encoder: Encoder, sources: list[Material], texts: list[str], queries: NDArray[np.float32]
) -> str:
    """Both sizes: latency through HTTP, recall, memory, snapshot, concurrency."""
    rows: Rows = []
    for size in SIZES:
        with filled(encoder, sources, size) as (url, folder):
            replica_figures = await measure_replica(encoder, url, folder, queries)
            served = await asyncio.to_thread(measure_http, encoder, url, folder, texts)
        rows += [(f"{size:,}", *row) for row in (*served, *replica_figures)]
        print(table(("passages", "what", "measured", "goal"), rows), flush=True)
    return table(("passages", "what", "measured", "goal"), rows)


async def measure_replica(
    encoder: Encoder, url: str, folder: Path, queries: NDArray[np.float32]
) -> Rows:
    """Building, snapshot, memory and recall of the index in a process."""
    database = Database(url, 2)
    replica, built = await _started(encoder, database, folder / "index")
    began = time.perf_counter()
    await replica.keep()
    kept = time.perf_counter() - began
    again, loaded = await _started(encoder, database, folder / "index")
    again.close()
    index = replica.index
    raw = 4 * encoder.dimensions * len(index)
    search = KnowledgeSearch(replica)
    async with database.transaction() as session:
        anything = Filter(("public",), None, utc_now())
        found = [
            await search.engine.nearest(session, index, q, anything, RECALLED)
            for q in queries[:QUESTIONS]
        ]
    exact = exact_rows(url, index.ids, queries[:QUESTIONS])
    words = sum(lexical.byte_size for lexical in index.lexical.values())
    others = index.ids.nbytes + index.owner.nbytes + index.spans.nbytes
    recall_goal, (_, memory_goal) = 0.98, GOALS[len(index)]
    figures: Rows = [
        (
            f"recall@10 ({index.searchable_vectors.layout}, {index.searchable_vectors.probes} lists read)",
            f"{recall(found, exact):.3f}",
            f"≥ {recall_goal}",
        ),
        (
            "memory of the vector index, of raw float32",
            f"{index.searchable_vectors.byte_size / raw:.2f}",
            f"≤ {memory_goal}",
        ),
        (
            "words, row numbers and spans beside it, of raw float32",
            f"{(words + others) / raw:.2f}",
            "",
        ),
        (
            "built from PostgreSQL / loaded from the snapshot",
            f"{built:.1f} s / {loaded:.1f} s = {built / loaded:.1f} ×",
            "≥ 10 ×",
        ),
        ("snapshot written, searches going on", f"{kept:.1f} s", ""),
    ]
    replica.close()
    await database.close()
    gc.collect()
    return figures


async def _started(encoder: Encoder, database: Database, folder: Path) -> tuple[Replica, float]:
    replica = Replica(encoder, database, folder)
    began = time.perf_counter()
    async with database.transaction() as session:
        await replica.refresh(session)
    return replica, time.perf_counter() - began


def measure_http(encoder: Encoder, url: str, folder: Path, texts: list[str]) -> Rows:
    """Searches through HTTP beside bare encodings of the same questions, then many clients at once."""
    key = asyncio.run(_api_key(url))
    settings = {
        **SECRETS,
        "DATABASE_URL": url,
        "DEMONSTRATION": "false",
        "API_KEY_REQUESTS_PER_MINUTE": "1000000",
    }
    served = start(folder, settings, "api")
    try:
        ready = served.wait_until(lambda: _index_ready(served.url), 600)
        memory = psutil.Process(served.process.pid).memory_info().rss / 2**20
        http = HTTPConnection("127.0.0.1", served.port, timeout=60)
        for text in texts[:WARM]:
            _search(http, key, f"{text} please")
        encoded, searched = _side_by_side(encoder, http, key, texts[:QUESTIONS])
        one = QUESTIONS / sum(searched)
        many = _throughput(served.port, key, texts[QUESTIONS:])
    finally:
        served.stop()
    ratios = np.asarray(searched) / np.asarray(encoded)
    goal = GOALS[_size_of(url)][0]
    return [
        ("search through HTTP, p50 / p95", _milliseconds(searched), ""),
        ("bare encoding of the same questions, p50 / p95", _milliseconds(encoded), ""),
        ("a search in bare encodings of its question, p50", f"{np.median(ratios):.2f}", ""),
        ("the same, p95", f"{np.percentile(ratios, 95):.2f}", f"≤ {goal}"),
        (
            "p95 of the searches / p50 of the encodings",
            f"{np.percentile(searched, 95) / np.median(encoded):.2f}",
            "",
        ),
        (
            f"{CLIENTS} clients at once / one by one",
            f"{many:.0f} / {one:.0f} a second = {many / one:.1f} ×",
            "≥ 2 ×",
        ),
        (
            "start to index ready, with the snapshot; memory of the process",
            f"{ready:.0f} s; {memory:,.0f} MiB",
            "",
        ),
    ]


def _side_by_side(
    encoder: Encoder, http: HTTPConnection, key: str, texts: list[str]
) -> tuple[list[float], list[float]]:
    """Seconds of encoding each question (the middle one of three times) and of searching for it."""
    encoded, searched = [], []
    for text in texts:
        moments = [time.perf_counter()]
        for _ in range(REPEATED):
            encoder._encode([text])
            moments.append(time.perf_counter())
        _search(http, key, text)
        searched.append(time.perf_counter() - moments[-1])
        encoded.append(float(np.median(np.diff(moments))))
    return encoded, searched


def _milliseconds(seconds: list[float]) -> str:
    p50, p95 = (1000 * float(np.percentile(seconds, p)) for p in (50, 95))
    return f"{p50:.0f} / {p95:.0f} ms"


def _throughput(port: int, key: str, texts: list[str]) -> float:
    """Searches a second of many clients; each asks what nobody asked before."""
    ends = time.perf_counter() + CONCURRENT_S

    def ask(client: int) -> int:
        count, http = 0, HTTPConnection("127.0.0.1", port, timeout=60)
        while time.perf_counter() < ends:
            _search(http, key, f"{texts[(client * 7 + count) % len(texts)]} {client} {count}")
            count += 1
        return count

    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        total = sum(pool.map(ask, range(CLIENTS)))
    return total / (time.perf_counter() - began)


async def engines(encoder: Encoder, sources: list[Material], queries: NDArray[np.float32]) -> str:
    """FAISS and pgvector over the same 100,000 passages."""
    rows: Rows = []
    with filled(encoder, sources, SIZES[0]) as (url, _):
        for name, in_memory in (("FAISS", True), ("pgvector", False)):
            rows.append(
                (name, *await _engine_figures(encoder, url, in_memory, queries[:QUESTIONS]))
            )
    head = (
        "engine",
        "build",
        "a search of 160, p50",
        "p95",
        "recall@10",
        "memory or disk, of float32",
    )
    return table(head, rows)


async def _engine_figures(
    encoder: Encoder, url: str, in_memory: bool, queries: NDArray[np.float32]
) -> tuple[object, ...]:
    database = Database(url, 2)
    replica = Replica(encoder, database, holds_vectors=in_memory)
    search = KnowledgeSearch(replica, None if in_memory else PgVector(replica.run))
    allowed = Filter(("public",), None, utc_now())
    began = time.perf_counter()
    async with database.transaction() as session:
        await search.refresh(session)
    built = time.perf_counter() - began
    took, found = [], []
    async with database.transaction() as session:
        for query in queries:
            began = time.perf_counter()
            near = await search.engine.nearest(session, search.index, query, allowed, 160)
            took.append(time.perf_counter() - began)
            found.append(near[:RECALLED])
        size = (
            search.index.searchable_vectors.byte_size if in_memory else await _graph_size(session)
        )
    exact = exact_rows(url, search.index.ids, queries)
    p50, p95 = (1000 * float(np.percentile(took, p)) for p in (50, 95))
    share = size / (4 * encoder.dimensions * len(search.index))
    search.close()
    await database.close()
    return (
        f"{built:.0f} s",
        f"{p50:.1f} ms",
        f"{p95:.1f} ms",
        f"{recall(found, exact):.3f}",
        f"{share:.2f}",
    )


async def ingestion(encoder: Encoder, sources: list[Material]) -> str:
    """Importing and publishing documents beside the bare encoder, and importing them again."""
    with tempfile.TemporaryDirectory() as name, embedded_server(Path(name) / "postgres") as url:
        folder = Path(name)
        migrate(url)
        await asyncio.to_thread(write_documents, folder / "documents", sources[0])
        database = Database(url, 4)
        settings = Settings(var_dir=folder, demonstration=False, database_url=url)
        first, imported = await _import(database, settings, folder / "documents")
        again, _ = await _import(database, settings, folder / "documents")
        with psycopg.connect(libpq_url(url)) as connection:
            texts = [
                f"{row[0]}. {row[1]}" if row[2] == "passage" else row[1]
                for row in connection.execute(
                    "select heading_path, text, kind from passages order by id"
                ).fetchall()
            ]
        began = time.perf_counter()
        await encoder.encode_all(texts)
        bare = time.perf_counter() - began
        await database.close()
    rows: Rows = [
        (
            f"{imported:,} documents, {len(texts):,} passages and titles, published",
            f"{first:.0f} s = {imported / first:.0f} a second",
            "",
        ),
        ("the bare encoder, the same texts and threads", f"{bare:.0f} s", ""),
        ("rate of the import, of the bare encoder's", f"{bare / first:.2f}", "≥ 0.85"),
        ("the same import again", f"{again:.1f} s = {first / again:.0f} × faster", "≥ 20 ×"),
    ]
    return table(("what", "measured", "goal"), rows)


async def _import(database: Database, settings: Settings, path: Path) -> tuple[float, int]:
    began = time.perf_counter()
    job: Job = await import_at_console(database, settings, str(path), {"publish": True})
    took = time.perf_counter() - began
    if job.error or job.done != DOCUMENTS or job.owner != f"system:{CONSOLE.name}":
        raise RuntimeError(f"the import is not whole: {job.done} of {DOCUMENTS}, {job.error}")
    return took, job.done


def write_documents(folder: Path, source: Material) -> None:
    """Markdown files of a page each, from sentences of the demonstration in a new order."""
    folder.mkdir()
    random = np.random.default_rng(5)
    texts = [draft.text for draft in source.drafts if draft.kind == "passage"]
    for number in range(DOCUMENTS):
        chosen = [texts[i] for i in random.integers(0, len(texts), SENTENCES // 4)]
        sections = [
            f"## Part {place} of {number}\n\n{text}" for place, text in enumerate(chosen, start=1)
        ]
        body = "\n\n".join([f"# Notice {number}", *sections])
        (folder / f"notice-{number:05}.md").write_text(body, encoding="utf-8")


@contextmanager
def filled(encoder: Encoder, sources: list[Material], size: int) -> Iterator[tuple[str, Path]]:
    """A database with so many published passages."""
    with tempfile.TemporaryDirectory() as name, embedded_server(Path(name) / "postgres") as url:
        migrate(url)
        began = time.perf_counter()
        fill(libpq_url(url), encoder.name, sources, size)
        print(
            f"{size:,} passages in PostgreSQL after {time.perf_counter() - began:.0f} s", flush=True
        )
        yield url, Path(name)


def exact_rows(url: str, ids: NDArray[np.int64], queries: NDArray[np.float32]) -> NDArray[np.int64]:
    """The truly nearest rows, from the vectors in PostgreSQL."""
    order = np.argsort(ids)
    with (
        psycopg.connect(libpq_url(url)) as connection,
        connection.cursor("vectors", binary=True) as cursor,
    ):
        cursor.itersize = 20_000
        cursor.execute("select passage_id, vector from passage_vectors")
        best_scores = np.full((len(queries), RECALLED), -2, np.float32)
        best_ids = np.zeros((len(queries), RECALLED), np.int64)
        while rows := cursor.fetchmany(20_000):
            vectors = np.frombuffer(b"".join(row[1] for row in rows), np.float32).reshape(
                len(rows), -1
            )
            scores = np.hstack([best_scores, queries @ vectors.T])
            candidates = np.hstack([best_ids, np.tile([row[0] for row in rows], (len(queries), 1))])
            top = np.argpartition(-scores, RECALLED, axis=1)[:, :RECALLED]
            best_scores = np.take_along_axis(scores, top, axis=1)
            best_ids = np.take_along_axis(candidates, top, axis=1)
    return np.asarray(order[np.searchsorted(ids[order], best_ids)], np.int64)


def exact_index(vectors: NDArray[np.float32]) -> faiss.IndexFlatIP:
    """An exhaustive search."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return index


def generated_vectors(sources: list[Material], count: int) -> NDArray[np.float32]:
    """Vectors as `fill` writes them."""
    random = np.random.default_rng(1)
    halves = [
        np.stack([v for _, v in mixtures(source, count // len(sources), random)])
        for source in sources
    ]
    return np.concatenate(halves)


def recall(found: list[NDArray[np.int64]], exact: NDArray[np.int64]) -> float:
    """Mean share of the truly nearest among the found."""
    pairs = zip(found, exact.tolist(), strict=True)
    return float(np.mean([len(set(a.tolist()) & set(b)) / len(b) for a, b in pairs]))


def _search(http: HTTPConnection, key: str, text: str) -> None:
    """With the lightest client at hand: it runs on the same cores."""
    body = json.dumps({"query": text, "language": "en"})
    http.request(
        "POST",
        "/v1/knowledge/search",
        body,
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    answer = http.getresponse()
    if (said := answer.read()) and answer.status != HTTPStatus.OK:
        raise RuntimeError(said.decode())


def _index_ready(url: str) -> bool:
    return bool(httpx.get(f"{url}/readyz", timeout=5).json()["components"]["index"] == "ready")


def _size_of(url: str) -> int:
    with psycopg.connect(libpq_url(url)) as connection:
        return int(str((connection.execute("select count(*) from passages").fetchone() or (0,))[0]))


async def _graph_size(session: AsyncSession) -> int:
    size = "select sum(pg_total_relation_size(c.oid)) from pg_class c join pg_namespace n on n.oid = c.relnamespace "
    return int(
        await session.scalar(sql(f"{size} where nspname = 'vector_engine' and relkind = 'r'")) or 0
    )


async def _api_key(url: str) -> str:
    database = Database(url, 1)
    async with database.transaction() as session:
        key = await add_api_key(session, System("bench"), "bench", frozenset({"knowledge:read"}))
    await database.close()
    return key


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
