"""Requests of the service catalogue in the dialogue: found by meaning, asked field by field, repeated, and written after a yes.

What was answered so far is kept in the conversation's memory; the form in Rasa only knows how many answers there are.
"""

from __future__ import annotations

from typing import Any

from actions.dialogue import knowledge
from actions.dialogue.phrases import quick, say
from actions.dialogue.turn import Reply, Turn, form
from actions.tickets.catalogue.fields import (
    NotAnswered,
    Surroundings,
    answer_from_text,
    choices,
    is_skip,
    shown,
)
from actions.tickets.catalogue.service import (
    is_sure_enough,
    likely_services,
    may_ask,
    named,
    request_service,
    service_of,
    surroundings,
)
from actions.tickets.ticket_config.contents import FieldContent, ServiceContent
from actions.tickets.ticket_config.service import load_ticket_config
from core.localized_text import translate

REQUEST = "request"  # in a conversation's memory: the entry's code and the answers so far
PREFILLED = (
    "card",
    "account",
    "amount",
    "date",
)  # types of field that the first message may answer already


async def tapped(turn: Turn) -> str | None:
    """The entry whose name the message is."""
    return named(await load_ticket_config(turn.session), turn.text)


async def find(turn: Turn) -> list[str]:
    """Codes of the entries that the message asks for and the speaker may ask for: one, two that it may mean, or none."""
    book = await load_ticket_config(turn.session)
    if code := named(book, turn.text):
        return [code]
    vector = await turn.services.search.encoder.encode(turn.text)
    codes = likely_services(await turn.services.catalogue.nearest(book, vector))
    return [code for code in codes if may_ask(book.services[code], turn.speaker)]


async def asked_for(turn: Turn) -> str | None:
    """The entry that a message wants done though it was taken for a question: tapped by name, or told and not asked."""
    if code := await tapped(turn):
        return code
    codes = [] if knowledge.is_question(turn) else await find(turn)
    return codes[0] if len(codes) == 1 else None


async def offer_beside(turn: Turn, replies: list[Reply]) -> None:
    """Beside an answer from an article, what can be done about it here is a tap away."""
    if replies and replies[-1].citations and (codes := await find(turn)):
        replies[-1].quick_replies += await offers(turn, codes)


async def begin(turn: Turn, code: str) -> Reply | None:
    """Begin a request, with what the message already answers; a reply instead where the speaker may not ask for it."""
    book = await load_ticket_config(turn.session)
    service = service_of(book, code)
    if not may_ask(service, turn.speaker):
        text = say("request_sign_in", turn.language, name=service.names.of(turn.language))
        return Reply(text, quick_replies=[quick("person", "say_person", turn.language)])
    if not is_sure_enough(service, turn.speaker, turn.now):
        return _be_sure(turn, service)
    answers: dict[str, Any] = {}
    around = await _around(turn)
    for field in service.fields:
        if field.type in PREFILLED and _says_it(field, turn.text, around):
            try:
                answers[field.key] = answer_from_text(field, turn.text, around)
            except NotAnswered:
                continue
    turn.memory[REQUEST] = {"code": code, "answers": answers}
    return None


def _be_sure(turn: Turn, service: ServiceContent) -> Reply:
    text = say("request_be_sure", turn.language, name=service.names.of(turn.language))
    again = {"title": service.names.of(turn.language), "payload": service.names.of(turn.language)}
    return Reply(text, quick_replies=[again, quick("person", "say_person", turn.language)])


def _says_it(field: FieldContent, text: str, around: Surroundings) -> bool:
    """Whether a first message may be read for a field: a number for numbers, and a card or an account where there is a choice."""
    if field.type in ("card", "account"):
        return (
            len(around.cards if field.type == "card" else around.accounts) == 1
            or any(c.isdigit() for c in text)
            or any(
                word in text.lower()
                for word in (
                    "credit",
                    "debit",
                    "savings",
                    "current",
                    "信用卡",
                    "借记",
                    "储蓄",
                    "活期",
                )
            )
        )
    return any(c.isdigit() for c in text) or field.type == "date"


async def is_typed(turn: Turn, number: int) -> bool:
    """Whether the answer to a field has a form by which it is known, as a day or a sum has."""
    field = await field_at(turn, number)
    return field is not None and field.type not in ("text", "long_text")


async def takes_a_no(turn: Turn, number: int) -> bool:
    """Whether “no” is an answer to a field, and no refusal."""
    field = await field_at(turn, number)
    return field is not None and (
        field.type == "yes_no" or (not field.required and is_skip(turn.text))
    )


async def field_count(turn: Turn) -> int:
    """How many fields the present request has."""
    service, _ = await _present(turn)
    return len(service.fields) if service else 0


