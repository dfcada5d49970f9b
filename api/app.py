"""The application: routes, middleware, problem documents, and what starts and stops with the process."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from actions.tickets.ticket_config.service import load_ticket_config
from api import problems
from api.container import Container
from api.middleware import Surroundings
from api.routers import (
    administration,
    analytics,
    articles,
    auth,
    complaints,
    compliance,
    conversations,
    copilot,
    curation,
    customers,
    desk,
    exchange_rates,
    flows,
    knowledge,
    kyc,
    leads,
    marketing,
    monitoring,
    nlu,
    operation,
    pages,
    recommendations,
    root_causes,
    scheduled_tasks,
    services,
    sources,
    ticket_config,
    tickets,
    workforce,
)
from knowledge_base.replica import following

CALLED: dict[str, Any] = {"title": "Bank assistant", "version": "1.0"}
FORM_OVERHEAD = 10_000  # bytes of a form around its file
log = structlog.get_logger(__name__)


def create_app(parts: Container) -> FastAPI:
    """The application around a container."""
    app = FastAPI(**CALLED, lifespan=_life, docs_url=None, redoc_url=None)
    app.state.container = parts
    problems.install(app)
    app.add_middleware(
        Surroundings,
        max_body_bytes=parts.settings.max_body_bytes,
        frame_ancestors=parts.settings.frame_ancestors,
        larger=_larger(parts),
    )
    if parts.settings.widget_origins:
        # A conversation's token is sent as a header; the staff's cookie is never let through to another site.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=parts.settings.widget_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
            max_age=600,
        )
    return include_routers(app)


def include_routers(app: FastAPI) -> FastAPI:
    """Every route, in the order in which paths are tried."""
    for part in (
        operation,
        auth,
        conversations,
        nlu,
        knowledge,
        curation,
        articles,
        root_causes,
        desk,
        tickets,
        services,
        complaints,
        ticket_config,
        flows,
        workforce,
        recommendations,
        sources,
        customers,
        marketing,
        leads,
        exchange_rates,
        compliance,
        kyc,
        monitoring,
        copilot,
        analytics,
        administration,
        scheduled_tasks,
        pages,
    ):
        app.include_router(part.router)
    return app


def _larger(parts: Container) -> list[tuple[str, int]]:
    """Patterns of paths that take files, and the most bytes of a request there."""
    settings = parts.settings
    attached = settings.max_attachment_bytes + FORM_OVERHEAD
    return [
        ("/v1/knowledge/imports", settings.max_import_bytes + FORM_OVERHEAD),
        (r"/v1/compliance/watchlists/[^/]+", settings.max_import_bytes + FORM_OVERHEAD),
        ("/v1/tickets/imports", attached),
        (r"/v1/tickets/[^/]+/attachments", attached),
        (r"/v1/conversations/[^/]+/files", attached),
    ]


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    parts: Container = app.state.container
    parts.hub.start()
    if parts.settings.worker_in_api:
        parts.worker.start()
    warming = asyncio.create_task(warm(parts), name="warming")
    if parts.supervisor is not None:
        parts.supervisor.start()
    try:
        async with following(parts.search.replica):
            yield
    finally:
        warming.cancel()
        await parts.hub.stop()
        if parts.supervisor is not None:
            await parts.supervisor.stop()
        else:
            await parts.rasa.close()
        await parts.worker.close()
        parts.search.close()
        if parts.search.phraser is not None:
            await parts.search.phraser.close()
        parts.search.encoder.close()
        await parts.database.close()


async def warm(parts: Container) -> None:
    """Load the encoder, the index and what reads messages before the first customer needs them; then the watchlist, which is long."""
    await parts.search.encoder.warm()
    async with parts.database.transaction() as session:
        await parts.search.refresh(session)
        await parts.understander.services.refresh(await load_ticket_config(session))
    await parts.understander.warm(parts.settings.var_dir / "models")
    parts.warmed.set()
    async with parts.database.transaction() as session:
        await parts.watchlist.refresh(session)
    gc.collect()
    gc.freeze()  # what was loaded stays as long as the process: the collector need not walk through it again and again
    log.info("warm", entries=len(parts.search.index))
