"""`make evaluate-contrast`: does a message do what its writer wants, and nothing that they do not want.

Each message of bench/data/dialogue/contrast.jsonl.gz is sent in a conversation of its own, after its earlier turns, by a
customer of the demonstration with cards and an open ticket (or by a visitor). What the answer did is compared with the
label. An offer, a form that was begun and a question for confirmation are no effects. Whether a wanted effect "may be at
once" is in the label; what is collected or confirmed first counts there as begun, where the flow that was begun leads to it.

`python -m bench.evaluate_contrast development` does the same with the messages that rules may be written by, prints what each
led to, and writes nothing into the documents.
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict
from rich.progress import track

from bench.report import table, write_section
from bench.service import Served, reuse_model, serving
from core.languages import Language
from core.settings import ROOT

MESSAGES = ROOT / "bench" / "data" / "dialogue" / "contrast.jsonl.gz"
DEVELOPMENT = MESSAGES.with_name("development.jsonl.gz")
LIMIT_S = 60  # of a request; how fast they are is measured elsewhere
LIMITS = {"MESSAGES_PER_MINUTE": "10000", "CONVERSATIONS_PER_MINUTE": "10000"}
EFFECTS = {
    "card.blocked": "card.block",
    "ticket.created": "ticket.create",
    "ticket.updated": "ticket.comment",
    "appointment.requested": "appointment.request",
    "handoff.requested": "handoff",
    "language.changed": "language.switch",
}
# Effects that are written down as a ticket: an appointment always, a person where none is there at this hour.
AS_TICKETS = frozenset({"appointment.request", "handoff"})
# The flows that lead to an effect; those of the service catalogue lead to a ticket.
FLOWS = {
    "card.block": {"report_lost_card", "report_fraud"},
    "ticket.create": {"open_ticket", "make_complaint", "report_fraud", "report_lost_card"},
    "ticket.comment": {"add_to_ticket"},
    "ticket.close": {"close_ticket"},
    "contact.change": {"change_contact_details"},
    "appointment.request": {"book_appointment", "move_appointment"},
    "handoff": {"talk_to_person", "call_back"},
}
TICKET = {
    "kind": "question",
    "subject": "Statement for September",
    "description": "My statement for September shows no interest.",
}


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore")


class ExpectedEffect(_Model):
    """The effect that a message should lead to; None where it asks for none."""

    effect: str | None
    at_once_ok: bool


class Turn(_Model):
    """An earlier message of the conversation."""

    author: str
    text: str


class Message(_Model):
    """A labelled message."""

    id: str
    language: Language
    context: list[Turn] = []
    signed_in: bool
    text: str
    wanted: ExpectedEffect
    forbidden_effects: list[str]


@dataclass(frozen=True)
class Observed:
    """What a message did: effects at once, the flow that is open now, and whether something was offered."""

    effects: frozenset[str]
    flow: str | None
    offered: bool

    def begun(self, effect: str) -> bool:
        """Whether the open flow leads to `effect`."""
        if self.flow is None:
            return False
        service = effect == "ticket.create" and self.flow.startswith("service.")
        return service or self.flow in FLOWS.get(effect, ())


def read_messages(path: Path = MESSAGES) -> list[Message]:
    """Every labelled message, in the file's order."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [Message.model_validate_json(line) for line in lines]


def send(http: httpx.Client, message: Message, identity: str | None) -> Observed:
    """Send a message after its earlier turns, in a new conversation."""
    body = {"channel": "web", "language": message.language}
    if identity and message.signed_in:
        body["identity_token"] = identity
    started = http.post("/v1/conversations", json=body).raise_for_status().json()
    head = {"Authorization": f"Bearer {started['token']}"}
    path = f"/v1/conversations/{started['id']}/messages"
    earlier = [turn.text for turn in message.context if turn.author == "customer"]
    for text in earlier:
        http.post(path, json={"text": text}, headers=head).raise_for_status()
    answer = http.post(path, json={"text": message.text}, headers=head).raise_for_status().json()
    return observe(answer)


def without_its_ticket(effects: Iterable[str]) -> frozenset[str]:
    """The effects, without the ticket by which another of them is written down: an appointment, a call back at night."""
    named = frozenset(effects)
    return named if AS_TICKETS.isdisjoint(named) else named - {"ticket.create"}


def observe(answer: dict[str, Any]) -> Observed:
    """What an answer of the API did, by its actions, its open flow and its quick replies."""
    messages = answer["messages"]
    flow = answer.get("active_flow")
    actions = [action["type"] for one in messages for action in one["actions"]]
    return Observed(
        without_its_ticket(EFFECTS[action] for action in actions if action in EFFECTS),
        flow=flow["name"] if flow else None,
        offered=any(one["quick_replies"] for one in messages),
    )


