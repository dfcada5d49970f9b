"Screenings and checkpoints over real data; each is stored and audited, graver ones raise an alert."

from __future__ import annotations

import time
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.compliance import queries
from actions.compliance.checks import Facts, Outcome, decide, replay
from actions.compliance.clearances import cleared_of
from actions.compliance.models import Alert, ComplianceDecision, Screening
from actions.compliance.schemas import (
    CheckOut,
    CheckRequest,
    MatchOut,
    ReplayOut,
    RuleOut,
    ScreeningOut,
    ScreeningRequest,
)  # fmt: skip
from actions.compliance.screening import WatchlistIndex
from actions.customers.models import Customer
from actions.recommendations.models import Product
from actions.recommendations.service import situation_of, terms_of
from actions.recommendations.suitability import Need, exclusion
from core.audit import record
from core.errors import Invalid, NotFound
from core.identity import Caller, actor, require
from core.outbox import emit

REVIEWED_MATCHES = 5


async def screen(
    session: AsyncSession, caller: Caller, watchlist: WatchlistIndex, wanted: ScreeningRequest
) -> ScreeningOut:
    "Screen a name against the watchlist."
    require(caller, "compliance:screen")
    started = time.perf_counter()
    await watchlist.refresh(session)
    found = watchlist.matches(wanted.name, wanted.type, wanted.birth_date, wanted.country, wanted.limit)
    matches = [MatchOut.model_validate(match) for match in found]
    took_ms = (time.perf_counter() - started) * 1000
    decision = "review" if matches else "clear"
    kept = Screening(
        by=actor(caller),
        request=wanted.model_dump(mode="json"),
        decision=decision,
        matches=[match.model_dump(mode="json") for match in matches],
    )
    session.add(kept)
    await session.flush()
    await record(session, caller, "compliance.screened", f"screening:{kept.id}", {"decision": decision})
    return ScreeningOut(decision=decision, matches=matches, took_ms=round(took_ms, 2))


async def check(
    session: AsyncSession, caller: Caller, watchlist: WatchlistIndex, wanted: CheckRequest, now: datetime
) -> CheckOut:
    "Decide a checkpoint; review and block raise an alert."
    require(caller, "compliance:check")
    customer = await session.get(Customer, wanted.customer_id)
    if customer is None:
        raise NotFound("customer")
    facts = await _facts(session, watchlist, customer, wanted, now)
    decision, outcomes = decide(wanted.purpose, facts)
    kept = ComplianceDecision(
        customer_id=customer.id,
        by=actor(caller),
        purpose=wanted.purpose,
        decision=decision,
        facts=facts,
        rules=[vars(outcome) for outcome in outcomes],
    )
    session.add(kept)
    await session.flush()
    if _worth_an_alert(outcomes):
        session.add(Alert(customer_id=customer.id, kind=f"check.{wanted.purpose}", evidence={"decision": str(kept.id)}))
    emit(session, "compliance.decided", {"decision_id": str(kept.id), "decision": decision})
    details = {"decision": decision, "purpose": wanted.purpose, "id": str(kept.id)}
    await record(session, caller, "compliance.checked", f"customer:{customer.id}", details)
    return CheckOut(decision=decision, rules=[RuleOut(**vars(outcome)) for outcome in outcomes], decision_id=kept.id)


def _worth_an_alert(outcomes: list[Outcome]) -> bool:
    "A resemblance to the watchlist is; an unsuitable product or an expired document is not."
    return any(outcome.id == "aml.screening" and outcome.outcome != "allow" for outcome in outcomes)


async def _facts(
    session: AsyncSession, watchlist: WatchlistIndex, customer: Customer, wanted: CheckRequest, now: datetime
) -> Facts:
    await watchlist.refresh(session)
    names = [customer.name] + ([customer.native_name] if customer.native_name else [])
    cleared = await cleared_of(session, customer)
    found = {
        match.entry_id: match
        for name in names
        for match in watchlist.matches(name, "person", customer.birth_date, customer.nationality, REVIEWED_MATCHES)
        if (match.entry_id, match.digest) not in cleared
    }
    facts: dict[str, Any] = {
        "kyc_state": customer.kyc_state,
        "kyc_valid": customer.kyc_state == "verified" and customer.kyc_until >= now.date(),
        "marketing_consent": bool(customer.consents.get("marketing")),
        "open_alerts": await queries.count_open_alerts(session, customer.id),
        "watchlist_matches": [
            {"entry_id": str(m.entry_id), "score": m.score, "list": m.list, "birth_date_fits": m.birth_date_fits}
            for m in found.values()
        ],
        "amount": str(wanted.amount.amount) if wanted.amount else None,
    }
    if wanted.purpose == "product_sale":
        facts |= await _sale_facts(session, customer, wanted, now)
    return facts


async def _sale_facts(session: AsyncSession, customer: Customer, wanted: CheckRequest, now: datetime) -> dict[str, Any]:
    if wanted.product_id is None:
        raise Invalid.field("product_id", "A product sale needs the product.")
    product = await session.scalar(select(Product).where(Product.id == wanted.product_id))
    if product is None:
        raise Invalid.field("product_id", "There is no such product.")
    who = await situation_of(session, customer, now)
    need = Need(amount=wanted.amount.amount if wanted.amount else None)
    failed = exclusion(terms_of(product), who, need, now.date())
    return {
        "product": product.code,
        "unsuitable_rule": failed.rule if failed else None,
        "unsuitable_reason": failed.reason["en"] if failed else None,
    }


async def replay_decision(session: AsyncSession, caller: Caller, decision_id: UUID) -> ReplayOut:
    "Decide a stored decision again, from the facts and by the rule versions that it kept."
    require(caller, "compliance:read")
    kept = await session.get(ComplianceDecision, decision_id)
    if kept is None:
        raise NotFound("decision")
    decision, outcomes = replay(kept.purpose, kept.facts, kept.rules)  # type: ignore[arg-type]  # one of ours
    again = [vars(outcome) for outcome in outcomes]
    await record(session, caller, "compliance.replayed", f"customer:{kept.customer_id}", {"id": str(kept.id)})
    return ReplayOut(
        decision_id=kept.id, purpose=kept.purpose, decided_at=kept.created_at, decision=decision,
        rules=[RuleOut.model_validate(outcome) for outcome in again], same=decision == kept.decision and again == kept.rules,
    )  # fmt: skip


async def alert_by_id(session: AsyncSession, caller: Caller, alert_id: UUID) -> Alert:
    "One alert."
    found = await session.scalar(queries.visible_alerts(caller).where(Alert.id == alert_id))
    if found is None:
        raise NotFound("alert")
    return found
