"""Connectors: a folder of files, a REST API that describes itself by OpenAPI, and views of our own database.

Each gives rows of a type in order, with where reading would go on. None decides anything about a row.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol
from urllib.parse import urljoin, urlsplit

import httpx
from psycopg import sql
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential_jitter,
)

from actions.customers.sources.records import TYPES, RecordType
from core.database import Database
from core.errors import Invalid, Unavailable
from core.validation import field_errors

TIMEOUT_S, ATTEMPTS, LONGEST_PAUSE_S = 10.0, 4, 5.0
FAILURES_TO_OPEN, OPEN_FOR_S = 5, 60.0
PAGE, MAX_PAGES = 500, 100_000
_SINCE = ("since", "updated_since", "modified_since", "changed_since")
_CURSOR = ("cursor", "page_token", "after")
_breakers = AsyncCircuitBreakerFactory(default_threshold=FAILURES_TO_OPEN, default_ttl=OPEN_FOR_S)


class FileDrop(BaseModel):
    """A folder below the sources' folder with person.csv, account.jsonl and so on."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["file"]
    folder: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", max_length=60)]


class RestApi(BaseModel):
    """An API by its description; for each type the operation that lists its rows."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["rest"]
    openapi: Annotated[str, StringConstraints(pattern=r"^https?://", max_length=500)]
    operations: dict[RecordType, Annotated[str, StringConstraints(min_length=1, max_length=100)]]


class OwnDatabase(BaseModel):
    """Views of our own database, by type, in the schema `sources`; each has the columns of its form, and `as_of`."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["database"]
    views: dict[
        RecordType, Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
    ]


ConnectorConfig = Annotated[FileDrop | RestApi | OwnDatabase, Field(discriminator="type")]
_CONFIG: TypeAdapter[FileDrop | RestApi | OwnDatabase] = TypeAdapter(ConnectorConfig)


@dataclass(frozen=True)
class Row:
    """A row as it came, with its line or place."""

    type: RecordType
    line: int
    values: dict[str, Any]


class Connector(Protocol):
    """Reads a source."""

    def rows(self, cursor: str | None) -> AsyncIterator[Row]:
        """Rows since a cursor, people before what belongs to them; Unavailable where the source does not answer."""
        ...

    async def end(self, cursor: str | None) -> str | None:
        """The cursor from which the next load goes on, asked for after the rows."""
        ...


def config_of(content: dict[str, Any]) -> FileDrop | RestApi | OwnDatabase:
    """A connector's settings, checked."""
    try:
        return _CONFIG.validate_python(content)
    except ValidationError as error:
        raise Invalid("connector.invalid", errors=field_errors(error.errors())) from error


class Files:
    """A folder of CSV (with a header) and JSONL files; a folder that did not change since has nothing new."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def rows(self, cursor: str | None) -> AsyncIterator[Row]:
        """Every row, unless nothing changed."""
        if not self._folder.is_dir():
            raise Unavailable("connector.folder_missing", folder=self._folder.name)
        if cursor is not None and cursor == self._digest():
            return
        for kind in TYPES:
            for path in self._files(kind):
                for line, values in _jsonl(path) if path.suffix == ".jsonl" else _csv(path):
                    yield Row(kind, line, values)

    async def end(self, cursor: str | None) -> str | None:
        """The files' digest."""
        return self._digest()

    def _files(self, kind: RecordType) -> list[Path]:
        return sorted(
            path for suffix in ("csv", "jsonl") for path in self._folder.glob(f"{kind}*.{suffix}")
        )

    def _digest(self) -> str:
        digest = hashlib.sha256()
        for kind in TYPES:
            for path in self._files(kind):
                digest.update(path.name.encode())
                with path.open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()


