"""The operations that a flow may call, with their arguments: what flows are checked against. See assistant/dialogue/operations."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Signature:
    """Arguments that an operation needs and that it takes; `returns` are slots that it fills."""

    needs: frozenset[str] = frozenset()
    takes: frozenset[str] = frozenset()
    returns: frozenset[str] = frozenset()

    @property
    def arguments(self) -> frozenset[str]:
        """All that may be passed."""
        return self.needs | self.takes


def _signature(needs: str = "", takes: str = "", returns: str = "") -> Signature:
    return Signature(*(frozenset(names.split()) for names in (needs, takes, returns)))


# The answers of a request are the slots of the call themselves.
REQUEST = "services.request"
SIGNATURES: dict[str, Signature] = {
    "knowledge.answer": _signature(
        "question", "rewritten about_the_bank suggest instead before aside"
    ),
    "accounts.show": _signature("view", "filters"),
    "accounts.aggregate": _signature("aggregate over", "filters"),
    "cards.block": _signature("card"),
    "cards.unblock": _signature("card"),
    "tickets.open": _signature("description", "kind priority contact", "reference"),
    "tickets.show": _signature(takes="ticket contact"),
    "tickets.comment": _signature("ticket note", "contact"),
    "tickets.close": _signature("ticket", "contact"),
    "tickets.rate": _signature("ticket score"),
    REQUEST: _signature("code", returns="reference"),
    "recommendations.show": _signature(takes="goal amount horizon", returns="products"),
    "recommendations.decline": _signature("products"),
    "offers.next_best": _signature(),
    "offers.accept": _signature("contact"),
    "offers.decline": _signature("contact"),
    "appointments.request": _signature(takes="moment time topic contact", returns="reference"),
    "appointments.cancel": _signature("ticket"),
    "appointments.move": _signature("ticket moment", "time"),
    "appointments.show": _signature(),
    "handoff.request": _signature("reason", "care"),
    "handoff.leave": _signature(),
    "call_back.promise": _signature(takes="contact"),
}