@dataclass
class Score:
    """Counts over the messages of a language."""

    counts: Counter[str]
    wrongful: list[str]


def score(pairs: Sequence[tuple[Message, Observed]]) -> Score:
    """Wrongful effects, and how many wanted ones came at once or were begun or offered."""
    counts: Counter[str] = Counter()
    wrongful: list[str] = []
    for message, observed in pairs:
        wrong = observed.effects & frozenset(message.forbidden_effects)
        counts["messages"] += 1
        counts["wrongful"] += bool(wrong)
        wrongful += [f"{message.id}: {', '.join(sorted(wrong))}"] if wrong else []
        if message.wanted.effect is None:
            continue
        done = message.wanted.effect in observed.effects
        counts["wanted"] += 1
        counts["may be at once"] += message.wanted.at_once_ok
        begun = observed.begun(message.wanted.effect)
        counts["done"] += done and message.wanted.at_once_ok
        counts["begun"] += (done or begun) and message.wanted.at_once_ok
        counts["at once or one step"] += done or begun or observed.offered
    return Score(counts, wrongful)


def identities(served: Served) -> Iterator[str]:
    """Identity tokens of the demonstration's customers, again and again."""
    people = served.demo["customers"]
    while True:
        yield from (person["identity_token"] for person in people)


def open_tickets(served: Served, http: httpx.Client) -> None:
    """A ticket for each customer, since messages speak of tickets that are open."""
    login = http.post("/v1/auth/token", json=served.demo["staff"]["agent"]).raise_for_status()
    head = {"Authorization": f"Bearer {login.json()['access_token']}"}
    for person in served.demo["customers"]:
        ticket = {**TICKET, "customer_id": person["id"]}
        http.post("/v1/tickets", json=ticket, headers=head).raise_for_status()


def by_effect(pairs: Sequence[tuple[Message, Observed]]) -> str:
    """For each wanted effect: how often it was done, its flow begun, something offered, or nothing of it."""
    counts: Counter[tuple[str, str]] = Counter()
    for message, observed in pairs:
        effect = message.wanted.effect
        if effect is None:
            continue
        counts[effect, "n"] += 1
        if effect in observed.effects:
            counts[effect, "done"] += 1
        elif observed.begun(effect):
            counts[effect, "begun"] += 1
        else:
            counts[effect, "offered" if observed.offered else "nothing"] += 1
    columns = ("n", "done", "begun", "offered", "nothing")
    effects = sorted({effect for effect, _ in counts})
    rows = [(effect, *(counts[effect, column] for column in columns)) for effect in effects]
    return table(("wanted effect", *columns), rows)


def report(scores: dict[Language, Score]) -> str:
    """The table of docs/measurements.md."""
    head = (
        "messages",
        "n",
        "wrongful effects",
        "may be at once",
        "done at once",
        "begun at once",
        "wanted",
        "at once or by one step",
    )
    rows = [
        (
            language,
            one.counts["messages"],
            one.counts["wrongful"],
            one.counts["may be at once"],
            f"{one.counts['done'] / max(1, one.counts['may be at once']):.0%}",
            f"{one.counts['begun'] / max(1, one.counts['may be at once']):.0%}",
            one.counts["wanted"],
            f"{one.counts['at once or one step'] / max(1, one.counts['wanted']):.0%}",
        )
        for language, one in scores.items()
    ]
    return table(head, rows)


def measured(messages: Sequence[Message]) -> list[tuple[Message, Observed]]:
    """Each message with what it did, on a served demonstration of its own."""
    with tempfile.TemporaryDirectory() as folder:
        reuse_model(Path(folder))
        with (
            serving(Path(folder), LIMITS) as served,
            httpx.Client(base_url=served.url, timeout=LIMIT_S) as http,
        ):
            open_tickets(served, http)
            people = identities(served)
            return [
                (message, send(http, message, next(people)))
                for message in track(messages, "messages")
            ]


def main(arguments: Sequence[str]) -> None:
    """Measure and write the tables; those of the messages for development are printed with each message."""
    develops = "development" in arguments
    pairs = measured(read_messages(DEVELOPMENT if develops else MESSAGES))
    languages: tuple[Language, ...] = ("en", "zh")
    scores = {
        language: score([pair for pair in pairs if pair[0].language == language])
        for language in languages
    }
    text = f"{report(scores)}\n\n{by_effect(pairs)}"
    if develops:
        for message, observed in pairs:
            print(message.id, message.wanted.effect, *sorted(observed.effects), observed.flow)
        print(text)
    else:
        write_section("contrast", text)
    print(json.dumps({language: one.wrongful for language, one in scores.items()}, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
