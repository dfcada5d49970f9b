"""Advice: the catalogue, what fits a customer, what was declined, what is understood, and weights learned from outcomes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from sqlalchemy import select

from actions.customers import queries
from actions.products.models import Product
from actions.products.queries import visible_products
from actions.products.schemas import ProductOut
from actions.recommendations import outcomes
from actions.recommendations.knowledge import STATEMENTS, show_knowledge
from actions.recommendations.models import RankingModel
from actions.recommendations.schemas import RecommendationRequest, RecommendationsOut
from actions.recommendations.service import recommend
from api.dependencies import BusinessDep, Listing, NowDep, PageDep, ReaderDep, SessionDep, StaffDep
from core.bounds import Code, Version
from core.identity import require
from core.languages import Language
from core.paging import fetch_page

router = APIRouter(prefix="/v1", tags=["recommendations"])


class DeclineRequest(BaseModel):
    """Products that the customer does not want."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"product_ids": ["00000000-0000-4000-8000-000000000000"]}]},
    )

    product_ids: Annotated[list[UUID], Field(min_length=1, max_length=50)]


class KnowledgeRequest(BaseModel):
    """Which statements about a kind of product the customer holds for true, in their order."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"kind": "note", "answers": [True, False, True, False]}]},
    )

    kind: Code
    answers: Annotated[list[bool], Field(max_length=20)]


class KnowledgeOut(BaseModel):
    """Whether all answers were right, and which kinds of product the customer understands."""

    understood: bool
    knowledge: list[str]


class RankingModelOut(BaseModel):
    """Learned weights beside the rules' own: mean NDCG on later advice."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    weights: dict[str, float]
    measured: dict[str, JsonValue]
    live: bool
    made_by: str
    switched_by: str | None
    created_at: datetime


@router.get("/products")
async def list_products(
    who: BusinessDep, session: SessionDep, page: PageDep
) -> Listing[ProductOut]:
    """The catalogue."""
    rows_read, cursor = await fetch_page(
        session, visible_products(who), page, Product.created_at, Product.id
    )
    return Listing(items=[ProductOut.model_validate(p) for p in rows_read], next_cursor=cursor)


@router.get("/products/knowledge")
async def list_statements(who: BusinessDep, language: ReaderDep) -> dict[str, list[str]]:
    """By kind of product, the statements that show whether a customer understands it."""
    require(who, "products:read")
    return {kind: [s.text[language] for s in statements] for kind, statements in STATEMENTS.items()}


@router.post("/customers/{customer_id}/recommendations")
async def make_recommendations(
    customer_id: UUID,
    body: RecommendationRequest,
    who: BusinessDep,
    session: SessionDep,
    now: NowDep,
    language: Language = "en",
) -> RecommendationsOut:
    """Suitable products with reasons, and what was excluded with its rule."""
    customer = await queries.load_customer(session, who, customer_id)
    return await recommend(session, who, customer, body, language, now)


@router.post("/customers/{customer_id}/declined")
async def decline(
    customer_id: UUID, body: DeclineRequest, who: BusinessDep, session: SessionDep, now: NowDep
) -> dict[str, int]:
    """Remember what the customer said no to; it is not offered again for half a year."""
    customer = await queries.load_customer(session, who, customer_id)
    return {"declined": await outcomes.decline(session, who, customer, body.product_ids, now)}


@router.post("/customers/{customer_id}/knowledge")
async def show(
    customer_id: UUID, body: KnowledgeRequest, who: BusinessDep, session: SessionDep, now: NowDep
) -> KnowledgeOut:
    """Note whether the customer understands a kind of product."""
    customer = await queries.load_customer(session, who, customer_id)
    understood = await show_knowledge(session, who, customer, body.kind, body.answers, now)
    return KnowledgeOut(understood=understood, knowledge=customer.knowledge)


@router.get("/recommendations/models")
async def list_models(who: StaffDep, session: SessionDep) -> Listing[RankingModelOut]:
    """Learned weights, the newest first."""
    require(who, "marketing:manage")
    models = await session.scalars(
        select(RankingModel).order_by(RankingModel.version.desc()).limit(50)
    )
    return Listing(items=[RankingModelOut.model_validate(m) for m in models], next_cursor=None)


@router.post("/recommendations/models", status_code=201)
async def learn(who: StaffDep, session: SessionDep, now: NowDep) -> RankingModelOut:
    """Learn weights from outcomes and measure them beside the rules' own; nothing changes until they are switched on."""
    return RankingModelOut.model_validate(await outcomes.learn(session, who, now))


@router.post("/recommendations/models/{version}/live")
async def switch_on(version: Version, who: StaffDep, session: SessionDep) -> RankingModelOut:
    """Rank by these weights."""
    return RankingModelOut.model_validate(await outcomes.switch(session, who, version, live=True))


@router.delete("/recommendations/models/{version}/live")
async def switch_off(version: Version, who: StaffDep, session: SessionDep) -> RankingModelOut:
    """Rank by the rules' own weights again."""
    return RankingModelOut.model_validate(await outcomes.switch(session, who, version, live=False))
