"""Every sentence of an answer comes from the catalogue: in a language of brackets, what has none goes round it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from babel.messages.pofile import write_po

from actions.compliance.rescreening import rescreen
from actions.customers.lists import draw
from api.app import create_app
from api.container import make_container
from assistant.demonstration.exchange_rates import load_exchange_rates
from assistant.demonstration.people import Generator
from assistant.demonstration.products import products
from core import catalogue
from core.accounts import StaffUser
from core.clock import utc_now
from core.identity import Role, Staff
from core.languages import LANGUAGES
from core.settings import Settings
from nlu.client import RasaClient
from tests.tickets import Desk, opened_desk

OPEN, SHUT = "⟦", "⟧"
# Three words in a row, or four characters of Chinese, are a sentence.
SENTENCE = re.compile(r"[A-Za-z][\w'’-]*(?:,? [A-Za-z][\w'’-]*){2,}|[\u4e00-\u9fff]{4,}")
SHOWN = 3
# Content, which people and the bank write in each language: of tickets, products, questionnaires and forms; and what
# operators read of tasks in English.
WRITTEN = re.compile(
    r"/(services|products/knowledge) \."
    r"|\.(name|name_zh|description|ask|answers\[\]|next|disclosures\[\])$"
)
LISTS = (
    "/v1/auth/me",
    "/v1/conversations",
    "/v1/knowledge/gaps",
    "/v1/knowledge/question-sets",
    "/v1/jobs",
    "/v1/knowledge/articles",
    "/v1/tickets",
    "/v1/tickets/groups",
    "/v1/tickets/filters",
    "/v1/tickets/counts",
    "/v1/problems",
    "/v1/services",
    "/v1/complaints/register",
    "/v1/rulebook/routing/models",
    "/v1/workforce/agents",
    "/v1/workforce/notices",
    "/v1/products",
    "/v1/products/knowledge",
    "/v1/recommendations/models",
    "/v1/sources",
    "/v1/sources/quality",
    "/v1/identity/reviews",
    "/v1/identity/survivorship",
    "/v1/customers/risk_questionnaire",
    "/v1/marketing/segments",
    "/v1/marketing/limits",
    "/v1/marketing/campaigns",
    "/v1/leads",
    "/v1/exchange-rates",
    "/v1/compliance/watchlists",
    "/v1/compliance/alerts",
    "/v1/compliance/monitoring/parameters",
    "/v1/compliance/cases",
    "/v1/analytics/overview",
    "/v1/analytics/live",
    "/v1/analytics/reports",
    "/v1/analytics/saved",
    "/v1/webhooks",
    "/v1/audit",
    "/v1/scheduled-tasks",
)
MISTAKES: list[tuple[str, str, Any]] = [
    ("GET", "/v1/tickets/00000000-0000-4000-8000-000000000000", None),
    ("GET", "/v1/nowhere", None),
    ("POST", "/v1/tickets", {"subject": "", "queue": "none"}),
    ("POST", "/v1/compliance/checks", {"purpose": "onboarding"}),
    ("GET", "/v1/analytics/overview?from=yesterday", None),
    ("POST", "/v1/knowledge/articles", {"slug": "A b"}),
    ("GET", "/v1/audit", None),
]
MARKED = re.compile(f"{OPEN}[^{OPEN}{SHUT}]*{SHUT}")


def pseudo(folder: Path) -> None:
    """Catalogues in which every wording stands in brackets."""
    for language in LANGUAGES:
        messages = catalogue.read_catalogue("en")
        for message in messages:
            if message.id:
                forms = message.string if isinstance(message.string, tuple) else (message.string,)
                marked = tuple(f"{OPEN}{form}{SHUT}" for form in forms)
                message.string = marked if isinstance(message.string, tuple) else marked[0]
        path = folder / language / "LC_MESSAGES" / f"{catalogue.DOMAIN}.po"
        path.parent.mkdir(parents=True)
        with path.open("wb") as target:
            write_po(target, messages)


def sentences_outside(body: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Where a text stands that holds a sentence outside of brackets."""
    match body:
        case dict():
            for name, value in body.items():
                yield from sentences_outside(value, f"{path}.{name}")
        case list():
            for value in body:
                yield from sentences_outside(value, f"{path}[]")
        case str():
            rest = body
            while MARKED.search(rest):
                rest = MARKED.sub("", rest)
            if SENTENCE.search(rest):
                yield path, body


class Reader:
    """Somebody of each role who reads the product in the language of brackets."""

    def __init__(self, http: httpx.AsyncClient, tokens: dict[Role, str]) -> None:
        self.http, self.tokens = http, tokens
        self.outside: set[tuple[str, str, str]] = set()
        self.worded = 0

    async def ask(self, method: str, path: str, role: Role = "admin", body: Any = None) -> Any:
        """What a route answers; its texts are looked at."""
        answer = await self.http.request(
            method, path, json=body, headers={"Authorization": f"Bearer {self.tokens[role]}"}
        )
        content = answer.json() if "json" in answer.headers.get("content-type", "") else None
        self.worded += answer.text.count(OPEN)
        route = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "{id}", path.partition("?")[0])
        for where, text in sentences_outside(content):
            if not WRITTEN.search(f"{route} {where}"):
                self.outside.add((f"{method} {route}", where, text))
        return content


