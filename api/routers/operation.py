"""Health, readiness, metrics, and the endpoint where Rasa runs our actions."""

from __future__ import annotations

import hmac
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from actions.dialogue.turn import current_turn
from api.container import Container
from api.dependencies import ContainerDep
from api.middleware import REGISTRY
from assistant.turn import keep_memory, pending_turn
from core.clock import utc_now
from core.errors import NotAuthenticated, NotFound

router = APIRouter()


class Readiness(BaseModel):
    """Whether the service is whole; `degraded` still answers from the knowledge base."""

    status: str
    components: dict[str, str]


@router.get("/healthz", tags=["operation"])
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", tags=["operation"])
async def readyz(parts: ContainerDep, response: Response) -> Readiness:
    """What is up and what is degraded; 503 when the database is away."""
    components = {
        "database": await _database(parts),
        "rasa": await _rasa(parts),
        "index": _index(parts),
        "jobs": "ready" if parts.worker.working or not parts.settings.worker_in_api else "down",
    }
    if components["database"] != "ready":
        response.status_code = 503
        return Readiness(status="unavailable", components=components)
    whole = all(state == "ready" for state in components.values())
    return Readiness(status="ready" if whole else "degraded", components=components)


@router.get("/metrics", tags=["operation"])
async def metrics() -> Response:
    """Measurements in Prometheus' text format."""
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)


@router.post("/internal/actions", include_in_schema=False)
async def run_action(
    request: Request, parts: ContainerDep, authorization: Annotated[str, Header()] = ""
) -> dict[str, object]:
    """Run an action for Rasa in one transaction. Who speaks is read from the conversation, never from the request."""
    if not hmac.compare_digest(authorization, f"Bearer {parts.settings.secrets.action_token}"):
        raise NotAuthenticated
    call = {
        "domain": {},
        **await request.json(),
    }  # Rasa sends the domain to those actions only that ask for it
    conversation_id, message_id = _turn_ids(call)
    async with parts.database.transaction() as session:
        turn, conversation = await pending_turn(
            session, parts.services, conversation_id, message_id, utc_now()
        )
        token = current_turn.set(turn)
        try:
            result = await parts.executor.run(call)
        finally:
            current_turn.reset(token)
        keep_memory(conversation, turn)
    return result.model_dump() if result else {"events": [], "responses": []}


def _turn_ids(call: dict[str, Any]) -> tuple[UUID, UUID]:
    try:
        latest = call["tracker"]["latest_message"]
        return UUID(call["sender_id"]), UUID(latest["metadata"]["message_id"])
    except (KeyError, TypeError, ValueError) as error:
        raise NotFound("turn") from error


def _index(parts: Container) -> str:
    if parts.search.index.revision < 0:
        return "loading"
    return "changing encoder" if parts.search.replica.is_changing else "ready"


async def _database(parts: Container) -> str:
    try:
        await parts.database.ping()
    except Exception:  # whatever keeps it from answering, it is down
        return "down"
    return "ready"


async def _rasa(parts: Container) -> str:
    if (processes := parts.supervisor) is not None:
        if processes.state != "ready":
            return processes.state
        if processes.ready < len(processes):
            return f"{processes.ready} of {len(processes)} ready"
    return "ready" if await parts.rasa.ready() else "down"
