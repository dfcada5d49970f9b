"""Rules of card requests: who may unblock, when an order is sent again, and when a source's state of a card counts."""

from __future__ import annotations

from datetime import datetime, timedelta

from actions.customers.card_control.models import CardRequest
from actions.customers.models import CardState
from core.identity import Participant
from core.localized_text import LocalizedText

# For so long a customer may take back in a conversation what was blocked in one.
UNDO_WITHIN = timedelta(hours=24)
# Pauses between the attempts of a request; after the last one it has failed, so that the customer of a stolen card is told to
# phone within about four minutes.
PAUSES = tuple(timedelta(seconds=s) for s in (5, 10, 30, 60, 120))
# No attempt takes so long; after it a request without a job is taken up again.
LEASE = timedelta(minutes=2)


def pause_after(attempts: int) -> timedelta | None:
    """Return how long to wait after so many attempts; None when there is no other."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None


def refusal_to_unblock(
    caller: Participant, block: CardRequest | None, now: datetime
) -> LocalizedText | None:
    """Return why a customer may not have a card unblocked in a conversation; None when it is permitted.

    `block` is the card's request that is pending or in force: it must be a block from a conversation, at most a day old.
    """
    if (
        block is None
        or block.action != "block"
        or block.conversation_id is None
        or now - block.requested_at > UNDO_WITHIN
    ):
        return LocalizedText("card.unblock_agent")
    if caller.mfa_valid_until is None or now >= caller.mfa_valid_until:
        return LocalizedText("card.unblock_second_factor")
    return None


def source_counts(state: CardState, as_of: datetime | None, request: CardRequest | None) -> bool:
    """Whether a source's state of a card replaces ours.

    `request` is the card's request that is pending or in force, `as_of` when the source says that its state was true. An
    undated state counts only once the source has shown what was asked for: before that it may be from an older time.
    """
    if request is None or state == "expired":
        return True
    if request.state == "pending":
        return False
    if as_of is None:
        return request.source_seen_at is not None
    return request.concluded_at is None or as_of > request.concluded_at
