"""Health, readiness, metrics."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from api.container import Container
from api.dependencies import ContainerDep
from api.middleware import REGISTRY

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


def _index(parts: Container) -> str:
    if parts.search.index.revision < 0 or not parts.warmed.is_set():
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
