"""Training the classifier: of the product's own examples, and of those with what the staff of a bank put right.

A model trained with corrections is used only when it is not worse than the one before on corrections that it was not
trained with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from random import Random

import numpy as np
import structlog
import yaml
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.lifecycle import KINDS, QUEUES, Kind, Queue
from actions.tickets.models import Ticket
from actions.tickets.routing.classifier import READ, SEED, Classifier, Example, train
from actions.tickets.routing.models import RoutingCorrection, RoutingModel
from actions.tickets.routing.reader import Reading, reader
from actions.tickets.routing.rules import CATEGORY_QUEUES, routed_text
from actions.tickets.ticket_config.contents import ServiceContent
from core.audit import record
from core.errors import NotFound
from core.identity import Caller, actor, require
from core.languages import LANGUAGES
from nlu.training import phrasings

EXAMPLES = Path(__file__).parent / "examples"
OF_ARTICLES = 0.02
OF_FRAMES = 0.6
OF_WORDS = 1.0
OF_CORRECTIONS = 2.0
OF_INTENTS: dict[str, tuple[Kind, Queue | None]] = {
    "make_complaint": ("complaint", "complaints"),
    "report_fraud": ("fraud_report", "fraud"),
    "report_lost_card": ("service_request", "cards"),
    "change_contact_details": ("service_request", "accounts"),
    "book_appointment": ("lead", None),
}
HELD_BACK = 5  # every so many-th correction is not trained with, to measure by
MIN_HELD_BACK = 5  # corrections, below which nothing can be said
_ASKS = re.compile(
    r"[?？]\s*$|^\s*(?:how|what|when|where|which|who|why|is|are|do|does|can|may|will)\b|(?:吗|多少|怎么|哪里|什么)",
    re.IGNORECASE,
)
log = structlog.get_logger(__name__)


def own_examples(services: Iterable[ServiceContent]) -> list[Example]:
    """Written examples and the phrases of the service catalogue."""
    examples: list[Example] = []
    for language in LANGUAGES:
        entries = yaml.safe_load((EXAMPLES / f"{language}.yml").read_text(encoding="utf-8"))
        for name, texts in entries.items():
            kind, queue = name.split("/")
            examples += [Example(text, kind, queue) for text in _flat(texts)]
        for path in sorted(
            EXAMPLES.glob(f"*_{language}.tsv")
        ):  # kind, queue and text apart by tabs
            rows = (
                line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line
            )
            examples += [Example(text, kind, queue) for kind, queue, text in rows]  # type: ignore[arg-type]  # ours
    examples += [
        Example(phrase, service.kind, service.queue)
        for service in services
        for phrases in service.phrases.values()
        for phrase in phrases
    ]
    return examples


def framed_examples(frames_for_each: int = 3) -> list[Example]:
    """Errands and things in the ways in which people speak of them, a few ways each, the same at each training."""
    content = yaml.safe_load((EXAMPLES / "frames.yml").read_text(encoding="utf-8"))
    random = Random(SEED)  # noqa: S311  (a choice of phrasings)
    uses: tuple[tuple[str, str, Kind], ...] = (
        ("errands", "request", "service_request"),
        ("errands", "question", "question"),
        ("things", "about", "question"),
        ("failing", "trouble", "service_request"),
        ("offers", "lead", "lead"),
    )
    return [
        Example(frame.format(what), kind, queue, OF_FRAMES)
        for part, form, kind in uses
        for queue, both in content[part].items()
        for language in LANGUAGES
        for what in both[language]
        for frame in random.sample(content["frames"][form][language], frames_for_each)
    ]


def vocabulary_examples() -> list[Example]:
    """Words that belong to a team's work or tell of a kind."""
    content = yaml.safe_load((EXAMPLES / "vocabulary.yml").read_text(encoding="utf-8"))
    of_queues = [
        Example(word, None, queue, OF_WORDS)
        for queue, both in content["queues"].items()
        for word in _both(both)
    ]
    return of_queues + [
        Example(word, kind, None, OF_WORDS)
        for kind, both in content["kinds"].items()
        for word in _both(both)
    ]


def _both(entries: dict[str, list[str]]) -> list[str]:
    return [str(word) for language in LANGUAGES for word in entries[language]]


