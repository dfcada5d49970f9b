"""The service catalogue: what can be asked for, with its fields; and asking for it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.catalogue import service as catalogue
from actions.tickets.schemas import TicketOut
from actions.tickets.ticket_config.contents import FieldContent, ServiceContent, Texts
from actions.tickets.ticket_config.service import load_ticket_config
from api.dependencies import (
    CallerDep,
    ContainerDep,
    IdempotencyKey,
    Listing,
    NowDep,
    SessionDep,
    once,
)
from assistant.conversations import queries as conversations
from assistant.conversations.service import speaker_of
from core.bounds import MAX_MEMBERS, Code
from core.identity import Application, Caller, Participant, Staff, require
from core.languages import Language

router = APIRouter(prefix="/v1/services", tags=["service catalogue"])


class ServiceOut(BaseModel):
    """A kind of request, as a page draws it."""

    code: str
    names: Texts
    description: Texts
    fields: list[FieldContent]
    who: str
    assurance: str
    at_once: bool

    @classmethod
    def of(cls, code: str, service: ServiceContent) -> ServiceOut:
        """From the rule book's entry."""
        return cls(
            code=code,
            names=service.names,
            description=service.description,
            fields=list(service.fields),
            who=service.who,
            assurance=service.assurance,
            at_once=service.effect is not None,
        )


class ServiceRequest(BaseModel):
    """Answers by field; staff and applications name the customer, a customer asks for oneself."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "answers": {"address": "1 New Street, 10115", "from": "2026-12-01"},
                    "language": "en",
                }
            ]
        },
    )

    answers: Annotated[dict[Code, JsonValue], Field(max_length=MAX_MEMBERS)]
    customer_id: UUID | None = None
    language: Language = "en"


class ServiceRequested(BaseModel):
    """The ticket, and what happened at once."""

    ticket: TicketOut
    done: list[dict[str, object]]


@router.get("")
async def list_services(
    who: CallerDep,
    parts: ContainerDep,
    session: SessionDep,
    q: Annotated[str | None, Query(max_length=200)] = None,
) -> Listing[ServiceOut]:
    """What the caller may ask for; with `q`, the nearest by meaning."""
    book = await load_ticket_config(session)
    codes = list(book.services)
    if q:
        vector = await parts.search.encoder.encode(q)
        codes = [
            service.code for service in await parts.understander.services.nearest(book, vector, 10)
        ]
    shown = [
        ServiceOut.of(c, book.services[c])
        for c in codes
        if catalogue.may_ask(book.services[c], who)
    ]
    return Listing(items=shown, next_cursor=None)


@router.post("/{code}/requests", status_code=201, response_model=ServiceRequested)
async def request_service(
    code: Annotated[str, StringConstraints(max_length=80)],
    body: ServiceRequest,
    request: Request,
    who: CallerDep,
    parts: ContainerDep,
    session: SessionDep,
    now: NowDep,
    key: IdempotencyKey = None,
) -> JSONResponse:
    """Ask for it: answers are checked, what can be done is done, and a ticket keeps the rest."""

    async def create() -> ServiceRequested:
        book = await load_ticket_config(session)
        catalogue.service_of(book, code)
        asking = await _as_now(session, who)
        ticket, done = await catalogue.request_service(
            session,
            asking,
            book,
            code,
            body.answers,
            now,
            customer_id=_customer(who, body.customer_id),
            language=body.language,
            channel=_channel(who),
        )
        return ServiceRequested(ticket=TicketOut.model_validate(ticket), done=done)

    return await once(request, session, who, key, body, create)


async def _as_now(session: AsyncSession, who: Caller) -> Caller:
    """The caller; of a customer, also whether a second factor counts now, which only the conversation knows."""
    if isinstance(who, Participant):
        return speaker_of(await conversations.load(session, who, who.conversation_id))
    return who


def _customer(who: Caller, named: UUID | None) -> UUID | None:
    if isinstance(who, Participant):
        return who.customer_id
    require(who, "tickets:write")
    if named is not None:
        require(who, "customers:read")
    return named


def _channel(who: Caller) -> str:
    match who:
        case Staff():
            return "staff"
        case Application():
            return "api"
    return "web"
