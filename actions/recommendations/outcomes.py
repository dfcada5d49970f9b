"""What comes of advice: offers that were declined, products that like customers keep, and weights learned from both.

Learning is offline: a task never switches anything on. `learn` fits the ranking's weights to what customers took and declined
after advice, and says how well they rank later advice beside the rules' own weights; a person makes them live.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import ndcg_score
from sqlalchemy import Select, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.models import Customer
from actions.products.models import Product
from actions.recommendations.models import DeclinedOffer, RankingModel
from actions.recommendations.suitability import WEIGHTS
from core.audit import record
from core.errors import Conflict, Invalid, NotFound
from core.identity import Caller, Participant, actor, require

DECLINED_FOR = timedelta(days=180)  # "no thanks" counts so long
RETENTION_RATES_EVERY = timedelta(hours=24)
BOUGHT_WITHIN = "60 days"  # after advice, for a purchase to count as its outcome
MIN_ADVICE = 50  # pieces of advice with an outcome, below which nothing is learned
TRAINED_SHARE = 0.7  # the earlier advice; the later measures
RETENTION_RATES = text("""
insert into kept_products (segment, risk_level, product_id, share, customers, computed_at)
select c.segment, c.risk_level, h.product_id,
    count(distinct h.customer_id) filter (where h.bought_on < :since)::float / n.customers, n.customers, :now
from holdings h join customers c on c.id = h.customer_id and c.merged_into is null
    join (select segment, risk_level, count(*) as customers from customers where merged_into is null group by 1, 2) n
        on n.segment = c.segment and n.risk_level = c.risk_level
group by 1, 2, 3, n.customers
on conflict (segment, risk_level, product_id)
    do update set share = excluded.share, customers = excluded.customers, computed_at = excluded.computed_at
""")
OUTCOMES = text(f"""
select a.created_at, r.offer->'parts', exists (
    select from holdings h where h.customer_id = a.customer_id and h.product_id = (r.offer->>'product_id')::uuid
        and h.bought_on between a.created_at::date and (a.created_at + interval '{BOUGHT_WITHIN}')::date), a.id
