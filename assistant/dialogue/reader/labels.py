"""What a clause can be: intents and stances, in the order of the heads that score them."""

from __future__ import annotations

from typing import get_args

from assistant.dialogue.readings import Stance

STANCES: tuple[Stance, ...] = get_args(Stance)

# Intents whose own, present assertion has an effect; a stance misread here is what does harm.
ACTS = (
    "report_lost_card",
    "report_fraud",
    "make_complaint",
    "open_ticket",
    "add_to_ticket",
    "close_ticket",
    "change_contact_details",
    "book_appointment",
    "talk_to_person",
    "leave_queue",
    "switch_language",
    "request_recommendation",
    "request_service",
)
INTENTS = (
    *ACTS,
    "ticket_status",
    "show_account_data",
    "ask_question",
    "affirm",
    "deny",
    "cancel",
    "courtesy",
    "statement",
)
