"""`make evaluate-conversations`: conversations of five kinds of people, written apart from the code, turn by turn.

Each of bench/data/dialogue/conversations.jsonl.gz is led with the served product by a customer of the demonstration who has the
cards that it names and an open ticket, or by a visitor. A turn is right where it has the wanted effects, none that is
forbidden and none besides, and where the flow that is open after it is the one of the label. An effect that the label has one
turn earlier or later counts: a form may lack a value that the writer thought it had.

`python -m bench.evaluate_conversations development` does the same with the conversations that rules may be written by, prints
each turn with the reply, and writes nothing into the documents.
"""

from __future__ import annotations

import gzip
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
from pydantic import BaseModel, ConfigDict
from rich.progress import track

from bench.evaluate_contrast import EFFECTS, LIMIT_S, LIMITS, open_tickets, without_its_ticket
from bench.report import table, write_section
from bench.service import Served, reuse_model, serving
from core.embedded import embedded_server
from core.languages import Language
from core.settings import ROOT

CONVERSATIONS = ROOT / "bench" / "data" / "dialogue" / "conversations.jsonl.gz"
DEVELOPMENT = CONVERSATIONS.with_name("development_conversations.jsonl.gz")
GOAL = 0.92  # of the turns right
MOST_TOLD = 400  # characters of a reply that are printed
MOST_NAMED = 10  # tasks that were not open where they should
# What an effect is called that another flow has: contact details are changed by a request, a ticket is closed by a change.
IN_A_FLOW = {
    ("ticket.create", "change_contact_details"): "contact.change",
    ("ticket.create", "service.contact-change"): "contact.change",
    ("ticket.create", "service.address-change"): "contact.change",
    ("ticket.comment", "close_ticket"): "ticket.close",
    ("ticket.comment", "move_appointment"): "appointment.request",
}
_LAST_FOUR = re.compile(r"\d{4}")
_CREDIT = re.compile(r"credit|信用", re.IGNORECASE)
# Flows that a writer who knows no code may call by one another's names.
ALIKE = (
    frozenset({"report_fraud", "report_lost_card"}),
    frozenset({"open_ticket", "make_complaint", "service"}),
    frozenset({"change_contact_details", "service"}),
    frozenset({"book_appointment", "move_appointment"}),
)


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Expected(_Model):
    """What a turn should do: effects, the flow that is open after it (None: none), and what must not happen."""

    effects: list[str]
    flow: str | None
    forbidden: list[str]


class Turn(_Model):
    """A message of the customer's with its label."""

    text: str
    expect: Expected


class Conversation(_Model):
    """A labelled conversation; `cards` are written as "debit ending 1109"."""

    id: str
    language: Language
    persona: str
    signed_in: bool
    cards: list[str]
    turns: list[Turn]


@dataclass(frozen=True)
class Seen:
    """What a turn did and said."""

    effects: frozenset[str]
    flow: str | None
    reply: str


def read_conversations(path: Path = CONVERSATIONS) -> list[Conversation]:
    """Every conversation, in the file's order."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [Conversation.model_validate_json(line) for line in lines]


def give_cards(address: str, customer: str, cards: Sequence[str]) -> None:
    """Let a customer of the demonstration have these cards and no others."""
    with psycopg.connect(address) as connection:
        account = connection.execute(
            "select id from accounts where customer_id = %s order by id limit 1", (customer,)
        ).fetchone()
        if account is None:
            raise LookupError(f"customer {customer} has no account")
        connection.execute(
            "delete from card_requests where card_id in (select id from cards where customer_id = %s)",
            (customer,),
        )
        connection.execute("delete from cards where customer_id = %s", (customer,))
        for card in cards:
            digits = _LAST_FOUR.search(card)
            if digits is None:
                raise ValueError(f"{card!r} names no last four digits")
            kind = "credit" if _CREDIT.search(card) else "debit"
            connection.execute(
                "insert into cards (id, customer_id, account_id, kind, last_four, state, expires_on) "
                "values (gen_random_uuid(), %s, %s, %s, %s, 'active', current_date + 700)",
                (customer, account[0], kind, digits[0]),
            )


def lead(http: httpx.Client, conversation: Conversation, identity: str | None) -> list[Seen]:
    """Send a conversation's messages; what each turn did."""
    body = {"channel": "web", "language": conversation.language}
    if identity and conversation.signed_in:
        body["identity_token"] = identity
    started = http.post("/v1/conversations", json=body).raise_for_status().json()
    head = {"Authorization": f"Bearer {started['token']}"}
    path = f"/v1/conversations/{started['id']}/messages"
    done: list[Seen] = []
    for turn in conversation.turns:
        answer = http.post(path, json={"text": turn.text}, headers=head).raise_for_status().json()
        done.append(seen(answer, done[-1].flow if done else None))
    return done


