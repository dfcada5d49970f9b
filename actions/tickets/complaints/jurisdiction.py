"""Under which regulator's rules a complaint falls."""

from __future__ import annotations

from datetime import datetime

from actions.customers.models import Customer
from actions.tickets.models import Complaint, Ticket
from actions.tickets.ticket_config.service import TicketConfig

HOME = "uk"  # jurisdiction of complaints by customers who live where none of ours is


def complaint_of(
    ticket: Ticket, customer: Customer | None, book: TicketConfig, now: datetime
) -> Complaint:
    """The complaint of a ticket, under the rules of the country where the customer lives."""
    lives = customer.residency if customer else None
    code = next(
        (code for code, rules in book.jurisdictions.items() if lives in rules.countries), HOME
    )
    return Complaint(ticket_id=ticket.id, jurisdiction=code, complexity="simple", received_at=now)
