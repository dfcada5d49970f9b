"""What a customer is told of a card's request, by the message catalogues."""

from __future__ import annotations

from typing import assert_never

from actions.customers.models import ControlState
from core.localized_text import LocalizedText


def control_notice(control: ControlState, last_four: str, phone: str | None) -> LocalizedText:
    """Return the notice of a request that is open or went wrong; `phone` is the number for emergencies, if there is one."""
    match control:
        case "block_pending":
            return LocalizedText("card.block_pending", last_four=last_four)
        case "unblock_pending":
            return LocalizedText("card.unblock_pending", last_four=last_four)
        case "unblock_failed":
            return LocalizedText("card.unblock_failed", last_four=last_four)
        case "block_failed":
            if phone is None:
                return LocalizedText("card.block_failed_without_number", last_four=last_four)
            return LocalizedText("card.block_failed", last_four=last_four, phone=phone)
    assert_never(control)
