"""Two hundred customers with everything a bank knows of them, ten employees, and a watchlist of five thousand entries."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from actions.compliance.kyc.models import KycDocument
from actions.compliance.loading import entry_row
from actions.compliance.models import WatchlistEntry
from actions.compliance.watchlists import Listed
from actions.customers.models import Account, Card, Customer, Holding, LifeEvent, Loan, Transaction
from actions.name_matching.comparison import EntityType
from actions.products.models import Product
from assistant.demonstration.names import (
    chinese_name,
    company_name,
    latin_name,
    misspelt,
)
from core.database import Base

CUSTOMERS, WATCHLIST, LISTED_CUSTOMERS = 200, 5_000, 4
SEED = 20_240_601
ROLES = (
    "agent",
    "agent",
    "agent",
    "agent",
    "supervisor",
    "supervisor",
    "knowledge_manager",
    "knowledge_manager",
    "compliance_officer",
    "admin",
)
_SHOPS = (
    ("Green Market", "groceries"),
    ("City Transit", "transport"),
    ("Corner Café", "eating_out"),
    ("Bright Energy", "utilities"),
    ("Novel Books", "shopping"),
    ("Harbour Rent", "housing"),
    ("FitLife Gym", "health"),
    ("SkyLine Travel", "travel"),
    ("Cinema Nord", "leisure"),
    ("Mobile One", "telecom"),
)
_COUNTRIES = ("DE", "FR", "IT", "ES", "NL", "AT", "PL", "CN", "GB")


class Generator:
    """Makes the bank's rows; the same seed and day make the same rows."""

    def __init__(self, today: date, seed: int = SEED) -> None:
        self.random, self.today = Random(seed), today
        self.now = datetime(today.year, today.month, today.day, 6, tzinfo=UTC)

    def key(self) -> uuid.UUID:
        """An id from the seed, so that a rebuilt demonstration has the same customers."""
        return uuid.UUID(int=self.random.getrandbits(128), version=4)

    def customer(self, number: int) -> Customer:
        """A customer; every second one has a Chinese name. The first twenty can be relied on: verified, assessed."""
        r, chinese, plain = self.random, number % 2 == 1, number < 20
        native, name = chinese_name(r) if chinese else (None, latin_name(r))
        level = 1 + number % 5
        state = (
            "verified"
            if plain
            else r.choices(("verified", "pending", "expired", "rejected"), (82, 6, 10, 2))[0]
        )
        until = self.today + timedelta(
            days=r.randrange(60, 900) if state == "verified" else -r.randrange(10, 300)
        )
        assessed = self.today + timedelta(
            days=r.randrange(30, 360) if plain or r.random() > 0.15 else -20
        )
        return Customer(
            id=self.key(),
            number=f"C{100_000 + number}",
            name=name,
            native_name=native,
            birth_date=date(r.randrange(1945, 2004), r.randrange(1, 13), r.randrange(1, 29)),
            nationality="CN" if chinese else r.choice(_COUNTRIES[:7]),
            residency=r.choice(_COUNTRIES[:6]),
            language="zh" if chinese else "en",
            segment=("mass", "mass", "affluent", "mass", "private")[number % 5],
            email=f"customer{number}@example.com",
            phone=f"+4915{r.randrange(10**8, 10**9)}",
            address=f"{r.randrange(1, 200)} Linden Street, {r.randrange(10_000, 99_999)}",
            document={
                "type": "passport",
                "number": f"P{r.randrange(10**7, 10**8)}",
                "until": until.isoformat(),
            },
            risk_level=f"C{level}",
            risk_assessed_until=assessed,
            kyc_state=state,
            kyc_until=until,
            experience=("none", "basic", "basic", "experienced", "experienced")[level - 1],
            monthly_income=Decimal(r.randrange(1_500, 9_000)),
            knowledge=[[], ["fund"], ["fund"], ["fund", "note"], ["fund", "note"]][level - 1],
            consents={
                "marketing": r.random() < 0.6,
                "profiling": r.random() < 0.7,
                "recording": True,
                "household": number % 10 < 2,
            },
            source="core_banking",
            source_at=self.now,
        )

    def belongings(self, customer: Customer, products: list[Product]) -> list[Base]:
        """Accounts, cards, loans, holdings and a year of transactions."""
        r = self.random
        current, savings = (self._account(customer, kind) for kind in ("current", "savings"))
        rows: list[Base] = [current, savings, self._card(customer, current, "debit")]
        if r.random() < 0.5:
            rows.append(self._card(customer, current, "credit"))
        if r.random() < 0.35:
            rows.append(self._loan(customer))
        suitable = [p for p in products if int(p.risk_level[1:]) <= int(customer.risk_level[1:])]
        rows += [
            self._holding(customer, product)
            for product in r.sample(suitable, min(2, len(suitable)))
        ]
        return rows + self._transactions(customer, current)

    def papers(self, customers: list[Customer]) -> list[KycDocument]:
        """The passport of each customer, and a proof of address of the verified ones."""
        r = Random(SEED + 2)  # apart, so that everything else stays as it was
        rows = []
        for customer in customers:
            kinds = ("passport", "proof_of_address", "tax_self_certification")[
                : 3 if customer.kyc_state == "verified" else 1
            ]
            for kind in kinds:
                until = (
                    date.fromisoformat(customer.document["until"]) if kind == "passport" else None
                )
                rows.append(
                    KycDocument(
                        id=uuid.UUID(int=r.getrandbits(128), version=4),
                        customer_id=customer.id,
                        kind=kind,
                        expires_on=until,
                        last_four=customer.document["number"][-4:] if kind == "passport" else None,
                        issued_on=self.today - timedelta(days=r.randrange(30, 350)),
                        received_by="system:demonstration",
                        state="expired" if until and until < self.today else "verified",
                        decided_by="system:demonstration",
                        decided_at=self.now,
                    )
                )
        return rows

    def life_events(self, customers: list[Customer]) -> list[LifeEvent]:
        """A move, a birth, a new job for every fourth customer, in the last two years."""
        r = Random(SEED + 1)  # apart, so that everything else stays as it was
        return [
            LifeEvent(
                id=uuid.UUID(int=r.getrandbits(128), version=4),
                customer_id=customer.id,
                kind=r.choice(
                    ("move", "birth", "new_job", "marriage", "home_purchase", "inheritance")
                ),
                happened_on=self.today - timedelta(days=r.randrange(5, 700)),
                source="core_banking",
                noted_by="system:demonstration",
            )
            for customer in customers[::4]
        ]

    def watchlist(self, customers: list[Customer]) -> list[WatchlistEntry]:
        """Sanctions, PEP and internal entries; a few name customers of ours."""
        r = self.random
        entries = [self._listed(customer) for customer in customers[-LISTED_CUSTOMERS:]]
        while len(entries) < WATCHLIST:
            entries.append(self._company() if r.random() < 0.2 else self._person())
        return entries

    def _account(self, customer: Customer, kind: str) -> Account:
        r = self.random
        return Account(
            id=self.key(),
            customer_id=customer.id,
            iban=f"DE{r.randrange(10**19, 10**20)}",
            kind=kind,
            currency="EUR",
            balance=Decimal(r.randrange(20_000, 4_000_000)) / 100,
            opened_on=date(r.randrange(2005, 2023), 5, 4),
        )

    def _card(self, customer: Customer, account: Account, kind: str) -> Card:
        return Card(
            id=self.key(),
            customer_id=customer.id,
            account_id=account.id,
            kind=kind,
            last_four=f"{self.random.randrange(10_000):04d}",
            state="active",
            expires_on=self.today + timedelta(days=self.random.randrange(60, 1400)),
        )

    def _loan(self, customer: Customer) -> Loan:
        r = self.random
        principal = Decimal(r.randrange(5, 300) * 1000)
        return Loan(
            id=self.key(),
            customer_id=customer.id,
            kind="mortgage" if principal > 60_000 else "personal",
            currency="EUR",
            principal=principal,
            outstanding=(principal * Decimal(r.randrange(20, 95)) / 100),
            rate_percent=Decimal(r.randrange(180, 790)) / 100,
            instalment=(principal / 120).quantize(Decimal("0.01")),
            next_due_on=self.today + timedelta(days=r.randrange(1, 30)),
            ends_on=self.today + timedelta(days=r.randrange(400, 6000)),
        )

    def _holding(self, customer: Customer, product: Product) -> Holding:
        r = self.random
        return Holding(
            id=self.key(),
            customer_id=customer.id,
            product_id=product.id,
            currency="EUR",
            value=max(product.minimum, Decimal(r.randrange(500, 20_000))),
            bought_on=self.today - timedelta(days=r.randrange(30, 1500)),
        )

    def _transactions(self, customer: Customer, account: Account) -> list[Transaction]:
        r, rows = self.random, []
        for month in range(12):
            paid = self.now - timedelta(days=30 * month + 2)
            rows.append(
                self._booking(account, paid, customer.monthly_income, "Employer Payroll", "salary")
            )
            for _ in range(r.randrange(6, 12)):
                shop, category = r.choice(_SHOPS)
                at = paid - timedelta(days=r.randrange(28), hours=r.randrange(12))
                rows.append(
                    self._booking(
                        account, at, -Decimal(r.randrange(200, 15_000)) / 100, shop, category
                    )
                )
        return rows

    def _booking(
        self, account: Account, at: datetime, amount: Decimal, who: str, category: str
    ) -> Transaction:
        return Transaction(
            id=self.key(),
            account_id=account.id,
            booked_at=at,
            amount=amount,
            currency="EUR",
            counterparty=who,
            category=category,
        )

    def _listed(self, customer: Customer) -> WatchlistEntry:
        aliases = [misspelt(customer.name, self.random)] + (
            [customer.native_name] if customer.native_name else []
        )
        return self._entry(
            "pep", "person", (customer.name, *aliases), customer.birth_date, customer.nationality
        )

    def _person(self) -> WatchlistEntry:
        r = self.random
        if r.random() < 0.3:
            native, name = chinese_name(r)
            aliases = [native, " ".join(reversed(name.split()))]
        else:  # a middle name keeps invented people apart from invented customers
            first, last = latin_name(r).split()
            name = f"{first} {latin_name(r).split()[0]} {last}"
            aliases = [f"{last}, {first}", misspelt(name, r)]
        source, born = (
            r.choice(("sanctions", "pep", "internal")),
            date(r.randrange(1940, 2000), r.randrange(1, 13), r.randrange(1, 29)),
        )
        return self._entry(
            source,
            "person",
            (name, *aliases),
            born,
            r.choice(("RU", "IR", "KP", "SY", "BY", "CN", "VE")),
        )

    def _company(self) -> WatchlistEntry:
        name = company_name(self.random)
        names = (name, name.rsplit(" ", 1)[0])
        return self._entry(
            "sanctions", "organisation", names, None, self.random.choice(("RU", "IR", "KP", "SY"))
        )

    def _entry(
        self, source: str, kind: EntityType, names: tuple[str, ...], born: date | None, country: str
    ) -> WatchlistEntry:
        key = self.key()
        listed = Listed(str(key), kind, names, (born.isoformat(),) if born else (), (country,))
        return entry_row(source, listed, key, self.now)