def _csv(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, values in enumerate(csv.DictReader(file), start=2):
            surplus = values.pop(None, None)  # what the header has no name for
            yield number, values | ({"surplus": surplus} if surplus else {})


def _jsonl(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                try:
                    values = json.loads(line)
                except ValueError:
                    values = None
                yield (
                    number,
                    values if isinstance(values, dict) else {"unreadable": line.strip()[:80]},
                )


class Rest:
    """An API: what its description calls the operations, page by page, with retries and a circuit breaker."""

    def __init__(self, config: RestApi, hosts: list[str], token: str | None) -> None:
        host = urlsplit(config.openapi).hostname
        if host not in hosts:
            raise Invalid.field("connector.openapi", "connector.host_not_permitted", host=str(host))
        self._config, self._hosts = config, hosts
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._newest: str | None = None

    async def rows(self, cursor: str | None) -> AsyncIterator[Row]:
        """Rows changed since the cursor."""
        async with httpx.AsyncClient(
            timeout=TIMEOUT_S, headers=self._headers, follow_redirects=False
        ) as http:
            described = await self._get(http, self._config.openapi, {})
            base = urljoin(
                self._config.openapi, str((described.get("servers") or [{"url": "/"}])[0]["url"])
            )
            if urlsplit(base).hostname not in self._hosts:
                raise Unavailable("connector.server_not_permitted")
            for kind in TYPES:
                if kind in self._config.operations:
                    path, names = operation(described, self._config.operations[kind])
                    async for row in self._pages(
                        http, f"{base.rstrip('/')}{path}", names, kind, cursor
                    ):
                        yield row

    async def end(self, cursor: str | None) -> str | None:
        """The newest `as_of` that was seen."""
        return self._newest or cursor

    async def _pages(
        self,
        http: httpx.AsyncClient,
        url: str,
        names: dict[str, str],
        kind: RecordType,
        cursor: str | None,
    ) -> AsyncIterator[Row]:
        parameters: dict[str, str] = {names["since"]: cursor} if cursor and "since" in names else {}
        line = 0
        for _ in range(MAX_PAGES):
            page = await self._get(http, url, parameters)
            items = page if isinstance(page, list) else page.get("items", [])
            for values in items:
                line += 1
                self._newest = max(self._newest or "", str(values.get("as_of") or "")) or None
                yield Row(
                    kind,
                    line,
                    values if isinstance(values, dict) else {"unreadable": str(values)[:80]},
                )
            following = None if isinstance(page, list) else page.get("next_cursor")
            if not following or "cursor" not in names:
                return
            parameters[names["cursor"]] = str(following)

    async def _get(self, http: httpx.AsyncClient, url: str, parameters: dict[str, str]) -> Any:
        try:
            async with await _breakers.get_breaker(str(urlsplit(url).netloc)):
                async for attempt in AsyncRetrying(
                    stop=stop_after_attempt(ATTEMPTS),
                    wait=wait_exponential_jitter(0.1, LONGEST_PAUSE_S),
                    reraise=True,
                    retry=retry_if_exception_type((httpx.TransportError, _Again)),
                ):
                    with attempt:
                        return await self._once(http, url, parameters)
        except (httpx.HTTPError, OpenedState, ValueError, _Again) as error:
            raise Unavailable(
                "connector.unexpected_response", error=type(error).__name__
            ) from error

    async def _once(self, http: httpx.AsyncClient, url: str, parameters: dict[str, str]) -> Any:
        answer = await http.get(url, params=parameters)
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
            raise _Again(answer.status_code)
        answer.raise_for_status()
        return answer.json()


class _Again(Exception):
    """An answer that may be another one a moment later."""


def operation(described: dict[str, Any], name: str) -> tuple[str, dict[str, str]]:
    """Path of an operation and what it calls `since` and `cursor`; Unavailable when the description has no such operation."""
    for path, methods in (described.get("paths") or {}).items():
        get_operation = methods.get("get") if isinstance(methods, dict) else None
        if get_operation and get_operation.get("operationId") == name:
            query_parameters = [
                p.get("name")
                for p in [*methods.get("parameters", []), *get_operation.get("parameters", [])]
                if p.get("in") == "query"
            ]
            names = {"since": _SINCE, "cursor": _CURSOR}
            return path, {
                ours: next(n for n in theirs if n in query_parameters)
                for ours, theirs in names.items()
                if {*theirs} & {*query_parameters}
            }
    raise Unavailable("connector.operation_missing", name=name)


class Views:
    """Views of our own database, read by `as_of` and key."""

    def __init__(self, database: Database, config: OwnDatabase) -> None:
        self._database, self._config = database, config
        self._newest: str | None = None

    async def rows(self, cursor: str | None) -> AsyncIterator[Row]:
        """Rows that are newer than the cursor."""
        for kind in TYPES:
            if kind in self._config.views:
                async with self._database.transaction() as session:
                    async for row in self._view(session, kind, self._config.views[kind], cursor):
                        yield row

    async def end(self, cursor: str | None) -> str | None:
        """The newest `as_of` that was seen."""
        return self._newest or cursor

    async def _view(
        self, session: AsyncSession, kind: RecordType, view: str, cursor: str | None
    ) -> AsyncIterator[Row]:
        name = sql.Identifier("sources", view).as_string(None)
        newer = "where as_of > cast(:cursor as timestamptz)" if cursor else ""
        streamed = await session.stream(
            text(f"select to_jsonb(v) from {name} v {newer} order by as_of, key"),  # noqa: S608  (a quoted identifier)
            {"cursor": cursor} if cursor else {},
        )
        line = 0
        async for (values,) in streamed:
            line += 1
            self._newest = max(self._newest or "", str(values.get("as_of") or "")) or None
            yield Row(kind, line, values)