async def field_at(turn: Turn, number: int) -> FieldContent | None:
    """A field of the present request."""
    service, _ = await _present(turn)
    return service.fields[number] if service and number < len(service.fields) else None


async def is_answered(turn: Turn, number: int) -> bool:
    """Whether a field of the present request has its answer."""
    field = await field_at(turn, number)
    return field is None or field.key in turn.memory[REQUEST]["answers"]


async def ask(turn: Turn, number: int) -> Reply:
    """Ask for a field; what can be chosen is a tap away."""
    service, kept = await _present(turn)
    field = await field_at(turn, number)
    if service is None or field is None:
        return Reply(say("left_alone", turn.language))
    intro = (
        ""
        if kept["answers"] or kept.get("asked")
        else say("request_begins", turn.language, name=service.names.of(turn.language)) + " "
    )
    turn.memory[REQUEST] = {**kept, "asked": True}
    around = await _around(turn)
    taps = [{"title": text, "payload": text} for text in choices(field, around)]
    left = [
        _as_field(f, turn, around) for f in service.fields[number:] if f.key not in kept["answers"]
    ]
    asked = form(left, service.names.of(turn.language))
    return Reply(intro + field.ask.of(turn.language), quick_replies=taps, actions=[asked])


def _as_field(field: FieldContent, turn: Turn, around: Surroundings) -> dict[str, Any]:
    return {
        "name": field.key,
        "label": field.names.of(turn.language),
        "type": field.type,
        "required": field.required,
        "options": choices(field, around),
    }


async def answer(turn: Turn, number: int) -> Reply | None:
    """Take the message as the answer to a field; a reply instead that says what is wrong with it."""
    field = await field_at(turn, number)
    if field is None:
        return None
    around = await _around(turn)
    try:
        value = answer_from_text(field, turn.text, around)
    except NotAnswered as error:
        taps = [{"title": text, "payload": text} for text in choices(field, around)]
        return Reply(translate(error.text, around.language), quick_replies=taps)
    kept = turn.memory[REQUEST]
    turn.memory[REQUEST] = {**kept, "answers": {**kept["answers"], field.key: value}}
    return None


async def repeat(turn: Turn) -> Reply:
    """Repeat what was understood and ask for a yes."""
    service, kept = await _present(turn)
    if service is None:
        return Reply(say("left_alone", turn.language))
    around = await _around(turn)
    lines = [
        f"• {field.names.of(turn.language)}: {shown(field, kept['answers'][field.key], around)}"
        for field in service.fields
        if kept["answers"].get(field.key) is not None
    ]
    text = say(
        "request_confirm",
        turn.language,
        name=service.names.of(turn.language),
        answers="\n".join(lines),
    )
    return Reply(
        text, quick_replies=[quick("yes", "yes", turn.language), quick("no", "no", turn.language)]
    )


async def write(turn: Turn) -> Reply:
    """Do it and open the ticket."""
    book = await load_ticket_config(turn.session)
    kept = turn.memory.pop(REQUEST)
    service = service_of(book, kept["code"])
    if not is_sure_enough(
        service, turn.speaker, turn.now
    ):  # it took longer than the second factor counts
        return _be_sure(turn, service)
    answers = {key: value for key, value in kept["answers"].items() if value is not None}
    ticket, done = await request_service(
        turn.session,
        turn.speaker,
        book,
        kept["code"],
        answers,
        turn.now,
        customer_id=turn.speaker.customer_id,
        language=turn.language,
        channel=turn.channel,
    )
    key = "request_done_at_once" if done else "request_written"
    text = say(key, turn.language, name=service.names.of(turn.language), reference=ticket.reference)
    created = {"type": "ticket.created", "id": str(ticket.id), "reference": ticket.reference}
    return Reply(text, actions=[*done, created])


def forget(turn: Turn) -> None:
    """Leave the present request; nothing was written."""
    turn.memory.pop(REQUEST, None)


async def offers(turn: Turn, codes: list[str]) -> list[dict[str, str]]:
    """Taps that begin these requests."""
    book = await load_ticket_config(turn.session)
    names = [service_of(book, code).names.of(turn.language) for code in codes]
    return [{"title": name, "payload": name} for name in names]


async def _present(turn: Turn) -> tuple[ServiceContent | None, dict[str, Any]]:
    kept = turn.memory.get(REQUEST)
    book = await load_ticket_config(turn.session)
    if not kept or kept["code"] not in book.services:
        return None, {"answers": {}}
    return book.services[kept["code"]], kept


async def _around(turn: Turn) -> Surroundings:
    return await surroundings(
        turn.session, turn.speaker, turn.speaker.customer_id, turn.language, turn.now
    )
