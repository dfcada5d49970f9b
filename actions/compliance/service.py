"""Screenings and checkpoints over real data; each is stored and audited, graver ones raise an alert."""

from __future__ import annotations

import time
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from actions.compliance import queries
from actions.compliance.alerts import open_alert_ticket
from actions.compliance.checks import Facts, Outcome, decide, replay
from actions.compliance.models import Alert, ComplianceDecision, Screening
from actions.compliance.schemas import (
    CheckOut,
    CheckRequest,
    MatchOut,
    ReplayOut,
    RuleOut,
    ScreeningOut,
    ScreeningRequest,
)
from actions.compliance.screening import WatchlistIndex
from actions.compliance.screening_hits import screening_hits
from actions.customers.models import Customer
from actions.products.models import Product
from actions.recommendations.service import amount_in_base, investor_profile_of, terms_in_base
from actions.recommendations.suitability import Need, exclusion
from core.audit import record
from core.errors import Conflict, Invalid, NotFound
from core.identity import Caller, System, actor, require
from core.localized_text import LocalizedText
from core.money import BASE_CURRENCY
from core.outbox import emit

CHECKER = System("compliance")
RELEASED = Outcome("officer.release", 1, "allow", LocalizedText("check.released"))


async def screen(
    session: AsyncSession, caller: Caller, watchlist: WatchlistIndex, query: ScreeningRequest
) -> ScreeningOut:
    """Screen a name against the watchlist."""
    require(caller, "compliance:screen")
    started = time.perf_counter()
    await watchlist.refresh(session)
    candidates = watchlist.matches(
        query.name, query.type, query.birth_date, query.country, query.limit
    )
    matches = [MatchOut.model_validate(match) for match in candidates]
    took_ms = (time.perf_counter() - started) * 1000
    decision = "review" if matches else "clear"
    screening = Screening(
        by=actor(caller),
        request=query.model_dump(mode="json"),
        decision=decision,
        matches=[match.model_dump(mode="json") for match in matches],
    )
    session.add(screening)
    await session.flush()
    await record(
        session, caller, "compliance.screened", f"screening:{screening.id}", {"decision": decision}
    )
    return ScreeningOut(decision=decision, matches=matches, took_ms=round(took_ms, 2))


async def check(
    session: AsyncSession,
    caller: Caller,
    watchlist: WatchlistIndex,
    request: CheckRequest,
    now: datetime,
) -> CheckOut:
    """Decide a checkpoint; review and block raise an alert."""
    require(caller, "compliance:check")
    customer = await session.get(Customer, request.customer_id)
    if customer is None:
        raise NotFound("customer")
    facts = await _facts(session, watchlist, customer, request, now)
    decision, outcomes = decide(request.purpose, facts)
    stored = ComplianceDecision(
        customer_id=customer.id,
        by=actor(caller),
        purpose=request.purpose,
        decision=decision,
        facts=facts,
        rules=outcomes,
    )
    session.add(stored)
    await session.flush()
    await _raise_alerts(session, stored, outcomes, now)
    emit(session, "compliance.decided", {"decision_id": str(stored.id), "decision": decision})
    details = {"decision": decision, "purpose": request.purpose, "id": str(stored.id)}
    await record(session, caller, "compliance.checked", f"customer:{customer.id}", details)
    return CheckOut(
        decision=decision,
        rules=[RuleOut(**vars(outcome)) for outcome in outcomes],
        decision_id=stored.id,
    )


async def _raise_alerts(
    session: AsyncSession, stored: ComplianceDecision, outcomes: list[Outcome], now: datetime
) -> None:
    """An alert for a resemblance to the watchlist, a review for what else asks for one; each opens a ticket once.

    What the customer's own papers lack is told to whoever asked, and the product's gates are no matter for compliance.
    """
    grave = [o.id for o in outcomes if o.id == "aml.screening" and o.outcome != "allow"]
    asks = [
        o.id
        for o in outcomes
        if o.outcome == "review" and o.id not in ("aml.screening", "aml.alerts", "kyc.valid")
    ]
    for kind, rules in (("check", grave), ("review", asks)):
        if not rules:
            continue
        subject = f"{stored.customer_id}:{','.join(rules)}" if kind == "check" else str(stored.id)
        row = {
            "id": uuid4(),
            "customer_id": stored.customer_id,
            "kind": f"{kind}.{stored.purpose}",
            "subject": subject,
            "state": "open",
            "evidence": {"decision": str(stored.id), "rules": rules},
        }
        made = insert(Alert).values(**row).on_conflict_do_nothing().returning(Alert)
        alert = await session.scalar(made)
        if alert is None:
            continue  # somebody looks at it already
        customer = await session.get_one(Customer, stored.customer_id)
        about = f"Customer {customer.number}, decision {stored.id}: {', '.join(rules)}"
        ticket = await open_alert_ticket(
            session, CHECKER, f"Checkpoint {stored.purpose}: {kind}", about, "compliance", now
        )
        alert.evidence = {**alert.evidence, "ticket": ticket.reference}
        emit(session, "compliance.alerted", {"alert_id": str(alert.id), "kind": alert.kind})


