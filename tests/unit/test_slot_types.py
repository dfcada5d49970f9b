"""What answers and first messages hold for a flow's steps, in both languages. The present is Friday 27 November 2026, 11:00."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

import pytest

from actions.customers.models import Account, Card
from actions.tickets.models import Ticket
from actions.tickets.ticket_config.contents import FieldContent, ServiceContent
from actions.tickets.ticket_config.service import default_services
from assistant.dialogue import slot_types
from assistant.dialogue.facts import Facts
from assistant.dialogue.flows.definition import Collect
from assistant.dialogue.flows.loading import DEFINITIONS, read_file
from assistant.dialogue.slot_types import Filled, Unreadable
from core.catalogue import has_message
from core.languages import MAX_MESSAGE, Language, detect_language
from core.localized_text import LocalizedText, translate

NOW = datetime(2026, 11, 27, 11, tzinfo=UTC)
SPACE = UUID(int=7)


def card(kind: str, last_four: str, state: str = "active") -> Card:
    return Card(
        id=uuid5(SPACE, last_four),
        kind=kind,
        last_four=last_four,
        state=state,
        expires_on=date(2028, 5, 31),
    )


CREDIT, DEBIT, BLOCKED = (
    card("credit", "4411"),
    card("debit", "9038"),
    card("debit", "7777", "blocked"),
)
SECOND_DEBIT = card("debit", "1200")
CURRENT = Account(id=uuid5(SPACE, "current"), kind="current", iban="DE02120300000000202051")
SAVINGS = Account(id=uuid5(SPACE, "savings"), kind="savings", iban="DE02500105170137075030")


def ticket(reference: str, subject: str, state: str = "open", day: int = 1) -> Ticket:
    return Ticket(
        id=uuid5(SPACE, reference),
        reference=reference,
        subject=subject,
        state=state,
        tags=[],
        created_at=datetime(2026, 11, day, tzinfo=UTC),
    )


TICKETS = (
    ticket("T-100300", "Mortgage statement never arrived", day=20),
    ticket("T-100200", "Rude cashier at the branch", day=10),
    ticket("T-100100", "短信费用重复扣款", "resolved", day=2),
)


def facts(language: Language = "en", **changes: Any) -> Facts:
    world: dict[str, Any] = {
        "cards": (CREDIT, DEBIT, BLOCKED),
        "accounts": (CURRENT, SAVINGS),
        "tickets": TICKETS,
    }
    return Facts(now=NOW, language=language, signed_in=True, **{**world, **changes})


def step(kind: Any, **changes: Any) -> Collect:
    return Collect(collect="slot", type=kind, **changes)


def read(kind: Any, text: str, world: Facts | None = None, **changes: Any) -> Any:
    """The value that is read, or the code that says why there is none."""
    world = world or facts(detect_language(text))
    reading = slot_types.read_slot(step(kind, **changes), text, (), world)
    return reading.value if isinstance(reading, Filled) else f"! {reading.code.partition('.')[2]}"


def ids(*cards: Card) -> Any:
    found = [str(card.id) for card in cards]
    return found[0] if len(found) == 1 else found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the one ending 4411", ids(CREDIT)),
        ("9038", ids(DEBIT)),
        ("尾号4411的那张", ids(CREDIT)),
        ("credit", ids(CREDIT)),
        ("the debit one", ids(DEBIT)),
        ("not the credit card, the debit one", ids(DEBIT)),
        ("not the credit one", ids(DEBIT)),
        ("不是信用卡", ids(DEBIT)),
        ("信用卡", ids(CREDIT)),
        ("the second one", ids(DEBIT)),
        ("2", ids(DEBIT)),
        ("第一张", ids(CREDIT)),
        ("the last one", ids(DEBIT)),
        ("both", ids(CREDIT, DEBIT)),
        ("all of them", ids(CREDIT, DEBIT)),
        ("两张都要", ids(CREDIT, DEBIT)),
        ("the blue one", "! which_of_these"),
        ("my card", "! which_of_these"),
        ("the other one", "! which_of_these"),
        ("give me a second", "! which_of_these"),
        ("all right", "! which_of_these"),
        ("that's all", "! which_of_these"),
        ("none of these", "! which_of_these"),
        ("都不是", "! which_of_these"),
        ("no", "! which_of_these"),
        ("idk", "! which_of_these"),
        ("the one ending 0000", "! no_such_card"),
        ("7777", "! card_not_active"),
        ("", "! which_of_these"),
    ],
)
def test_a_card_is_named_by_digits_kind_or_place(text: str, expected: Any) -> None:
    assert read("card", text) == expected


def test_the_only_card_may_be_pointed_at_but_not_contradicted() -> None:
    world = facts(cards=(DEBIT, BLOCKED))
    assert [
        read("card", text, world) for text in ("that one", "yes", "the other one", "my card")
    ] == [ids(DEBIT)] * 4
    assert read("card", "the credit card", world) == "! which_of_these"
    assert read("card", "my wife's card", world) == "! which_of_these"


def test_the_other_card_is_not_the_present_one() -> None:
    reading = slot_types.read_slot(step("card"), "no, the other one", (), facts(), ids(CREDIT))
    assert reading == Filled(ids(DEBIT))


def test_two_cards_of_a_kind_are_asked_apart() -> None:
    world = facts(cards=(CREDIT, DEBIT, SECOND_DEBIT))
    assert read("card", "the debit card", world) == "! which_of_these"
    assert read("card", "the debit card ending 1200", world) == ids(SECOND_DEBIT)


def test_a_blocked_card_is_looked_for_among_the_blocked_ones() -> None:
    assert read("blocked_card", "7777") == ids(BLOCKED)
    assert read("blocked_card", "9038") == "! card_already_active"
    assert read("blocked_card", "it", facts(cards=(DEBIT,))) == "! no_blocked_card"
    assert slot_types.default(step("blocked_card"), facts()) == ids(BLOCKED)
    assert slot_types.default(step("card"), facts()) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I lost my credit card", ids(CREDIT)),
        ("my card ending 9038 was stolen", ids(DEBIT)),
        ("block both my cards please", ids(CREDIT, DEBIT)),
        ("两张卡都丢了", ids(CREDIT, DEBIT)),
        ("I lost my card, that is all I know", None),
        ("my card is gone", None),
        ("I lost my first card in March", None),
    ],
)
def test_a_first_message_names_a_card_plainly_or_not_at_all(text: str, expected: Any) -> None:
    world = facts(detect_language(text))
    assert slot_types.prefill(step("card"), text, (), world) == expected
    assert slot_types.holds_value(step("card"), text, (), world) == (expected is not None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("T-100200", "T-100200"),
        ("t100999 please", "T-100999"),
        ("100200", "T-100200"),
        ("999999", "! bad_reference"),
        ("the first one", "T-100300"),
        ("the latest", "T-100300"),
        ("the oldest one", "T-100100"),
        ("the one about the mortgage", "T-100300"),
        ("the cashier", "T-100200"),
        ("短信费用那个", "T-100100"),
        ("第二个", "T-100200"),
        ("the one about my holiday", "! bad_reference"),
        ("idk", "! bad_reference"),
        ("my ticket", "! bad_reference"),
    ],
)
def test_a_ticket_is_named_by_reference_place_or_subject(text: str, expected: str) -> None:
    assert read("ticket", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The app logs me out every morning", True),
        ("App 一直闪退，登录不了", True),
        ("I was charged twice at Tesco. Can you fix that?", True),
        ("why does the app log me out?", False),
        ("wait how much does it cost", False),
        ("how long will that take", False),
        ("这个要多少钱", False),
        ("手续费怎么收的呢", False),
        ("idk", False),
        ("I don't know", False),
        ("不知道", False),
        ("ok thanks", False),
        ("problem", False),
        ("坏了", False),
        ("👍", False),
        ("", False),
    ],
)
def test_a_description_tells_of_a_matter(text: str, expected: bool) -> None:
    assert read("description", text) == (text if expected else "! bad_description")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I'd like to make a complaint about the rude clerk in Leeds", "the rude clerk in Leeds"),
        ("I want to make a complaint", None),
        ("please open a ticket", None),
        ("我要投诉：柜台排队两个小时", "柜台排队两个小时"),
        ("我要投诉", None),
        ("My card was stolen at the station", "My card was stolen at the station"),
        ("how do I open a ticket?", None),
    ],
)
def test_what_asks_for_a_ticket_may_say_what_it_is_about(text: str, expected: str | None) -> None:
    assert slot_types.prefill(step("description"), text, (), facts()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it happened again", "it happened again"),
        ("the order number is 88123", "the order number is 88123"),
        ("今天又扣了一次", "今天又扣了一次"),
        ("yes", "! bad_note"),
        ("what should I write?", "! bad_note"),
        ("skip", "! bad_note"),
    ],
)
def test_a_note_may_be_shorter_than_a_description(text: str, expected: str) -> None:
    assert read("note", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("anna@example.com", "anna@example.com"),
        ("Anna at example dot com", "anna@example.com"),
        ("my number is +44 20 7946 0018", "+442079460018"),
        ("138 0013 8000", "+8613800138000"),
        ("T-100200", "! bad_contact"),
        ("you have it already", "! bad_contact"),
        ("why do you need it?", "! bad_contact"),
    ],
)
def test_a_contact_is_an_address_or_a_number(text: str, expected: str) -> None:
    assert read("contact", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tomorrow at 3pm", "2026-11-28T15:00"),
        ("tomorrow 3pm please", "2026-11-28T15:00"),
        ("下周二下午", "2026-12-01/afternoon"),
        ("周五下午三点", "2026-11-27T15:00"),
        ("明天上午十点半", "2026-11-28T10:30"),
        ("next Friday morning", "2026-12-04/morning"),
        ("Monday at half past ten", "2026-11-30T10:30"),
        ("Tuesday", "2026-12-01"),
        ("mon 9:30", "2026-11-30T09:30"),
        ("Tuesday next week at quarter to four", "2026-12-01T15:45"),
        ("12 Dec 9:30", "2026-12-12T09:30"),
        ("on the 3rd in the afternoon", "2026-12-03/afternoon"),
        ("12 March at noon", "2027-03-12T12:00"),
        ("十二月三号", "2026-12-03"),
        ("2026-12-03 14:00", "2026-12-03T14:00"),
        ("this afternoon", "2026-11-27/afternoon"),
        ("3pm", "2026-11-27T15:00"),
        ("at 9", "2026-11-28T09:00"),
        ("any time tomorrow", "2026-11-28/any"),
        ("at seven in the evening on Thursday", "2026-12-03T19:00"),
        ("next week", "! which_day"),
        ("10pm tomorrow", "! outside_hours"),
        ("明天凌晨5:00", "! outside_hours"),
        ("yesterday at 3pm", "! moment_past"),
        ("today at 9am", "! moment_past"),
        ("in August", "! which_day"),
        ("2027-12-03", "! moment_too_far"),
        ("whenever", "2026-11-27/any"),
        ("how long does it take", "! bad_moment"),
        ("idk", "! bad_moment"),
    ],
)
def test_a_moment_is_a_day_and_a_time_of_opening_hours(text: str, expected: str) -> None:
    assert read("moment", text) == expected


def test_outside_opening_hours_the_nearest_times_are_named() -> None:
    reading = slot_types.read_slot(step("moment"), "10pm tomorrow", (), facts())
    assert isinstance(reading, Unreadable)
    assert translate(LocalizedText(reading.code, **reading.params), "en") == (
        "We're open 08:00–20:00 then. The nearest time is Sat 28 Nov 2026, 19:30 or Sun 29 Nov 2026, "
        "08:00. When suits you?"
    )


def test_a_moment_is_shown_in_the_language_of_the_conversation() -> None:
    moment = step("moment")
    shown = [
        slot_types.show_slot(moment, value, facts(language))
        for value in ("2026-12-01T15:00", "2026-12-01/afternoon", "2026-12-01")
        for language in ("en", "zh")
    ]
    assert shown == [
        "Tue 1 Dec 2026, 15:00",
        "2026年12月1日周二 15:00",
        "Tue 1 Dec 2026, afternoon",
        "2026年12月1日周二 下午",
        "Tue 1 Dec 2026",
        "2026年12月1日周二",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3pm", "15:00"),
        ("3", "15:00"),
        ("half ten", "10:30"),
        ("in the morning", "morning"),
        ("I don't mind", "any"),
        ("都可以", "any"),
        ("晚上十一点", "! time_outside_hours"),
        ("what times are there?", "! bad_time"),
    ],
)
def test_a_time_is_an_hour_or_a_part_of_the_day(text: str, expected: str) -> None:
    assert read("time", text) == expected


def test_a_request_for_an_appointment_may_name_its_day_and_time() -> None:
    text, moment, at = "book an appointment for next Tuesday at 3pm", step("moment"), step("time")
    assert slot_types.prefill(moment, text, (), facts()) == "2026-12-01T15:00"
    assert (
        slot_types.prefill(moment, "book an appointment for Tuesday", (), facts()) == "2026-12-01"
    )
    assert slot_types.prefill(moment, "book an appointment for 2 people", (), facts()) is None
    assert slot_types.prefill(at, "I have 3 questions", (), facts()) is None


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("goal", "retirement", "retirement"),
        ("goal", "we want to buy a house", "home"),
        ("goal", "养老", "retirement"),
        ("goal", "the second one", "growth"),
        ("goal", "idk", "! bad_goal"),
        ("amount", "10k", {"amount": "10000.00", "currency": "EUR"}),
        ("amount", "about ten thousand", {"amount": "10000.00", "currency": "EUR"}),
        ("amount", "£250", {"amount": "250.00", "currency": "GBP"}),
        ("amount", "五万", {"amount": "50000.00", "currency": "EUR"}),
        ("amount", "2500", {"amount": "2500.00", "currency": "EUR"}),
        ("amount", "5 years", "! bad_amount"),
        ("amount", "0", "! bad_amount"),
        ("amount", "a lot", "! bad_amount"),
        ("horizon", "60 months", 60),
        ("horizon", "5 years", 60),
        ("horizon", "half a year", 6),
        ("horizon", "a couple of years", 24),
        ("horizon", "三年", 36),
        ("horizon", "5", "! years_or_months"),
        ("horizon", "100 years", "! bad_horizon"),
        ("horizon", "long", "! bad_horizon"),
        ("score", "4", 4),
        ("score", "4/5", 4),
        ("score", "four stars", 4),
        ("score", "四分", 4),
        ("score", "I'd give it a 2", 2),
        ("score", "5 – very satisfied", 5),
        ("score", "7", "! bad_score"),
        ("score", "4411", "! bad_score"),
        ("score", "5 years", "! bad_score"),
        ("score", "the service was bad", "! bad_score"),
    ],
)
def test_needs_and_scores(kind: str, text: str, expected: Any) -> None:
    assert read(kind, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 High Street, Leeds LS1 4DY", "12 High Street, Leeds LS1 4DY"),
        ("please send it to 12 High Street, Leeds", "12 High Street, Leeds"),
        ("My new address is 221b Baker Street London", "221b Baker Street London"),
        ("Rosenweg 5, 8001 Zürich", "Rosenweg 5, 8001 Zürich"),
        ("Hauptstraße 12 Berlin", "Hauptstraße 12 Berlin"),
        ("PO Box 114, Cambridge", "PO Box 114, Cambridge"),
        ("can you send it to 12 High Street, Leeds?", "12 High Street, Leeds"),
        ("Rose Cottage, Little Haseley, Oxford", "Rose Cottage, Little Haseley, Oxford"),
        ("北京市朝阳区建国路88号2号楼301室", "北京市朝阳区建国路88号2号楼301室"),
        ("上海南京西路100号", "上海南京西路100号"),
        ("新地址是广州市天河区体育东路12号", "广州市天河区体育东路12号"),
        ("12 High Street", "! address_incomplete"),
        ("wait how much does it cost", "! bad_address"),
        ("how much is it, 12 pounds?", "! bad_address"),
        ("the same as before", "! bad_address"),
        ("Leeds", "! bad_address"),
        ("no way, that's nonsense", "! bad_address"),
        ("idk", "! bad_address"),
        ("原来的地址", "! bad_address"),
        ("anna@example.com", "! bad_address"),
        ("+44 20 7946 0018", "! bad_address"),
    ],
)
def test_an_address_has_a_street_or_a_number_and_a_town(text: str, expected: str) -> None:
    assert read("address", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Anna Keller", "Anna Keller"),
        ("my new name is Anna O'Neil-Keller", "Anna O'Neil-Keller"),
        ("我叫王小明", "王小明"),
        ("阿卜杜拉·买买提", "阿卜杜拉·买买提"),
        ("how much does it cost", "! bad_name"),
        ("yes", "! bad_name"),
        ("same as before", "! bad_name"),
        ("Anna 4411", "! bad_name"),
        ("please send it to the branch in the town", "! bad_name"),
        ("不知道", "! bad_name"),
    ],
)
def test_a_name_is_letters_and_short(text: str, expected: str) -> None:
    assert read("name", text) == expected


# --- fields of the service catalogue ------------------------------------------------------------------------------------

SERVICES = default_services()


def field(service: str, key: str) -> FieldContent:
    fields = SERVICES[service].fields
    return next(one for one in fields if one.key == key)


@pytest.mark.parametrize(
    ("service", "key", "text", "expected"),
    [
        ("card-limit", "card", "the one ending 4411", ids(CREDIT)),
        ("card-limit", "card", "the second", ids(DEBIT)),
        ("card-limit", "limit", "make it 2,500 pounds", {"amount": "2500.00", "currency": "GBP"}),
        ("card-limit", "limit", "what is the maximum?", "! amount"),
        ("card-limit", "limit", "90000 euros", "! range"),
        ("card-regions", "country", "I'm going to Japan", "JP"),
        ("card-regions", "until", "skip", None),
        ("card-regions", "until", "next Friday", "2026-12-04"),
        ("card-regions", "until", "Friday", "2026-11-27"),
        ("card-in-atm", "when", "last Friday", "2026-11-20"),
        ("card-in-atm", "when", "昨天", "2026-11-26"),
        ("card-in-atm", "when", "last week", "! which_day"),
        ("card-in-atm", "when", "tomorrow", "! date_range"),
        ("card-in-atm", "place", "King's Cross station", "King's Cross station"),
        ("card-in-atm", "place", "idk", "! text_needed"),
        ("card-in-atm", "place", "why do you need that?", "! text_needed"),
        ("card-replacement", "why", "it's worn", "worn"),
        ("card-replacement", "why", "the first one", "damaged"),
        ("card-replacement", "why", "未收到", "never_arrived"),
        ("card-replacement", "why", "how long does it take", "! choice"),
        ("card-replacement", "address", "wait how much does it cost", "! bad_address"),
        ("card-replacement", "address", "12 High Street, Leeds", "12 High Street, Leeds"),
        ("card-replacement", "address", "skip", None),
        ("payment-recall", "account", "savings", str(SAVINGS.id)),
        ("payment-recall", "account", "the one ending 2051", str(CURRENT.id)),
        ("payment-recall", "account", "no idea", "! account"),
        ("payment-recall", "payee", "his name is Tom Bauer", "Tom Bauer"),
        ("contact-change", "phone", "it is 138 0013 8000", "+8613800138000"),
    ],
)
def test_a_field_is_read_by_its_own_type(service: str, key: str, text: str, expected: Any) -> None:
    assert read("field", text, field=field(service, key)) == expected


@pytest.mark.parametrize(
    ("service", "key", "value", "english", "chinese"),
    [
        ("card-in-atm", "when", "2026-11-26", "26 Nov 2026", "2026年11月26日"),
        ("card-limit", "limit", {"amount": "2500.00", "currency": "EUR"}, "€2,500.00", "€2,500.00"),
        ("card-limit", "card", ids(CREDIT), "credit card •4411", "信用卡 •4411"),
        ("card-replacement", "why", "worn", "Worn out", "磨损"),
        ("card-replacement", "address", None, "", ""),
    ],
)
def test_a_field_is_shown_as_the_reader_writes_it(
    service: str, key: str, value: Any, english: str, chinese: str
) -> None:
    one = step("field", field=field(service, key))
    assert slot_types.show_slot(one, value, facts("en")) == english
    assert slot_types.show_slot(one, value, facts("zh")) == chinese


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I moved to 12 High Street, Leeds", "address"),
        ("my mobile number has changed", "phone"),
        ("改手机号", "phone"),
        ("new e-mail please", "email"),
        ("I got married", "name"),
        ("the second one", "phone"),
        ("my address and my phone number", "! choice"),
        ("how long does that take", "! choice"),
    ],
)
def test_a_choice_is_named_by_its_title_a_synonym_or_place(text: str, expected: str) -> None:
    detail = next(
        one
        for one in read_file(DEFINITIONS / "change_contact_details.yml").definition.steps
        if isinstance(one, Collect)
    )
    reading = slot_types.read_slot(detail, text, (), facts(detect_language(text)))
    assert (reading.value if isinstance(reading, Filled) else "! choice") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I'd like an appointment to talk about a mortgage tomorrow", "a mortgage"),
        ("预约一下，想咨询一下房贷", "房贷"),
        ("book an appointment", None),
    ],
)
def test_a_request_for_an_appointment_may_name_its_topic(text: str, expected: str | None) -> None:
    assert slot_types.prefill(step("topic"), text, (), facts(detect_language(text))) == expected


def test_a_slot_that_only_an_answer_fills_is_left_alone_by_first_messages() -> None:
    one = step("card", required=False, ask_always=True)
    world = facts(cards=(DEBIT,))
    assert slot_types.prefill(one, "my debit card ending 9038", (), world) is None
    assert slot_types.default(one, world) is None
    assert slot_types.default(step("card"), world) == ids(DEBIT)
    assert slot_types.read_slot(one, "9038", (), world) == Filled(ids(DEBIT))


def test_a_first_message_fills_typed_fields_and_no_texts() -> None:
    text = "the machine kept my card ending 4411 yesterday at King's Cross"
    holds = {
        key: slot_types.prefill(step("field", field=field("card-in-atm", key)), text, (), facts())
        for key in ("card", "when", "place")
    }
    assert holds == {"card": ids(CREDIT), "when": "2026-11-26", "place": None}


def test_what_can_be_tapped_is_read_again_as_the_same_value() -> None:
    kinds: list[Any] = ["card", "blocked_card", "ticket", "goal", "horizon", "score", "time"]
    steps = [step(kind) for kind in kinds]
    steps += [
        step("field", field=one)
        for entry in SERVICES.values()
        for one in ServiceContent.model_validate(entry).fields
    ]
    for language in ("en", "zh"):
        world = facts(language)
        for one in steps:
            for option in slot_types.options(one, world):
                reading = slot_types.read_slot(one, option.payload, (), world)
                assert reading == Filled(option.value), (one, option, reading)


def test_a_slot_that_may_be_left_out_offers_that_last() -> None:
    offered = slot_types.options(step("goal", required=False), facts())
    assert (offered[-1].title, offered[-1].value) == ("Skip", None)
    assert all(option.value is not None for option in slot_types.options(step("goal"), facts()))


HOSTILE = (
    "",
    " ",
    "\u200b",
    "?" * MAX_MESSAGE,
    "a" * MAX_MESSAGE,
    "1" * MAX_MESSAGE,
    "吗" * MAX_MESSAGE,
)
REPEATED = (
    "not the ",
    "T-1",
    "a.b@",
    "12 st, ",
    "3:3",
    "周",
    "my name is ",
    "skip ",
    "is it ",
    "a'",
    "+4 ",
)


@pytest.mark.parametrize("kind", list(slot_types.KINDS))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_type_survives_whatever_is_written_in_little_time(
    kind: str, language: Language
) -> None:
    one = step(kind, field=field("card-limit", "limit")) if kind == "field" else step(kind)
    texts = [*HOSTILE, *(part * (MAX_MESSAGE // len(part)) for part in REPEATED)]
    started = time.process_time()
    for text in texts:
        reading = slot_types.read_slot(one, text, (), facts(language))
        if isinstance(reading, Unreadable):
            assert has_message(reading.code, language), reading.code
            assert "{" not in translate(LocalizedText(reading.code, **reading.params), language)
        slot_types.prefill(one, text, (), facts(language))
    assert time.process_time() - started < MAX_SECONDS


MAX_SECONDS = 3.0  # for two readings of some twenty texts of the greatest length, on a busy machine
