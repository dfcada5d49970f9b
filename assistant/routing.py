"""Training the tickets' classifier: the product's own from its examples, a bank's with what its staff put right."""

from __future__ import annotations

import asyncio

from actions.tickets.routing import classifier
from actions.tickets.routing.classifier import Classifier, Example
from actions.tickets.routing.models import classifier_for
from actions.tickets.routing.training import (
    HELD_BACK,
    article_examples,
    corrections_of,
    dialogue_examples,
    fit,
    framed_examples,
    own_examples,
    store_model,
    vocabulary_examples,
)
from actions.tickets.ticket_config.service import default_services
from assistant.demonstration.articles import articles
from core.accounts import staff_by_actor
from core.clock import utc_now
from core.tasks import TaskContext, TaskList

tasks = TaskList("routing")


def product_examples() -> list[Example]:
    """Everything that the product's own classifier is trained with."""
    questions = [
        (question, article.category) for article in articles() for question in article.questions
    ]
    return [
        *own_examples(default_services().values()),
        *framed_examples(),
        *vocabulary_examples(),
        *dialogue_examples(),
        *article_examples(questions),
    ]


def train_product() -> Classifier:
    """Train the product's reader and classifier and write their files; some twenty minutes."""
    from actions.tickets.routing.reader_training import train_reader  # noqa: PLC0415  (imports torch)

    examples = product_examples()
    train_reader(examples).write()
    model = classifier.train(examples)
    classifier.SHIPPED.write_bytes(model.to_bytes())
    return model


@tasks.deferred()
async def train_with_corrections(context: TaskContext, by: str) -> None:
    """Train with the staff's corrections; what a part of them, held back, says of it decides whether it is used."""
    async with context.database.transaction() as session:
        corrected = [example for example, _, _ in await corrections_of(session)]
        before = await classifier_for(session)
    held_back = corrected[::HELD_BACK]
    examples = [
        *product_examples(),
        *(e for number, e in enumerate(corrected) if number % HELD_BACK),
    ]
    model, measured = await asyncio.to_thread(fit, examples, held_back, before)
    async with context.database.transaction() as session:
        caller = await staff_by_actor(session, by)
        await store_model(
            session, caller, model, len(corrected), len(examples), measured, utc_now()
        )
