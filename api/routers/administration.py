"""Analytics, webhooks, the audit trail."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.dependencies import (
    BusinessDep,
    ContainerDep,
    IdempotencyKey,
    Listing,
    PageDep,
    SessionDep,
    StaffDep,
    once,
)
from core.audit import AuditEntry, readable_entries
from core.bounds import Code, ShortText
from core.localized_text import ShownJson
from core.paging import fetch_page
from core.webhooks import Webhook, add_webhook, remove_webhook, visible_webhooks

router = APIRouter(prefix="/v1", tags=["administration"])
DEFAULT_PERIOD = timedelta(days=30)


class WebhookNew(BaseModel):
    """An address that wants to hear of events; without `events` it hears of all."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"url": "https://hooks.example.com/bank", "events": ["ticket.created"]}]
        },
    )

    url: Annotated[str, StringConstraints(min_length=8, max_length=2000)]
    events: Annotated[list[Code], Field(max_length=50)] = []


class WebhookOut(BaseModel):
    """A webhook; the secret is shown when it is made only."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    url: str
    events: list[str]
    created_at: datetime


class WebhookMade(WebhookOut):
    """A new webhook with the secret that signs its deliveries (Standard Webhooks)."""

    secret: str


class AuditOut(BaseModel):
    """An entry of the audit trail."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: ShownJson
    hash: str


@router.get("/webhooks")
async def list_webhooks(
    who: BusinessDep, session: SessionDep, page: PageDep
) -> Listing[WebhookOut]:
    """Registered addresses."""
    rows_read, cursor = await fetch_page(
        session, visible_webhooks(who), page, Webhook.created_at, Webhook.id
    )
    return Listing(items=[WebhookOut.model_validate(w) for w in rows_read], next_cursor=cursor)


@router.post("/webhooks", status_code=201, response_model=WebhookMade)
async def create_webhook(
    new: WebhookNew,
    request: Request,
    parts: ContainerDep,
    who: BusinessDep,
    session: SessionDep,
    key: IdempotencyKey = None,
) -> JSONResponse:
    """Register an address."""

    async def create() -> WebhookMade:
        allowed = parts.settings.webhook_private_hosts
        return WebhookMade.model_validate(
            await add_webhook(session, who, new.url, new.events, private_allowed=allowed)
        )

    return await once(request, session, who, key, new, create)


@router.delete("/webhooks/{webhook_id}", status_code=204)
async def delete_webhook(webhook_id: UUID, who: BusinessDep, session: SessionDep) -> None:
    """Stop sending to an address."""
    await remove_webhook(session, who, webhook_id)


@router.get("/audit")
async def list_audit(
    who: StaffDep, session: SessionDep, page: PageDep, subject: ShortText | None = None
) -> Listing[AuditOut]:
    """The audit trail, newest first."""
    rows_read, cursor = await fetch_page(
        session, readable_entries(who, subject), page, AuditEntry.at, AuditEntry.id
    )
    return Listing(items=[AuditOut.model_validate(e) for e in rows_read], next_cursor=cursor)
