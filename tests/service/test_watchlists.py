"""Watchlists in the formats in which they are published, loaded again and again, and what follows for customers."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import date

import pytest
from sqlalchemy import func, select

from actions.compliance.clearances import clear_pair, cleared_of
from actions.compliance.loading import Report, load_list
from actions.compliance.models import Alert, WatchlistEntry
from actions.compliance.rescreening import rescreen
from actions.compliance.screening import WatchlistIndex
from actions.compliance.watchlists import Format, Listed, Refusal, read_list
from actions.customers.models import Customer
from actions.tickets.models import Ticket
from actions.tickets.notifications import Notification
from actions.tickets.queries import visible_tickets
from core.errors import Invalid, NotAllowed
from core.identity import Participant, Staff
from tests.bank import Bank, checked
from tests.tickets import Desk, at, opened_desk

OFAC = """<?xml version="1.0" encoding="utf-8"?>
<sdnList xmlns="https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML">
<publshInformation><Publish_Date>06/01/2026</Publish_Date></publshInformation>
<sdnEntry><uid>501</uid><firstName>Viktor Ivanovich</firstName><lastName>SOKOLENKO</lastName><sdnType>Individual</sdnType>
 <akaList><aka><uid>9</uid><type>a.k.a.</type><category>strong</category><firstName>Viktor</firstName><lastName>SOKOLENKA</lastName></aka></akaList>
 <nationalityList><nationality><uid>1</uid><country>Russia</country><mainEntry>true</mainEntry></nationality></nationalityList>
 <dateOfBirthList><dateOfBirthItem><uid>2</uid><dateOfBirth>19 Dec 1957</dateOfBirth><mainEntry>true</mainEntry>
 </dateOfBirthItem></dateOfBirthList>
