"""The operations that flows and commands call: each runs inside the turn's transaction and returns an `Outcome`.

What can be tapped is the outcome's `offer` alone, which replies are composed from; an operation never writes quick replies of
its own. An operation that the bank's rules refuse leaves nothing half done: it runs in a savepoint, and the refusal is said.
"""

from __future__ import annotations

from assistant.dialogue.operations import (
    accounts,
    appointments,
    cards,
    handoff,
    knowledge,
    offers,
    recommendations,
    requests,
    tickets,
)
from assistant.dialogue.operations.context import Operation, OperationContext, Services, refusal
from assistant.dialogue.outputs import Call, Outcome
from core.errors import DomainError
from core.localized_text import translate

__all__ = ["OPERATIONS", "READS", "Operation", "OperationContext", "Services", "run"]

OPERATIONS: dict[str, Operation] = {
    "knowledge.answer": knowledge.answer,
    "accounts.show": accounts.show,
    "accounts.aggregate": accounts.aggregate,
    "cards.block": cards.block,
    "cards.unblock": cards.unblock,
    "tickets.open": tickets.open_new,
    "tickets.show": tickets.show,
    "tickets.comment": tickets.comment,
    "tickets.close": tickets.close,
    "tickets.rate": tickets.rate,
    "services.request": requests.write,
    "recommendations.show": recommendations.show,
    "recommendations.decline": recommendations.decline,
    "offers.next_best": offers.next_best,
    "offers.accept": offers.accept,
    "offers.decline": offers.decline,
    "appointments.request": appointments.request,
    "appointments.cancel": appointments.cancel,
    "appointments.move": appointments.move,
    "appointments.show": appointments.show,
    "handoff.request": handoff.request,
    "handoff.leave": handoff.leave,
    "call_back.promise": handoff.promise_call_back,
}


# Operations that change nothing of what the engine knows of the world: cards, accounts, tickets, the queue.
READS = frozenset(
    {"knowledge.answer", "accounts.show", "accounts.aggregate", "tickets.show", "appointments.show"}
)


async def run(context: OperationContext, call: Call) -> Outcome:
    """Run an operation of the turn; KeyError for one that does not exist, which no published flow has."""
    operation = OPERATIONS[call.operation]
    try:
        async with context.session.begin_nested():
            return await operation(context, call.arguments)
    except DomainError as error:
        reason = translate(error.text, context.language)
        return refusal(context, context.say("dialogue.refused", reason=reason))
