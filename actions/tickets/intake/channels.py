"""Requests that come as texts: a mail, a telephone transcript, a row of a CSV file.

A mail that names a ticket in its subject is an answer to it when it comes from that ticket's customer; every other one is a
new ticket. Who a sender is, only the bank's own records say: the address must be a customer's, or the ticket is a visitor's.
"""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_string, policy
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.models import Customer
from actions.tickets import queries, service
from actions.tickets.intake.opening import open_ticket, subject_of
from actions.tickets.models import Ticket
from actions.tickets.schemas import CommentRequest, TicketNew
from core.errors import DomainError, Invalid
from core.identity import Application, Participant, Staff, System, require
from core.languages import clean_text
from core.localized_text import LocalizedText
from core.validation import field_errors

REFERENCE = re.compile(r"(?<![A-Za-z0-9])T-?(\d{6,})(?!\d)", re.IGNORECASE)
# Where what a mail answers begins: everything from here on was said before.
_QUOTED = re.compile(
    r"^[^\S\n]*+(?:>|-{2,}+\s{0,9}(?:original message|原始邮件)|on .{5,80} wrote:[^\S\n]*$|"
    r".{2,40}(?:写道|来信)[:：][^\S\n]*$|from:\s.+@|发件人[:：]|_{10,})",
    re.IGNORECASE | re.MULTILINE,
)
_SPEAKER = re.compile(
    r"^[^\S\n]*+(agent|adviser|customer|caller|client|坐席|客服|客户|来电人)[^\S\n]*+[:：]\s*+",
    re.IGNORECASE | re.MULTILINE,
)
_THE_BANK = re.compile(r"agent|adviser|坐席|客服", re.IGNORECASE)
# The library reads headers in more than linear time; those that it reads for us are short (RFC 5322: lines of 998).
MAX_HEADER, MAX_HEADERS = 2_000, 500
_HEADERS = re.compile(
    r"^(?:from|subject|mime-version|content-[a-z-]+):.*(?:\n[ \t].*)*", re.IGNORECASE | re.MULTILINE
)
# Each of them may hold others, and each line is compared with all that are open.
MAX_PARTS = 20
_MULTIPART = re.compile(
    r"^content-type:\s{0,9}(?:multipart|message)/", re.IGNORECASE | re.MULTILINE
)
# What a tag begins with, and where what is no text ends.
_TAG = re.compile(r"<(!--|script\b|style\b|[a-z/!?])", re.IGNORECASE)
_CLOSE = {
    "!--": re.compile("-->"),
    "script": re.compile(r"</script[^>]*+>", re.IGNORECASE),
    "style": re.compile(r"</style[^>]*+>", re.IGNORECASE),
}
_CLOSE_TAG = re.compile(">")
MAX_ROWS = 10_000
COLUMNS = (
    "subject",
    "description",
    "customer_number",
    "kind",
    "queue",
    "priority",
    "language",
    "channel",
    "contact",
    "tags",
)


@dataclass(frozen=True)
class Mail:
    """What counts of a mail."""

    sender: str
    subject: str
    text: str
    reference: str | None


def read_mail(raw: str) -> Mail:
    """Sender, subject and what is new in a mail's text; Invalid when there is nothing to read."""
    lengths = [len(match.group()) for match in _HEADERS.finditer(raw)]
    if len(lengths) > MAX_HEADERS:
        raise Invalid.field("raw", "mail.too_many_parts", maximum=MAX_HEADERS)
    if max(lengths, default=0) > MAX_HEADER:
        raise Invalid.field("raw", "mail.header_too_long", maximum=MAX_HEADER)
    if len(_MULTIPART.findall(raw)) > MAX_PARTS:
        raise Invalid.field("raw", "mail.too_many_parts", maximum=MAX_PARTS)
    message = message_from_string(raw, policy=policy.default)
    sender = parseaddr(str(message["From"] or ""))[1].lower()
    if "@" not in sender:
        raise Invalid.field("raw", "mail.sender_missing")
    part = message.get_body(("plain", "html"))
    content = str(part.get_content()) if part is not None else ""
    if part is not None and part.get_content_subtype() == "html":
        content = text_of_html(content)
    text = clean_text(new_part(content))
    subject = clean_text(str(message["Subject"] or "")).replace("\n", " ")[:200]
    if not text and not subject:
        raise Invalid.field("raw", "mail.empty")
    match = REFERENCE.search(subject)
    return Mail(sender, subject, text or subject, f"T-{match.group(1)}" if match else None)


def text_of_html(content: str) -> str:
    """The texts between the tags, a line each; walked through once, whatever is left open (parsers come back to it)."""
    texts, at = [], 0
    while (tag := _TAG.search(content, at)) is not None:
        texts.append(content[at : tag.start()])
        close = _CLOSE.get(tag.group(1).lower(), _CLOSE_TAG).search(content, tag.end())
        at = close.end() if close else len(content)
    texts.append(content[at:])
    return "\n".join(html.unescape(text) for text in texts if text)


def new_part(text: str) -> str:
    """The text above what it quotes."""
    quoted = _QUOTED.search(text)
    above = text[: quoted.start()] if quoted else text
    return above.strip() or text.strip()


def customers_part(transcript: str) -> str:
    """What the customer said in a telephone transcript; all of it, when nobody is named."""
    turns = _SPEAKER.split(transcript)
    lines = [
        text.strip()
        for speaker, text in zip(turns[1::2], turns[2::2], strict=True)
        if not _THE_BANK.search(speaker)
    ]
    return "\n".join(lines) or transcript.strip()


