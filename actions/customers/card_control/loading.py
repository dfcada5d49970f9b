"""What a load of a source may say about a card that we have a request for: nothing that is older than the request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from actions.customers.card_control.models import CardRequest
from actions.customers.card_control.rules import source_counts
from actions.customers.models import Card, CardState

SHOWS: dict[CardState, tuple[str, ...]] = {
    "active": ("unblock_failed",),
    "blocked": ("block_failed",),
    "expired": ("block_pending", "block_failed", "unblock_pending", "unblock_failed"),
}


def source_state(
    card: Card,
    state: CardState,
    as_of: datetime | None,
    requests: Mapping[UUID, CardRequest],
    now: datetime,
) -> CardState:
    """Return the card's state after a row of a source, `as_of` None for a row without a date.

    What the row shows is noted on the request; one that a newer state replaces is superseded.
    """
    request = requests.get(card.id)
    if not source_counts(state, as_of, request):
        _note_seen(request, state, now)
        return card.state
    if card.control in SHOWS[state]:
        card.control = None
    if request is not None and request.state == "confirmed" and state != _asked(request):
        request.state = "superseded"
    return state


def _note_seen(request: CardRequest | None, state: CardState, now: datetime) -> None:
    if request is not None and request.source_seen_at is None and state == _asked(request):
        request.source_seen_at = now


def _asked(request: CardRequest) -> CardState:
    return "blocked" if request.action == "block" else "active"
