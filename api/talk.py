"""`assistant talk`: a conversation in the terminal, and beneath each reply how the message was understood.

Nothing is simulated: the conversation stands in the database like any other, what it does is done, and what is shown is the
trace that the turn stored. Jobs that it leaves, such as a card to block, are done by the service or `assistant worker`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import uuid4

from pydantic import TypeAdapter
from rich.console import Console
from rich.text import Text

from actions.customers.models import Customer
from actions.customers.queries import visible_customers
from api.app import warm
from api.container import Container, make_container
from api.serving import rasa_client
from assistant.conversations import queries
from assistant.conversations.models import TurnTrace
from assistant.conversations.schemas import ConversationNew, TurnOut, TurnTraceOut
from assistant.conversations.service import open_conversation, speaker_of
from assistant.dialogue.commands import Command
from assistant.dialogue.readings import Clause, Reading
from assistant.dialogue.state import Frame
from assistant.start import prepare
from core.clock import utc_now
from core.database import Database
from core.embedded import database_address
from core.errors import SetupError
from core.identity import Participant, System
from core.languages import Language
from core.logs import configure_logs
from core.settings import Settings
from core.tokens import IDENTITY_AUDIENCE, sign_token
from knowledge_base.encoder import Encoder

SIGNED_IN_FOR = timedelta(hours=8)  # as long as somebody tries the assistant at a time
NOTHING = "–"
_FRAMES = TypeAdapter(tuple[Frame, ...])
_COMMANDS = TypeAdapter(tuple[Command, ...])
console = Console()


def talk(settings: Settings, number: str | None, language: Language | None) -> None:
    """Talk until the end of input or Ctrl-C.

    Args:
        settings: Whose database, Rasa and secrets are used; the database is brought to the current schema.
        number: Of the customer who is signed in, with a second factor; None for a visitor.
        language: Of the first words; None for the customer's.

    Raises:
        SetupError: There is no such customer.
    """
    configure_logs("error")
    encoder = Encoder(settings.encoder_model, settings.encoder_threads)
    with database_address(settings) as url, asyncio.Runner() as runner:
        with console.status("starting"):
            parts = runner.run(_start(settings, url, encoder))
        try:
            speaker = runner.run(_begin(parts, number, language))
            with console.status("loading what reads"):
                runner.run(warm(parts))
            _print_all(_heading(speaker, is_ready=runner.run(parts.rasa.ready())))
            while (text := _next_message()) is not None:
                turn, trace = runner.run(_take(parts, speaker, text))
                _print_all(turn_lines(turn, trace))
        finally:
            runner.run(_stop(parts))


async def _start(settings: Settings, url: str, encoder: Encoder) -> Container:
    await prepare(settings, url, encoder, lambda _: None)
    database = Database(url, settings.database_pool)
    return make_container(settings, database, encoder, rasa_client(settings), None)


async def _stop(parts: Container) -> None:
    await parts.rasa.close()
    parts.search.close()
    if parts.search.phraser is not None:
        await parts.search.phraser.close()
    parts.search.encoder.close()
    await parts.database.close()


async def _begin(parts: Container, number: str | None, language: Language | None) -> Participant:
    """A new conversation; its customer signs in as on the bank's own site."""
    now = utc_now()
    async with parts.database.transaction() as session:
        token = None
        if number is not None:
            customers = visible_customers(System("cli")).where(Customer.number == number)
            customer = await session.scalar(customers)
            if customer is None:
                raise SetupError(f"There is no customer {number}.")
            token = sign_token(
                parts.settings.secrets.identity_token,
                IDENTITY_AUDIENCE,
                str(customer.id),
                now,
                SIGNED_IN_FOR,
                amr=["mfa"],
            )
        new = ConversationNew(channel="web", language=language, identity_token=token)
        made = await open_conversation(session, parts.settings, new, now)
        return speaker_of(await queries.load(session, System("cli"), made.id))


async def _take(
    parts: Container, speaker: Participant, text: str
) -> tuple[TurnOut, TurnTraceOut | None]:
    """A turn, and its trace; none while an agent has the conversation."""
    client_id = uuid4().hex
    turn = await parts.turns.handle(speaker, text, client_id)
    async with parts.database.transaction() as session:
        message = await queries.message_by_client_id(session, speaker.conversation_id, client_id)
        trace = await session.get(TurnTrace, message.id) if message else None
        return turn, TurnTraceOut.model_validate(trace) if trace else None


def _next_message() -> str | None:
    """What is written next, blank lines left out; None at the end."""
    try:
        while not (text := console.input("[bold]> [/bold]")).strip():
            pass
    except (EOFError, KeyboardInterrupt):
        console.print()
        return None
    return text


def _heading(speaker: Participant, *, is_ready: bool) -> Iterator[Text]:
    who = "a signed-in customer" if speaker.customer_id else "a visitor"
    reads = "Rasa reads" if is_ready else "Rasa is not reachable (RASA_URL): its stand-in reads"
    yield Text(f"Conversation {speaker.conversation_id}, {who}; {reads}. Ctrl-D ends it.", "dim")


def turn_lines(turn: TurnOut, trace: TurnTraceOut | None) -> Iterator[Text]:
    """What the assistant said with what can be tapped, and, dimmed, the turn as the engine saw it."""
    for message in turn.messages:
        yield Text(message.text, "cyan")
        for reply in message.quick_replies:
            title, payload = reply["title"], reply["payload"]
            yield Text(f"  [{title}]" + (f" {payload}" if payload != title else ""), "cyan")
    if not turn.messages:
        yield Text(f"No reply: the conversation is in the state {turn.state}.", "cyan")
    if trace is not None:
        yield from (Text(f"  {line}", "dim") for line in trace_lines(trace))


def trace_lines(trace: TurnTraceOut) -> Iterator[str]:
    """A turn as the engine saw it: clauses, commands, the dialogue stack before and after."""
    reading = Reading.model_validate(trace.reading)
    yield from (f"clause    {_clause(clause)}" for clause in reading.clauses)
    if not reading.clauses:
        yield "clause    nothing to read"
    if reading.masked:
        yield f"masked    {', '.join(reading.masked)}"
    yield from (f"command   {_command(one)}" for one in _COMMANDS.validate_python(trace.commands))
    before, after = (
        _stack(_FRAMES.validate_python(frames))
        for frames in (trace.stack_before, trace.stack_after)
    )
    yield f"stack     {before} → {after}"


def _clause(clause: Clause) -> str:
    evidence = "evidence" if clause.evidence else "no evidence"
    return (
        f"“{clause.text}”  {clause.intent} {clause.confidence:.2f}"
        f"  {clause.stance} {clause.stance_confidence:.2f}  {evidence}"
    )


def _command(command: Command) -> str:
    values = command.model_dump(mode="json", exclude_defaults=True)
    return " ".join([command.type, *(f"{name}={_value(one)}" for name, one in values.items())])


def _stack(frames: Sequence[Frame]) -> str:
    return " / ".join(map(_frame, frames)) or NOTHING


def _frame(frame: Frame) -> str:
    """A flow with the number of its step, the slot that it asks for, and the values of its slots."""
    slots = " ".join(
        f"{name}={NOTHING if slot.skipped else _value(slot.value)}"
        for name, slot in frame.slots.items()
    )
    asks = f" asks {frame.waiting}" if frame.waiting else ""
    return f"{frame.flow}:{frame.step}{asks}" + (f" ({slots})" if slots else "")


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _print_all(lines: Iterator[Text]) -> None:
    for line in lines:
        console.print(line, soft_wrap=True)