async def take_mail(
    session: AsyncSession, caller: Staff | Application, mail: Mail, now: datetime
) -> tuple[Ticket, bool]:
    """A ticket from a mail, or a mail that answers one; with whether it is new."""
    require(caller, "tickets:write")
    customer = await session.scalar(select(Customer).where(Customer.email == mail.sender))
    if mail.reference and (ticket := await _answered(session, mail, customer)):
        speaker = Participant(
            ticket.conversation_id or ticket.id, customer.id if customer else None
        )
        await _answer(session, speaker, ticket, mail.text, now)
        return ticket, False
    new = TicketNew(
        subject=mail.subject or subject_of(mail.text),
        description=mail.text[:10_000],
        channel="email",
        customer_id=customer.id if customer else None,
        contact=None if customer else mail.sender,
    )
    return await open_ticket(session, caller, new, now), True


async def _answered(session: AsyncSession, mail: Mail, customer: Customer | None) -> Ticket | None:
    """The ticket that a mail names, if the sender is its customer."""
    whose = Ticket.customer_id == customer.id if customer else Ticket.contact == mail.sender
    query = queries.visible_tickets(System()).where(Ticket.reference == mail.reference, whose)
    return await session.scalar(query.where(Ticket.kind != "compliance_alert").with_for_update())


async def _answer(
    session: AsyncSession, speaker: Participant, ticket: Ticket, text: str, now: datetime
) -> None:
    score = text.strip().rstrip(".。!！")
    if ticket.state in ("resolved", "closed") and score in ("1", "2", "3", "4", "5"):
        await service.rate(session, speaker, ticket, int(score), None, now)
        return
    await service.comment(
        session, speaker, ticket, CommentRequest(text=text[:10_000], visibility="public"), now
    )


async def take_call(
    session: AsyncSession,
    caller: Staff | Application,
    transcript: str,
    now: datetime,
    *,
    customer_id: UUID | None,
    contact: str | None,
) -> Ticket:
    """A ticket from a telephone transcript: routed by what the customer said, kept whole."""
    require(caller, "tickets:write")
    customer_text = clean_text(customers_part(transcript))
    if not customer_text:
        raise Invalid.field("transcript", "transcript.empty")
    new = TicketNew(
        subject=subject_of(customer_text),
        description=customer_text[:10_000],
        channel="phone",
        customer_id=customer_id,
        contact=contact,
    )
    ticket = await open_ticket(session, caller, new, now)
    whole = CommentRequest(text=clean_text(transcript)[:10_000], visibility="internal")
    await service.comment(session, caller, ticket, whole, now)
    return ticket


@dataclass(frozen=True)
class Row:
    """A line of a CSV file: the ticket that it asks for, or what is wrong with it."""

    number: int
    new: TicketNew | None
    customer_number: str | None
    problem: LocalizedText | None = None


def read_rows(content: bytes) -> Iterator[Row]:
    """Tickets of a CSV file with a header line; Invalid when it is no such file."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid.field("file", "csv.not_utf8") from error
    reader = csv.DictReader(io.StringIO(text))
    header = [name.strip() for name in reader.fieldnames or []]
    if unknown := set(header) - set(COLUMNS):
        raise Invalid.field(
            "file", "csv.columns_unknown", columns=sorted(unknown), available=COLUMNS
        )
    if "description" not in header:
        raise Invalid.field("file", "csv.description_missing")
    reader.fieldnames = header
    for number, values in enumerate(reader, start=2):
        if number > MAX_ROWS + 1:
            raise Invalid.field("file", "csv.too_many_rows", maximum=MAX_ROWS)
        yield _row(number, values)


def _row(number: int, values: dict[str, Any]) -> Row:
    if None in values:
        return Row(number, None, None, LocalizedText("csv.too_many_cells"))
    filled = {name: value.strip() for name, value in values.items() if value and value.strip()}
    tags = [tag.strip() for tag in filled.pop("tags", "").split(";") if tag.strip()]
    customer = filled.pop("customer_number", None)
    description = filled.get("description", "")
    try:
        new = TicketNew.model_validate(
            {"subject": subject_of(description or "-"), "channel": "api", **filled, "tags": tags}
        )
    except ValidationError as error:
        return Row(number, None, customer, _fields_invalid(field_errors(error.errors())))
    return Row(number, new, customer)


async def take_row(
    session: AsyncSession, caller: Staff | Application, row: Row, now: datetime
) -> Ticket:
    """The ticket of a row; Invalid says what is wrong with it."""
    if row.new is None:
        raise Invalid(row.problem or LocalizedText("validation.failed"))
    new = row.new
    if row.customer_number:
        customer_id = await session.scalar(
            select(Customer.id).where(Customer.number == row.customer_number)
        )
        if customer_id is None:
            raise Invalid.field(
                "customer_number", "customer.number_unknown", number=row.customer_number
            )
        new = new.model_copy(update={"customer_id": customer_id})
    return await open_ticket(session, caller, new, now)


def problem_of(error: DomainError) -> LocalizedText:
    """What a report says of a row that was refused."""
    return _fields_invalid(error.errors) if error.errors else error.text


def _fields_invalid(errors: Sequence[tuple[str, LocalizedText]]) -> LocalizedText:
    problems = [
        LocalizedText("csv.field_invalid", field=field, reason=reason) for field, reason in errors
    ]
    return LocalizedText("csv.row_invalid", problems=problems)