from advice a cross join lateral jsonb_array_elements(a.result->'recommendations') as r(offer)
where a.created_at < :settled and r.offer ? 'parts' order by a.created_at, a.id
""")  # noqa: S608  (a constant of ours)


async def decline(
    session: AsyncSession,
    caller: Caller,
    customer: Customer,
    products: Sequence[UUID],
    now: datetime,
) -> int:
    """Remember that the customer does not want these; how many products."""
    if not isinstance(caller, Participant):
        require(caller, "recommendations:make")
    existing = (await session.scalars(select(Product.id).where(Product.id.in_(products)))).all()
    if missing := set(products) - set(existing):
        raise Invalid.field("product_ids", "product.ids_unknown", ids=map(str, sorted(missing)))
    if not existing:
        return 0
    rows = [
        {
            "customer_id": customer.id,
            "product_id": key,
            "until": now + DECLINED_FOR,
            "declined_by": actor(caller),
        }
        for key in existing
    ]
    made = insert(DeclinedOffer).values(rows)
    await session.execute(
        made.on_conflict_do_update(
            index_elements=["customer_id", "product_id"], set_={"until": made.excluded.until}
        )
    )
    await record(
        session,
        caller,
        "advice.declined",
        f"customer:{customer.id}",
        {"products": [str(k) for k in existing]},
    )
    return len(existing)


async def declined_by(session: AsyncSession, customer: Customer, now: datetime) -> set[UUID]:
    """Products that the customer said no to and that are not offered again yet."""
    rows = select(DeclinedOffer.product_id).where(
        DeclinedOffer.customer_id == customer.id, DeclinedOffer.until > now
    )
    return set((await session.scalars(rows)).all())


async def refresh_retention_rates(session: AsyncSession, now: datetime) -> bool:
    """Count anew, once a day, what like customers keep; whether it was done."""
    last = await session.scalar(text("select max(computed_at) from kept_products"))
    if last is not None and now - last < RETENTION_RATES_EVERY:
        return False
    await session.execute(
        RETENTION_RATES, {"now": now, "since": (now - timedelta(days=365)).date()}
    )
    return True


@dataclass(frozen=True)
class Outcomes:
    """Offers with what came of them: a row of parts for each offer, whether it was bought, and which advice it was of."""

    parts: NDArray[np.float64]
    bought: NDArray[np.float64]
    advice: NDArray[np.float64]


async def outcomes(session: AsyncSession, now: datetime) -> Outcomes:
    """All offers whose time to be bought is over, the earliest first."""
    rows = (await session.execute(OUTCOMES, {"settled": now - timedelta(days=60)})).all()
    parts = np.asarray(
        [[float(row[1].get(name, 0.0)) for name in WEIGHTS] for row in rows]
    ).reshape(-1, len(WEIGHTS))
    return Outcomes(
        parts, np.asarray([row[2] for row in rows], bool), np.asarray([str(row[3]) for row in rows])
    )


def fitted(parts: NDArray[np.float64], bought: NDArray[np.float64]) -> dict[str, float]:
    """Weights that sum to one, none below zero: a part that speaks against buying is passed over, never turned round."""
    model = LogisticRegression(C=1.0, max_iter=500).fit(parts, bought)
    raw = np.maximum(model.coef_[0], 0.0)
    raw = raw / raw.sum() if raw.sum() > 0 else np.asarray(list(WEIGHTS.values()))
    return {name: round(float(weight), 4) for name, weight in zip(WEIGHTS, raw, strict=True)}


def quality(seen: Outcomes, weights: Mapping[str, float]) -> float:
    """Mean NDCG of the offers of each piece of advice by which something was bought; 1 is what was bought first of all."""
    scores = seen.parts @ np.asarray([weights[name] for name in WEIGHTS])
    series = []
    for key in dict.fromkeys(seen.advice.tolist()):
        mine = seen.advice == key
        if mine.sum() > 1 and 0 < seen.bought[mine].sum() < mine.sum():
            series.append(ndcg_score([seen.bought[mine].astype(float)], [scores[mine]]))
    return float(np.mean(series)) if series else 0.0


async def learn(session: AsyncSession, caller: Caller, now: datetime) -> RankingModel:
    """Fit weights to the earlier outcomes, measure them and the rules' own on the later ones; Conflict with too few."""
    require(caller, "marketing:manage")
    seen = await outcomes(session, now)
    keys = list(dict.fromkeys(seen.advice.tolist()))
    clear_keys = [key for key in keys if seen.bought[seen.advice == key].any()]
    if len(clear_keys) < MIN_ADVICE:
        raise Conflict("ranking.too_few_purchases", count=len(clear_keys), minimum=MIN_ADVICE)
    earlier = set(keys[: int(TRAINED_SHARE * len(keys))])
    first = np.asarray([key in earlier for key in seen.advice.tolist()])
    weights = fitted(seen.parts[first], seen.bought[first])
    later = Outcomes(seen.parts[~first], seen.bought[~first], seen.advice[~first])
    measured = {
        "learned": round(quality(later, weights), 4),
        "rules": round(quality(later, WEIGHTS), 4),
        "advice": len(keys),
    }
    newest = await session.scalar(select(func.max(RankingModel.version))) or 0
    row = RankingModel(
        version=newest + 1,
        weights=weights,
        measured=measured,
        live=False,
        made_by=actor(caller),
        created_at=now,
    )
    session.add(row)
    await session.flush()
    await record(session, caller, "ranking.learned", f"ranking:{row.version}", measured)
    return row


async def switch(
    session: AsyncSession, caller: Caller, version: int, *, live: bool
) -> RankingModel:
    """Rank by learned weights from now on, or no more; one version at a time."""
    require(caller, "marketing:manage")
    row = await session.get(RankingModel, version, with_for_update=True)
    if row is None:
        raise NotFound("ranking_model")
    if live:
        for other in await session.scalars(live_models()):
            other.live = False
    row.live, row.switched_by = live, actor(caller)
    await session.flush()
    await record(session, caller, "ranking.switched", f"ranking:{version}", {"live": live})
    return row


def live_models() -> Select[RankingModel]:
    """The weights in use, if a person switched any on."""
    return select(RankingModel).where(RankingModel.live)
