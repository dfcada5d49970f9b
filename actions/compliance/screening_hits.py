"""Which entries of the watchlists a customer resembles, but for those that somebody has cleared."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from actions.compliance.clearances import cleared_of
from actions.compliance.screening import Match, WatchlistIndex
from actions.customers.models import Customer
from actions.name_matching.comparison import EntityType

REVIEWED_MATCHES = 5  # entries of each of a customer's names that are looked at


async def screening_hits(
    session: AsyncSession, watchlist: WatchlistIndex, customer: Customer
) -> dict[UUID, Match]:
    """Entries that the customer resembles and was not cleared of, by id."""
    await watchlist.refresh(session)
    cleared = await cleared_of(session, customer)
    kind = kind_of(customer)
    return {
        match.entry_id: match
        for name in names_of(customer)
        for match in watchlist.matches(
            name, kind, customer.birth_date, customer.nationality, REVIEWED_MATCHES
        )
        if (match.entry_id, match.digest) not in cleared
    }


def kind_of(customer: Customer) -> EntityType:
    """A person or an organisation."""
    return "organisation" if customer.kind == "organisation" else "person"


def names_of(customer: Customer) -> tuple[str, ...]:
    """The names that a customer is known by."""
    return (customer.name, *filter(None, [customer.native_name]))
