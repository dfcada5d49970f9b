"""What can be asked for, checked, done at once where it can be, and written as a ticket."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.cards import block_card
from actions.customers.queries import accounts_of, cards_of, load_customer
from actions.tickets.catalogue.fields import Answer, NotAnswered, Surroundings, check_answer, shown
from actions.tickets.intake.opening import open_ticket
from actions.tickets.models import Ticket
from actions.tickets.schemas import TicketNew
from actions.tickets.ticket_config.contents import ServiceContent
from actions.tickets.ticket_config.service import TicketConfig
from core.errors import Invalid, NotAllowed, NotFound
from core.identity import Caller, Participant
from core.languages import Language
from core.localized_text import LocalizedText


def named(book: TicketConfig, text: str) -> str | None:
    """The entry whose very name this is, as when it was tapped."""
    folded = text.strip().casefold()
    return next(
        (
            c
            for c, s in book.services.items()
            if folded in (s.names.en.casefold(), s.names.zh.casefold())
        ),
        None,
    )


def service_of(book: TicketConfig, code: str) -> ServiceContent:
    """The entry; NotFound when there is none."""
    if code not in book.services:
        raise NotFound("kind_of_request")
    return book.services[code]


def may_ask(service: ServiceContent, caller: Caller) -> bool:
    """Whether this caller is identified well enough to ask; staff and applications ask for customers they have identified."""
    return (
        not isinstance(caller, Participant)
        or caller.customer_id is not None
        or service.who == "anyone"
    )


def is_sure_enough(service: ServiceContent, caller: Caller, now: datetime) -> bool:
    """Whether a customer has shown a second factor lately where the entry asks for one."""
    if service.assurance != "strong" or not isinstance(caller, Participant):
        return True
    return caller.mfa_valid_until is not None and now < caller.mfa_valid_until


async def surroundings(
    session: AsyncSession,
    caller: Caller,
    customer_id: UUID | None,
    language: Language,
    now: datetime,
) -> Surroundings:
    """The customer's own cards and accounts."""
    if customer_id is None:
        return Surroundings(now, language)
    customer = await load_customer(session, caller, customer_id)
    return Surroundings(
        now, language, await cards_of(session, customer), await accounts_of(session, customer)
    )


def check_answers(
    service: ServiceContent, raw_answers: Mapping[str, object], around: Surroundings
) -> dict[str, Answer]:
    """All answers in their one form; Invalid names each field that has none, and each that is not asked for."""
    errors: list[tuple[str, LocalizedText]] = []
    answers: dict[str, Answer] = {}
    for field in service.fields:
        try:
            value = check_answer(field, raw_answers.get(field.key), around)
        except NotAnswered as error:
            errors.append((f"answers.{field.key}", error.text))
            continue
        if value is not None:
            answers[field.key] = value
    keys = {field.key for field in service.fields}
    errors += [
        (f"answers.{key}", LocalizedText("answer.not_asked"))
        for key in raw_answers
        if key not in keys
    ]
    if errors:
        raise Invalid("catalogue.answers_invalid", errors=errors)
    return answers


async def request_service(
    session: AsyncSession,
    caller: Caller,
    book: TicketConfig,
    code: str,
    raw_answers: Mapping[str, object],
    now: datetime,
    *,
    customer_id: UUID | None,
    language: Language,
    contact: str | None = None,
    channel: str = "web",
) -> tuple[Ticket, list[dict[str, str]]]:
    """Check, do what happens at once, and open the ticket; with it, what was done."""
    service = service_of(book, code)
    if not may_ask(service, caller) or (service.who == "customer" and customer_id is None):
        raise NotAllowed("catalogue.sign_in")
    if not is_sure_enough(service, caller, now):
        raise NotAllowed("catalogue.second_factor")
    around = await surroundings(session, caller, customer_id, language, now)
    answers = check_answers(service, raw_answers, around)
    done = await _at_once(session, caller, service, answers, around)
    new = TicketNew(
        subject=service.names.of(language),
        description=description_of(service, answers, around),
        kind=service.kind,
        queue=service.queue,
        priority=service.priority,
        customer_id=customer_id,
        language=language,
        service=code,
        answers=answers,
        channel=channel,
        tags=["done_at_once"] if done else [],
    )
    return await open_ticket(session, caller, new, now, contact=contact), done


def description_of(
    service: ServiceContent, answers: Mapping[str, Answer], around: Surroundings
) -> str:
    """The request as a person reads it, a line for each answer."""
    lines = [
        f"{field.names.of(around.language)}: {shown(field, answers[field.key], around)}"
        for field in service.fields
        if field.key in answers
    ]
    return "\n".join(lines) or service.description.of(around.language)


async def _at_once(
    session: AsyncSession,
    caller: Caller,
    service: ServiceContent,
    answers: Mapping[str, Answer],
    around: Surroundings,
) -> list[dict[str, str]]:
    if service.effect != "lock_card":
        return []
    chosen = next(field.key for field in service.fields if field.type == "card")
    card = next(card for card in around.cards if str(card.id) == answers[chosen])
    blocked = {"type": "card.blocked", "id": str(card.id), "last_four": card.last_four}
    if card.state == "active":
        change = await block_card(session, caller, card)
        blocked["outcome"] = change.outcome
    return [blocked]