</sdnEntry>
<sdnEntry><uid>502</uid><lastName>NORTHERN PELICAN SHIPPING LLC</lastName><sdnType>Entity</sdnType></sdnEntry>
<sdnEntry><uid>503</uid><sdnType>Individual</sdnType></sdnEntry>
</sdnList>"""
EU = """<export xmlns="http://eu.europa.ec/fpi/fsd/export"><sanctionEntity euReferenceNumber="EU.1.1" logicalId="13">
<subjectType code="person" classificationCode="P"/><nameAlias firstName="" lastName="" wholeName="Tarek Al Mansouri" strong="true"/>
<nameAlias wholeName="طارق المنصوري"/><citizenship countryIso2Code="IQ"/><birthdate circa="false" birthdate="1961-04-02" year="1961"/>
</sanctionEntity></export>"""
UN = """<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><DATAID>6908</DATAID><FIRST_NAME>RI</FIRST_NAME><SECOND_NAME>CHOL SU</SECOND_NAME>
<NATIONALITY><VALUE>Democratic People's Republic of Korea</VALUE></NATIONALITY>
<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Ri Chol-su</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><YEAR>1966</YEAR></INDIVIDUAL_DATE_OF_BIRTH></INDIVIDUAL></INDIVIDUALS>
<ENTITIES><ENTITY><DATAID>11</DATAID><FIRST_NAME>GREEN LANTERN TRADING</FIRST_NAME></ENTITY></ENTITIES></CONSOLIDATED_LIST>"""
SIMPLE = (
    "id,schema,name,aliases,birth_date,countries,addresses,identifiers,sanctions,phones,emails,program_ids,dataset,first_seen,last_seen,last_change\n"
    "Q1,Person,李晓明,Li Xiaoming;LI Xiao Ming,1971-03,cn,,,,,,,test,,,\n"
    "Q2,Company,Blue Heron Holdings Ltd,,,cy;ru,,,,,,,test,,,\nQ3,CryptoWallet,abc,,,,,,,,,,test,,,\n"
    ",Person,Nameless Number,,,,,,,,,,test,,,\n"
)


def read(content: str, form: Format) -> list[Listed | Refusal]:
    return list(read_list(io.BytesIO(content.encode()), form))


@pytest.mark.parametrize(
    ("content", "form", "expected"),
    [
        (
            OFAC,
            "ofac_sdn",
            Listed(
                "501",
                "person",
                ("Viktor Ivanovich SOKOLENKO", "Viktor SOKOLENKA"),
                ("1957-12-19",),
                ("RU",),
            ),
        ),
        (
            EU,
            "eu_fsf",
            Listed(
                "13", "person", ("Tarek Al Mansouri", "طارق المنصوري"), ("1961-04-02",), ("IQ",)
            ),
        ),
        (UN, "un_sc", Listed("6908", "person", ("RI CHOL SU", "Ri Chol-su"), ("1966",), ("KP",))),
        (
            SIMPLE,
            "opensanctions",
            Listed(
                "Q1", "person", ("李晓明", "Li Xiaoming", "LI Xiao Ming"), ("1971-03",), ("CN",)
            ),
        ),
    ],
)
def test_each_published_format_is_read(content: str, form: Format, expected: Listed) -> None:
    assert read(content, form)[0] == expected


def test_what_cannot_be_used_is_refused_with_its_reason() -> None:
    assert read(OFAC, "ofac_sdn")[2] == Refusal("503", "it has no name")
    assert read(SIMPLE, "opensanctions")[2] == Refusal(
        "Nameless Number", "it has no number of its own"
    )
    assert [entry.type for entry in read(SIMPLE, "opensanctions") if isinstance(entry, Listed)] == [
        "person",
        "organisation",
    ]


@pytest.mark.parametrize(
    ("content", "form", "said"),
    [
        (EU, "ofac_sdn", "begins with export"),
        ("<CONSOLIDATED_LIST><b></CONSOLIDATED_LIST>", "un_sc", "not well-formed"),
        ("x,y\n1,2\n", "opensanctions", "it lacks"),
        (
            '<!DOCTYPE a [<!ENTITY x "y">]><CONSOLIDATED_LIST>&x;</CONSOLIDATED_LIST>',
            "un_sc",
            "entities",
        ),
    ],
)
def test_another_file_is_refused_as_a_whole(content: str, form: Format, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(content, form)
    assert said in str(refused.value.errors)


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path_factory.mktemp("lists")) as made:
        yield made


async def load(
    desk: Desk, officer: Staff, content: str, form: Format = "opensanctions", **given: bool
) -> Report:
    async with desk.database.transaction() as session:
        return await load_list(
            session, officer, "test", form, io.BytesIO(content.encode()), at(1), **given
        )


def rows(*people: str) -> str:
    head = "id,schema,name,aliases,birth_date,countries\n"
    return head + "".join(f"{number},Person,{person}\n" for number, person in enumerate(people))


async def open_alerts(desk: Desk, customer: Customer) -> list[Alert]:
    async with desk.database.transaction() as session:
        return list(
            await session.scalars(
                select(Alert).where(Alert.customer_id == customer.id, Alert.state == "open")
            )
        )


async def screen_all(desk: Desk) -> None:
    async with desk.database.transaction() as session:
        while await rescreen(session, at(2)):
            pass


async def test_a_list_is_loaded_again_by_what_changed_in_it(desk: Desk) -> None:
    officer = await desk.staff("compliance_officer")
    people = ("Orla Quirke,,1960-01-01,ie", "Bao Zhenhai,,1970,cn", "Ines Caldera,,,es")
    first = await load(desk, officer, rows(*people))
    again = await load(desk, officer, rows(*people))
    changed = await load(desk, officer, rows("Orla Quirke,Orla O'Quirke,1960-01-01,ie", people[1]))
    back = await load(desk, officer, rows(*people))
    told = [(r.added, r.changed, r.unchanged, r.removed) for r in (first, again, changed, back)]
    assert told == [(3, 0, 0, 0), (0, 0, 3, 0), (0, 1, 1, 1), (0, 2, 1, 0)]
    index = WatchlistIndex()
    async with desk.database.transaction() as session:
        await index.refresh(session)
    assert index.matches("Ines Caldera", "person", None, None, 5)
    with pytest.raises(Invalid, match="shrinking"):
        await load(desk, officer, rows(people[0]))
    assert (await load(desk, officer, rows(people[0]), shrinking=True)).removed == 2
    async with desk.database.transaction() as session:
        await index.refresh(session)
        assert await session.scalar(select(func.count()).select_from(WatchlistEntry)) == 3
    assert not index.matches("Ines Caldera", "person", None, None, 5)
    with pytest.raises(NotAllowed):
        await load(desk, await desk.staff("agent"), rows(*people))


async def test_customers_are_screened_again_once_and_until_somebody_clears_them(desk: Desk) -> None:
    officer = await desk.staff("compliance_officer")
    customer = await desk.customer(
        name="Mikhail Zavarzin", birth_date=date(1966, 6, 6), nationality="RU"
    )
    await load(desk, officer, rows("Михаил Заварзин,,1966-06-06,ru"), shrinking=True)
    await screen_all(desk)
    await screen_all(desk)
    (alert,) = await open_alerts(desk, customer)
    assert alert.evidence["birth_date_fits"]
    async with desk.database.transaction() as session:
        ticket = (
            await session.scalars(
                select(Ticket).where(Ticket.reference == alert.evidence["ticket"])
            )
        ).one()
        entry = (
            await session.scalars(select(WatchlistEntry).where(WatchlistEntry.removed_at.is_(None)))
        ).one()
        await clear_pair(
            session, officer, customer.id, entry.id, "another patronymic, passport seen"
        )
    assert (ticket.kind, ticket.queue, ticket.customer_id) == (
        "compliance_alert",
        "compliance",
        None,
    )
    assert await open_alerts(desk, customer) == []
    await load(desk, officer, rows("Михаил Заварзин,Misha Zavarzin,1966-06-06,ru"))
    await screen_all(desk)
    assert (
        len(await open_alerts(desk, customer)) == 1
    )  # the entry has changed: the clearance has ended
    async with desk.database.transaction() as session:
        kept = await session.get_one(Customer, customer.id)
        await clear_pair(session, officer, customer.id, entry.id, "the same again, passport seen")
        assert await cleared_of(session, kept)
        kept.name = "Mikhail Zavarzin-Orlov"
        await session.flush()
        assert not await cleared_of(session, kept)


async def test_organisations_are_found_among_organisations_alone(desk: Desk) -> None:
    company = await desk.customer(kind="organisation", name="Borealis Timber Ltd", nationality="GB")
    person = await desk.customer(name="Borealis Timber", nationality="GB")
    head = "id,schema,name,aliases,birth_date,countries\n"
    officer = await desk.staff("compliance_officer")
    await load(desk, officer, f"{head}o1,Company,Borealis Timber Limited,,,ru\n", shrinking=True)
    await screen_all(desk)
    assert len(await open_alerts(desk, company)) == 1
    assert await open_alerts(desk, person) == []


async def test_nothing_of_an_alert_reaches_the_customer(desk: Desk) -> None:
    customer = await desk.customer(
        name="Zheng Baogang", native_name="郑宝刚", birth_date=date(1975, 1, 2), nationality="CN"
    )
    await load(
        desk, await desk.staff("compliance_officer"), rows("郑宝刚,,1975-01-02,cn"), shrinking=True
    )
    await screen_all(desk)
    assert len(await open_alerts(desk, customer)) == 1
    async with desk.database.transaction() as session:
        seen = (await session.scalars(visible_tickets(Participant(customer.id, customer.id)))).all()
        sent = await session.scalar(
            select(func.count()).where(Notification.address == customer.email)
        )
    assert (list(seen), sent) == ([], 0)


def test_a_list_is_loaded_over_rest_by_who_may(bank: Bank) -> None:
    def send(role: str, content: str = OFAC) -> object:
        head = {"Authorization": f"Bearer {bank.staff(role)}"}
        return bank.http.post(
            "/v1/compliance/watchlists/ofac?format=ofac_sdn",
            files={"file": ("sdn.xml", content)},
            headers=head,
        )

    checked(send("agent"), 403)
    assert "begins with export" in str(checked(send("compliance_officer", EU), 422)["errors"])
    loaded = checked(send("compliance_officer"), 200)
    assert (loaded["entries"], loaded["report"]["refused"]) == (2, 1)
    found = bank.post(
        "/v1/compliance/screenings",
        {"name": "Viktor Sokolenko", "type": "person"},
        bank.staff("agent"),
    )
    assert found["matches"][0]["list"] == "ofac"
    assert (
        bank.get("/v1/compliance/watchlists", bank.staff("compliance_officer"))[0]["code"] == "ofac"
    )
