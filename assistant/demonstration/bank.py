"""Loads the demonstration bank into an empty database, and writes the logins to var/demo.json.

A database that has something in it and was not made here is never touched, whatever the settings say.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.models import Customer, Household
from actions.marketing.campaigns import put_campaign
from actions.marketing.schemas import CampaignContent
from actions.marketing.segments import SegmentContent, put_segment
from actions.products.models import Product
from assistant.conversations.models import Conversation
from assistant.demonstration.articles import articles
from assistant.demonstration.exchange_rates import load_exchange_rates
from assistant.demonstration.names import latin_name
from assistant.demonstration.people import CUSTOMERS, ROLES, Generator
from assistant.demonstration.products import products
from core.accounts import ApiKey, StaffUser, add_api_key, add_staff
from core.audit import AuditEntry
from core.clock import utc_now
from core.database import Base, Database
from core.errors import SetupError
from core.identity import SCOPES, System
from core.installation import is_demonstration, mark_demonstration
from core.secrets import write_private
from core.settings import Settings
from core.tokens import IDENTITY_AUDIENCE, hash_password, sign_token
from knowledge_base.encoder import Encoder
from knowledge_base.models import Article
from knowledge_base.service import create_article, publish_all

SHOWN_CUSTOMERS = 40
TOKEN_LIFE = timedelta(days=30)
BATCH = 2_000
Progress = Callable[[str], None]


async def require_demonstration(session: AsyncSession) -> None:
    """SetupError unless the database is empty or was made by the demonstration."""
    if not (await is_demonstration(session) or await is_empty(session)):
        raise SetupError(
            "The database holds data that are not the demonstration's: "
            "serve it with `assistant serve`, or point DATABASE_URL at an empty one."
        )


async def is_empty(session: AsyncSession) -> bool:
    """Whether nobody has done anything here yet: no customers, articles, accounts, conversations or audited acts."""
    tables = (Customer, Article, StaffUser, ApiKey, Conversation, AuditEntry)
    rows = [await session.scalar(select(select(table.id).exists())) for table in tables]
    return not any(rows)


async def load_bank(
    database: Database, encoder: Encoder, settings: Settings, progress: Progress
) -> None:
    """Everything in one transaction: a bank that was killed half-way is loaded anew. SetupError for a foreign database."""
    by = System("demonstration")
    async with database.transaction() as session:
        await require_demonstration(session)
        await mark_demonstration(session)
        progress("customers, products and the watchlist")
        await _people(session)
        await load_exchange_rates(session)
        progress("articles")
        await load_articles(session, encoder)
        progress("staff")
        logins, key = await _staff(session, by)
        await _look_after(session)
        await _campaign(session)
        people = (
            await session.scalars(select(Customer).order_by(Customer.number).limit(SHOWN_CUSTOMERS))
        ).all()
        _write_logins(settings, logins, key, list(people))


async def renew_logins(database: Database, settings: Settings) -> None:
    """Write var/demo.json when it is gone or names another address: new passwords, key and identity tokens.

    SetupError, before anything is changed, unless the demonstration made the database.
    """
    path = settings.var_dir / "demo.json"
    if (
        path.exists()
        and json.loads(path.read_text(encoding="utf-8")).get("base_url") == settings.base_url
    ):
        return
    by = System("demonstration")
    async with database.transaction() as session:
        await require_demonstration(session)
        users = (
            await session.scalars(select(StaffUser).order_by(StaffUser.created_at, StaffUser.email))
        ).all()
        logins: dict[str, dict[str, str]] = {}
        for user in users:
            password = secrets.token_urlsafe(12)
            user.password_hash = await hash_password(password)
            logins.setdefault(user.role, {"email": user.email, "password": password})
        key = await add_api_key(session, by, "demonstration", SCOPES)
        people = (
            await session.scalars(select(Customer).order_by(Customer.number).limit(SHOWN_CUSTOMERS))
        ).all()
        _write_logins(settings, logins, key, list(people))


async def _people(session: AsyncSession) -> None:
    generator = Generator(utc_now().date())
    catalogue = products()
    session.add_all(catalogue)
    await session.flush()
    customers = [generator.customer(number) for number in range(CUSTOMERS)]
    session.add_all(customers)
    await session.flush()
    rows: list[Base] = [
        row for customer in customers for row in generator.belongings(customer, catalogue)
    ]
    rows += generator.watchlist(customers)
    rows += generator.life_events(customers)
    rows += generator.papers(customers)
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        session.add_all(batch)
        await session.flush()
        for row in batch:
            session.expunge(row)


async def load_articles(session: AsyncSession, encoder: Encoder) -> None:
    """Publish every article of the demonstration."""
    curator = System("demonstration", frozenset({"knowledge:write", "knowledge:read"}))
    await publish_all(
        session,
        [await create_article(session, curator, content) for content in articles()],
        [encoder],
    )


async def _staff(session: AsyncSession, by: System) -> tuple[dict[str, dict[str, str]], str]:
    generator = Generator(utc_now().date(), seed=7)
    logins: dict[str, dict[str, str]] = {}
    for number, role in enumerate(ROLES):
        email, password = (
            f"{role.replace('_', '.')}{number}@bank.example",
            secrets.token_urlsafe(12),
        )
        await add_staff(
            session,
            by,
            email=email,
            name=latin_name(generator.random),
            role=role,
            password=password,
            languages=["en", "zh"],
        )
        logins.setdefault(role, {"email": email, "password": password})
    return logins, await add_api_key(session, by, "demonstration", SCOPES)


async def _campaign(session: AsyncSession) -> None:
    """A segment and a campaign that waits for a supervisor to start it."""
    by, now = System("demonstration", frozenset({"marketing:manage"})), utc_now()
    rule = {
        "all": [{"field": "lacks", "value": "savings"}, {"field": "kyc_state", "value": "verified"}]
    }
    segment = {"names": {"en": "Without savings", "zh": "没有储蓄产品"}, "rule": rule}
    await put_segment(
        session, by, "without-savings", SegmentContent.model_validate(segment), None, now
    )
    product = await session.scalar(select(Product.id).where(Product.code == "SAV"))
    text = {
        "en": "By the way, {name}: {product} keeps money at hand and earns interest.",
        "zh": "{name}，顺便介绍一下：{product}随存随取，还有利息。",
    }
    content = {
        "names": {"en": "A reserve at hand", "zh": "随手备用金"},
        "segment": "without-savings",
        "product_id": product,
        "channels": ["web", "app", "workspace"],
        "starts_at": now,
        "ends_at": now + TOKEN_LIFE,
        "hours": ("00:00", "23:59:59"),
        "holdout": 0.1,
        "variants": [{"code": "plain", "text": text}],
    }
    await put_campaign(session, by, "reserve", CampaignContent.model_validate(content), None)


async def _look_after(session: AsyncSession) -> None:
    """Every customer of the better segments has a relationship manager; the Linden household lives together."""
    agents = (
        await session.scalars(
            select(StaffUser.id).where(StaffUser.role == "agent").order_by(StaffUser.email)
        )
    ).all()
    rows = (await session.scalars(select(Customer).order_by(Customer.number))).all()
    for number, customer in enumerate(customer for customer in rows if customer.segment != "mass"):
        customer.relationship_manager_id = agents[number % len(agents)]
    household = Household(name="Linden Street 4")
    session.add(household)
    await session.flush()
    for customer in [customer for customer in rows if customer.consents.get("household")][:2]:
        customer.household_id = household.id


def _write_logins(
    settings: Settings, logins: dict[str, dict[str, str]], key: str, people: list[Customer]
) -> None:
    secret, now = settings.secrets.identity_token, utc_now()
    demo = {
        "base_url": settings.base_url,
        "staff": logins,
        "api_key": key,
        "customers": [
            {
                "id": str(customer.id),
                "name": customer.native_name or customer.name,
                "language": customer.language,
                "identity_token": sign_token(
                    secret, IDENTITY_AUDIENCE, str(customer.id), now, TOKEN_LIFE, amr=["pwd", "mfa"]
                ),
            }
            for customer in people
        ],
    }
    write_private(settings.var_dir / "demo.json", json.dumps(demo, ensure_ascii=False, indent=1))
