"Customers, their profile and recommendations, and the catalogue of products."

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from actions.customers import queries, service
from actions.customers.models import Customer
from actions.customers.schemas import CustomerOut, Profile
from actions.recommendations.models import Product
from actions.recommendations.schemas import ProductOut, RecommendationRequest, RecommendationsOut
from actions.recommendations.service import recommend, visible_products
from api.dependencies import BusinessDep, Listing, NowDep, PageDep, SessionDep
from assistant.conversations.queries import recent_of
from core.languages import Language
from core.paging import fetch_page

router = APIRouter(prefix="/v1", tags=["customers"])


@router.get("/customers")
async def list_customers(
    who: BusinessDep, session: SessionDep, page: PageDep, q: str | None = None
) -> Listing[CustomerOut]:
    "Customers by part of a name, or by whole number, email or phone."
    rows = queries.named(queries.visible_customers(who), q)
    found, cursor = await fetch_page(session, rows, page, Customer.created_at, Customer.id)
    return Listing(items=[service.customer_out(c) for c in found], next_cursor=cursor)


@router.get("/customers/{customer_id}")
async def read_customer(customer_id: UUID, who: BusinessDep, session: SessionDep) -> CustomerOut:
    "One customer; the read is audited."
    customer = await queries.load_customer(session, who, customer_id)
    await service.audit_read(session, who, customer, "customer")
    return service.customer_out(customer)


@router.get("/customers/{customer_id}/profile")
async def read_profile(customer_id: UUID, who: BusinessDep, session: SessionDep, now: NowDep) -> Profile:
    "The unified view; the read is audited."
    customer = await queries.load_customer(session, who, customer_id)
    return await service.profile(session, who, customer, now, recent_of)


@router.post("/customers/{customer_id}/recommendations")
async def make_recommendations(
    customer_id: UUID, wanted: RecommendationRequest, who: BusinessDep, session: SessionDep, now: NowDep,
    language: Language = "en",
) -> RecommendationsOut:  # fmt: skip
    "Suitable products with reasons, and what was excluded with its rule."
    customer = await queries.load_customer(session, who, customer_id)
    return await recommend(session, who, customer, wanted, language, now)


@router.get("/products")
async def list_products(who: BusinessDep, session: SessionDep, page: PageDep) -> Listing[ProductOut]:
    "The catalogue."
    found, cursor = await fetch_page(session, visible_products(who), page, Product.created_at, Product.id)
    return Listing(items=[ProductOut.model_validate(p) for p in found], next_cursor=cursor)
