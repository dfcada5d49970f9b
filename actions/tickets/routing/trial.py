"""Draft rules tried on tickets of the past: which would have gone elsewhere, before anybody is sent astray."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.models import Ticket
from actions.tickets.routing.classifier import READ, Guess
from actions.tickets.routing.models import RuleTrial, classifier_for
from actions.tickets.routing.reader import reader
from actions.tickets.routing.rules import Facts, Routing, route, routed_text
from actions.tickets.ticket_config.contents import RoutingContent
from actions.tickets.ticket_config.models import ConfigEntry
from actions.tickets.ticket_config.service import ROUTING, load_ticket_config
from core.errors import NotFound
from core.identity import Caller, actor, require

SHOWN = 50  # changed tickets that are named


async def try_rules(
    session: AsyncSession, caller: Caller, version: int, limit: int, now: datetime
) -> RuleTrial:
    """Route the newest tickets by a version of the rules and by the live ones, and keep the difference."""
    require(caller, "tickets:configure")
    entry = await session.get(ConfigEntry, (ROUTING, ROUTING, version))
    if entry is None:
        raise NotFound("version_of_the_rules")
    draft, book = RoutingContent.model_validate(entry.content), await load_ticket_config(session)
    model = await classifier_for(session)
    rows = await session.scalars(
        select(Ticket)
        .where(Ticket.erased_at.is_(None), Ticket.queue != "compliance")
        .order_by(Ticket.created_at.desc())
        .limit(limit)
    )
    changed: list[dict[str, object]] = []
    moves: Counter[str] = Counter()
    tickets = rows.all()
    texts = [routed_text(ticket.subject, ticket.description) for ticket in tickets]
    guesses = (
        model.guesses(texts, await reader().read([text[:READ] for text in texts])) if texts else []
    )
    for ticket, text, guess in zip(tickets, texts, guesses, strict=True):
        live, new = (_decide(ticket, text, content, guess) for content in (book.routing, draft))
        if _outcome(live) != _outcome(new):
            moves[
                f"{live.kind}/{live.queue}/{live.priority} → {new.kind}/{new.queue}/{new.priority}"
            ] += 1
            stood = [ticket.kind, ticket.queue, ticket.priority]
            ticket_facts: dict[str, object] = {
                "reference": ticket.reference,
                "subject": ticket.subject[:120],
                "stood": stood,
            }
            changed.append(
                ticket_facts
                | {
                    "now": _outcome(live),
                    "then": _outcome(new),
                    "reasons": [reason.as_json() for reason in new.reasons],
                }
            )
    result = {
        "changed": len(changed),
        "moves": dict(moves.most_common()),
        "tickets": changed[:SHOWN],
    }
    trial = RuleTrial(
        version=version, tried=len(tickets), result=result, made_by=actor(caller), created_at=now
    )
    session.add(trial)
    await session.flush()
    return trial


def _decide(ticket: Ticket, text: str, rules: RoutingContent, guess: Guess | None) -> Routing:
    facts = Facts(text, ticket.channel, segment=ticket.segment)
    return route(facts, rules.rules, guess=guess)


def _outcome(routing: Routing) -> list[str]:
    return [routing.kind, routing.queue, routing.priority]