async def release(
    session: AsyncSession, caller: Caller, decision_id: UUID, reason: str, now: datetime
) -> ComplianceDecision:
    """An officer lets through what was to be reviewed: a decision of its own, which names the one that it releases.

    A block is never released: what it rests on must change, and the check be made again.
    """
    require(caller, "compliance:manage")
    original = await session.get(ComplianceDecision, decision_id, with_for_update=True)
    if original is None:
        raise NotFound("decision")
    if original.decision != "review":
        raise Conflict("decision.not_a_review", decision=original.decision)
    if original.by == actor(caller):
        raise Conflict("decision.four_eyes")
    already_released = select(ComplianceDecision.id).where(
        ComplianceDecision.facts["releases"].astext == str(original.id)
    )
    if await session.scalar(already_released) is not None:
        raise Conflict("decision.released_already")
    freed = ComplianceDecision(
        customer_id=original.customer_id,
        by=actor(caller),
        purpose=original.purpose,
        decision="allow",
        facts={**original.facts, "releases": str(original.id), "reason": reason},
        rules=[*original.rules, RELEASED],
        created_at=now,
    )
    session.add(freed)
    await session.flush()
    emit(session, "compliance.decided", {"decision_id": str(freed.id), "decision": "allow"})
    await record(
        session,
        caller,
        "compliance.released",
        f"customer:{original.customer_id}",
        {"id": str(original.id), "reason": reason},
    )
    return freed


async def _facts(
    session: AsyncSession,
    watchlist: WatchlistIndex,
    customer: Customer,
    request: CheckRequest,
    now: datetime,
) -> Facts:
    hits = await screening_hits(session, watchlist, customer)
    amount = await amount_in_base(session, request.amount, now.date())
    facts: dict[str, object] = {
        "kyc_state": customer.kyc_state,
        "kyc_valid": customer.kyc_state == "verified" and customer.kyc_until >= now.date(),
        "marketing_consent": bool(customer.consents.get("marketing")),
        "open_alerts": await queries.count_open_alerts(session, customer.id),
        "watchlist_matches": [
            {
                "entry_id": str(m.entry_id),
                "score": m.score,
                "list": m.list,
                "birth_date_fits": m.birth_date_fits,
            }
            for m in hits.values()
        ],
        "amount": str(amount) if amount is not None else None,
    }
    if request.amount and request.amount.currency != BASE_CURRENCY:
        facts["amount_named"] = request.amount.as_json()
    if request.purpose == "product_sale":
        facts |= await _sale_facts(session, customer, request, now)
    return facts


async def _sale_facts(
    session: AsyncSession, customer: Customer, request: CheckRequest, now: datetime
) -> dict[str, object]:
    if request.product_id is None:
        raise Invalid.field("product_id", "decision.product_missing")
    product = await session.scalar(select(Product).where(Product.id == request.product_id))
    if product is None:
        raise Invalid.field("product_id", "product.unknown")
    who = await investor_profile_of(session, customer, now)
    need = Need(amount=await amount_in_base(session, request.amount, now.date()))
    terms = await terms_in_base(session, product, now.date())
    failed = exclusion(terms, who, need, now.date())
    return {
        "product": product.code,
        "unsuitable_rule": failed.rule if failed else None,
        "unsuitable_reason": failed.reason.as_json() if failed else None,
    }


async def replay_decision(session: AsyncSession, caller: Caller, decision_id: UUID) -> ReplayOut:
    """Decide a stored decision again, from the facts and by the rule versions that it kept."""
    require(caller, "compliance:read")
    stored = await session.get(ComplianceDecision, decision_id)
    if stored is None:
        raise NotFound("decision")
    if "releases" in stored.facts:
        raise Conflict("decision.by_officer")
    decision, outcomes = replay(stored.purpose, stored.facts, stored.rules)
    await record(
        session,
        caller,
        "compliance.replayed",
        f"customer:{stored.customer_id}",
        {"id": str(stored.id)},
    )
    return ReplayOut(
        decision_id=stored.id,
        purpose=stored.purpose,
        decided_at=stored.created_at,
        decision=decision,
        rules=[RuleOut(**vars(outcome)) for outcome in outcomes],
        same=decision == stored.decision and outcomes == stored.rules,
    )