def dialogue_examples() -> list[Example]:
    """What the dialogue's intents are trained with, where an intent says what kind of ticket it would be."""
    return [
        Example(text, kind, queue)
        for intent, (kind, queue) in OF_INTENTS.items()
        for _, text in phrasings(intent)
    ]


def article_examples(questions: Iterable[tuple[str, str]]) -> list[Example]:
    """Example questions of articles with their categories: they tell the queue, and the kind where they plainly ask."""
    return [
        Example(
            text, "question" if _ASKS.search(text) else None, CATEGORY_QUEUES[category], OF_ARTICLES
        )
        for text, category in questions
        if category in CATEGORY_QUEUES
        and CATEGORY_QUEUES[category] not in ("fraud", "complaints", "compliance")
    ]


def _flat(texts: Sequence[object]) -> list[str]:
    return [
        str(text) for entry in texts for text in (entry if isinstance(entry, list) else [entry])
    ]


async def corrections_of(session: AsyncSession) -> list[tuple[Example, Kind, Queue]]:
    """What staff put right, the last word on each ticket: its text with what is right, and what had been decided."""
    rows = await session.execute(
        select(RoutingCorrection, Ticket.subject, Ticket.description, Ticket.kind, Ticket.queue)
        .join(Ticket, Ticket.id == RoutingCorrection.ticket_id)
        .where(Ticket.erased_at.is_(None))
        .order_by(RoutingCorrection.created_at, RoutingCorrection.id)
    )
    latest: dict[object, tuple[Example, Kind, Queue]] = {}
    for correction, subject, description, kind, queue in rows:
        right_kind = correction.corrected if correction.what == "kind" else kind
        right_queue = correction.corrected if correction.what == "queue" else queue
        if right_kind in KINDS and right_queue in QUEUES:
            example = Example(
                routed_text(subject, description), right_kind, right_queue, OF_CORRECTIONS
            )
            latest[correction.ticket_id] = (example, right_kind, right_queue)
    return list(latest.values())


async def store_model(
    session: AsyncSession,
    caller: Caller,
    model: Classifier,
    corrections: int,
    examples: int,
    measured: Mapping[str, float],
    now: datetime,
) -> RoutingModel:
    """Keep a trained model; it is live unless it is worse than the one before."""
    newest = await session.scalar(select(func.max(RoutingModel.version))) or 0
    better = measured.get("after", 1.0) >= measured.get("before", 0.0)
    row = RoutingModel(
        version=newest + 1,
        content=model.to_bytes(),
        live=better,
        examples=examples,
        corrections=corrections,
        measured=dict(measured),
        made_by=actor(caller),
        made_at=now,
    )
    session.add(row)
    await session.flush()
    await record(
        session,
        caller,
        "routing.trained",
        f"routing_model:{row.version}",
        {"live": better, **measured},
    )
    log.info("routing.trained", version=row.version, live=better, **measured)
    return row


async def retire_model(session: AsyncSession, caller: Caller, version: int) -> None:
    """Go back to the model before."""
    require(caller, "tickets:configure")
    row = await session.get(RoutingModel, version)
    if row is None or not row.live:
        raise NotFound("live_model")
    row.live = False
    await session.flush()
    await record(session, caller, "routing.retired", f"routing_model:{version}", {})


def fit(
    examples: Sequence[Example], held_back: Sequence[Example], before: Classifier
) -> tuple[Classifier, dict[str, float]]:
    """Train, and measure the old and the new model on corrections held back. A minute of work: call it in a thread."""
    model = train(examples)
    if len(held_back) < MIN_HELD_BACK:
        return model, {}
    readings = reader().read_now([example.text[:READ] for example in held_back])
    return model, {
        "after": share_right(model, held_back, readings),
        "before": share_right(before, held_back, readings),
        "held_back": len(held_back),
    }


def share_right(model: Classifier, examples: Sequence[Example], readings: Reading) -> float:
    """The share of examples whose kind and queue are both right."""
    guesses = model.guesses([example.text for example in examples], readings)
    right = [
        g.kind == e.kind and g.queue == e.queue for g, e in zip(guesses, examples, strict=True)
    ]
    return float(np.mean(right))