@pytest.fixture
async def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Reader]:
    """The product in one process, on a small bank."""
    async with opened_desk(tmp_path) as desk:
        people = {role: await desk.staff(role) for role in get_args(Role)}
        await small_bank(desk)
        pseudo(tmp_path / "locale")
        monkeypatch.setattr(catalogue, "FOLDER", tmp_path / "locale")
        catalogue.translations.cache_clear()
        settings = Settings(var_dir=tmp_path / "var")
        rasa = RasaClient(["http://127.0.0.1:1"], "", timeout_s=1)
        parts = make_container(settings, desk.database, desk.search.encoder, rasa, None)
        transport = httpx.ASGITransport(create_app(parts))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://bank", headers={"Accept-Language": "zh"}
        ) as http:
            tokens = {role: await token_of(desk, http, who) for role, who in people.items()}
            yield Reader(http, tokens)
        catalogue.translations.cache_clear()


async def token_of(desk: Desk, http: httpx.AsyncClient, who: Staff) -> str:
    async with desk.database.transaction() as session:
        email = (await session.get_one(StaffUser, who.id)).email
    signed_in = await http.post(
        "/v1/auth/token", json={"email": email, "password": "a long password"}
    )
    token: str = signed_in.json()["access_token"]
    return token


async def small_bank(desk: Desk) -> None:
    """Products, some customers with what they have, and a watchlist that they resemble."""
    generator, kinds = Generator(utc_now().date()), products()
    async with desk.database.transaction() as session:
        session.add_all(kinds)
        await session.flush()
        customers = [generator.customer(number) for number in range(SHOWN)]
        session.add_all(customers)
        await session.flush()
        for customer in customers:
            session.add_all(generator.belongings(customer, kinds))
        session.add_all(generator.watchlist(customers))
        await session.flush()
        await load_exchange_rates(session)
        while await rescreen(session, utc_now()):
            pass
        await draw(session, [customer.id for customer in customers], utc_now())


async def read_lists(reader: Reader) -> None:
    """Every listing and page that needs no key."""
    for path in LISTS:
        await reader.ask("GET", path)
    for role in ("agent", "compliance_officer"):
        for path in ("/v1/workforce/notices", "/v1/compliance/alerts"):
            await reader.ask("GET", path, role)


async def work_on_a_ticket(reader: Reader) -> None:
    new = {"subject": "Card", "description": "My card was stolen!", "queue": "cards"}
    made = await reader.ask("POST", "/v1/tickets", "agent", new)
    path = f"/v1/tickets/{made['id']}"
    await reader.ask("PUT", f"{path}/watching", "agent")
    await reader.ask("POST", f"{path}/transition", "supervisor", {"to": "archived"})
    await reader.ask("POST", f"{path}/comments", "supervisor", {"text": "Seen"})
    for part in ("", "/history", "/comments"):
        await reader.ask("GET", path + part, "agent")
    await reader.ask("GET", "/v1/workforce/notices", "agent")


async def work_on_a_customer(reader: Reader) -> None:
    listed = await reader.ask("GET", "/v1/customers?limit=2", "supervisor")
    for customer in listed["items"]:
        path = f"/v1/customers/{customer['id']}"
        for part in ("", "/profile", "/consents", "/timeline", "/transactions"):
            await reader.ask("GET", f"{path}{part}", "compliance_officer")
        kyc = f"/v1/compliance/customers/{customer['id']}/kyc"
        await reader.ask("GET", kyc, "compliance_officer")
        need = {"goal": "growth", "horizon_months": 60}
        await reader.ask("POST", f"{path}/recommendations?language=zh", "supervisor", need)
        for purpose in ("onboarding", "marketing", "transaction"):
            body = {"customer_id": customer["id"], "purpose": purpose}
            check = await reader.ask("POST", "/v1/compliance/checks", "compliance_officer", body)
            replay = f"/v1/compliance/checks/{check['decision_id']}/replay"
            await reader.ask("GET", replay, "compliance_officer")


async def make_mistakes(reader: Reader) -> None:
    for method, path, body in MISTAKES:
        answer = await reader.ask(method, path, "supervisor", body)
        assert answer["status"] >= 400, path


async def test_no_sentence_of_an_answer_goes_round_the_catalogue(reader: Reader) -> None:
    await read_lists(reader)
    await work_on_a_ticket(reader)
    await work_on_a_customer(reader)
    await make_mistakes(reader)
    names = {"name": "Viktor Petrenko", "type": "person"}
    await reader.ask("POST", "/v1/compliance/screenings", "compliance_officer", names)
    await reader.ask(
        "POST",
        "/v1/compliance/screenings/compare",
        "compliance_officer",
        names | {"other": "Petrenko, Wiktor"},
    )
    assert sorted(reader.outside) == []
    # What was read was worded by the catalogue.
    assert reader.worded > 100


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        (f"{OPEN}sign of {OPEN}anger{SHUT}: “You: bad, the worst”{SHUT}", False),
        (f"{OPEN}the clock runs out{SHUT} in some hours today", True),
        ("nothing is sure enough", True),
        ("没有把握可转", True),
        ("T-100234 open", False),
    ],
)
def test_a_sentence_outside_of_brackets_is_seen(text: str, outside: bool) -> None:
    assert bool(list(sentences_outside({"a": [text]}))) is outside