def seen(answer: dict[str, Any], before: str | None) -> Seen:
    """What an answer of the API did and said, by its actions and its open flow; `before` is the flow that was open until then."""
    actions = [action["type"] for message in answer["messages"] for action in message["actions"]]
    flow = answer.get("active_flow")
    named = [EFFECTS[action] for action in actions if action in EFFECTS]
    effects = frozenset(
        IN_A_FLOW.get((one, before or ""), one) for one in without_its_ticket(named)
    )
    reply = " ".join(message["text"] for message in answer["messages"])
    return Seen(effects, flow["name"] if flow else None, reply)


def faults_of(turns: Sequence[Turn], done: Sequence[Seen]) -> Iterator[str | None]:
    """For each turn what is wrong with it, None where nothing is."""
    for number, (turn, one) in enumerate(zip(turns, done, strict=True)):
        near = turns[max(0, number - 1) : number + 2]
        may = {effect for other in near for effect in other.expect.effects}
        later = {effect for other in done[number : number + 2] for effect in other.effects}
        forbidden = set(turn.expect.forbidden)
        if one.effects & forbidden or (one.flow is not None and one.flow in forbidden):
            yield "forbidden"
        elif not set(turn.expect.effects) <= later | one.effects | _before(done, number):
            yield "effect missing"
        elif not one.effects <= may:
            yield "effect too many"
        elif not same_flow(turn.expect.flow, one.flow):
            yield "flow missing" if one.flow is None else "other flow"
        else:
            yield None


def _before(done: Sequence[Seen], number: int) -> frozenset[str]:
    return done[number - 1].effects if number else frozenset()


def same_flow(expected: str | None, actual: str | None) -> bool:
    """Whether two names mean the same task."""
    if expected is None or actual is None:
        return expected == actual
    names = {name.split(".")[0] for name in (expected, actual)}
    return len(names) == 1 or any(names <= alike for alike in ALIKE)


def report(results: Sequence[tuple[Conversation, list[str | None]]]) -> str:
    """The tables of docs/measurements.md: by language and kind of person, and what was wrong."""
    rows = []
    for language in ("en", "zh"):
        of_language = [result for result in results if result[0].language == language]
        personas = sorted({conversation.persona for conversation, _ in of_language})
        for persona in (*personas, "all"):
            faults = [
                fault
                for conversation, found in of_language
                if persona in (conversation.persona, "all")
                for fault in found
            ]
            right = sum(fault is None for fault in faults)
            rows.append((language, persona, len(faults), f"{right / max(1, len(faults)):.0%}"))
    counts = Counter(fault for _, found in results for fault in found if fault)
    wrong = table(("what was wrong", "turns"), counts.most_common())
    missing = Counter(
        turn.expect.flow
        for conversation, found in results
        for turn, fault in zip(conversation.turns, found, strict=True)
        if fault in ("flow missing", "other flow")
    )
    tasks = table(("task of the label", "not open"), missing.most_common(MOST_NAMED))
    head = ("conversations", "kind of person", "turns", f"right (goal {GOAL:.0%})")
    return f"{table(head, rows)}\n\n{wrong}\n\n{tasks}"


Result = tuple[Conversation, list[str | None]]


def measured(
    served: Served, conversations: Sequence[Conversation], *, tells: bool = False
) -> list[Result]:
    """Lead all conversations with a served demonstration; `tells` prints the turns."""
    people = served.demo["customers"]
    results: list[Result] = []
    with (
        embedded_server(served.folder / "postgres") as address,
        httpx.Client(base_url=served.url, timeout=LIMIT_S) as http,
    ):
        open_tickets(served, http)
        for number, conversation in enumerate(track(conversations, "conversations")):
            person = people[number % len(people)]
            if conversation.signed_in:
                give_cards(address, person["id"], conversation.cards)
            done = lead(http, conversation, person["identity_token"])
            faults = list(faults_of(conversation.turns, done))
            results.append((conversation, faults))
            if tells:
                _tell(conversation, done, faults)
    return results


def _tell(conversation: Conversation, done: Sequence[Seen], faults: Sequence[str | None]) -> None:
    for turn, one, fault in zip(conversation.turns, done, faults, strict=True):
        did = f"{', '.join(sorted(one.effects)) or 'nothing'}, {one.flow}"
        wanted = f"{', '.join(turn.expect.effects) or 'nothing'}, {turn.expect.flow}"
        print(f"{conversation.id} {fault or 'right'}: “{turn.text}” did {did}; wanted {wanted}")
        print(f"    {' '.join(one.reply.split())[:MOST_TOLD]}")


def main(arguments: Sequence[str]) -> None:
    """Measure on a served demonstration bank and write the tables; those for development are printed."""
    develops = "development" in arguments
    conversations = read_conversations(DEVELOPMENT if develops else CONVERSATIONS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reuse_model(folder)
        with serving(folder, LIMITS) as served:
            text = report(measured(served, conversations, tells=develops))
    if develops:
        print(text)
    else:
        write_section("conversations", text)


if __name__ == "__main__":
    main(sys.argv[1:])
