"""From a resolved ticket to an article: what was solved once should be found the next time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.lifecycle import FINISHED
from actions.tickets.models import Ticket
from actions.tickets.queries import comments_of
from core.errors import Conflict
from core.identity import Staff
from core.languages import Language
from knowledge_base.answers import answer_question
from knowledge_base.models import Article
from knowledge_base.schemas import ArticleContent
from knowledge_base.search import KnowledgeSearch
from knowledge_base.service import create_article

ANSWERED = 0.5  # calibrated confidence from which an article answers the ticket


class Suggestion(BaseModel):
    """The article that answers already, or a draft."""

    answered_by: str | None
    title: str | None = None
    body: str | None = None
    category: str | None = None
    question: str | None = None


class DraftRequest(BaseModel):
    """What the draft says; personal data of the customer do not belong in it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"slug": "card-cracked", "title": "My card is cracked", "body": "Order a new one."}
            ]
        },
    )

    slug: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
    title: Annotated[str, StringConstraints(min_length=3, max_length=200)]
    body: Annotated[str, StringConstraints(min_length=3, max_length=100_000)]
    questions: Annotated[
        list[Annotated[str, StringConstraints(max_length=300)]], Field(max_length=50)
    ] = []


async def suggest(
    session: AsyncSession, caller: Staff, search: KnowledgeSearch, ticket: Ticket, now: datetime
) -> Suggestion:
    """Ask the knowledge base what the ticket asked; where it does not know, the staff's answer is the draft."""
    if ticket.state not in FINISHED:
        raise Conflict("ticket.article_before_resolution")
    language: Language = ticket.language
    question = ticket.description[:300]
    answered = await answer_question(
        session, search, question, language, ("public", "staff"), now, ANSWERED
    )
    if answered.answerable:
        return Suggestion(answered_by=answered.citations[0].slug)
    comments = (await session.scalars(comments_of(ticket.id, internal=False))).all()
    answers = [c.text for c in comments if not c.author.startswith(("customer:", "visitor:"))]
    return Suggestion(
        answered_by=None,
        title=ticket.subject,
        body="\n\n".join(answers) or ticket.subject,
        category=ticket.queue,
        question=question,
    )


async def draft(
    session: AsyncSession, caller: Staff, ticket: Ticket, request: DraftRequest
) -> Article:
    """The draft of an article; who may write articles may make it."""
    content = ArticleContent.model_validate(
        {
            "slug": request.slug,
            "language": ticket.language,
            "title": request.title,
            "body": request.body,
            "audience": "staff",
            "category": ticket.queue,
            "questions": request.questions,
            "tags": ["from-ticket"],
        }
    )
    return await create_article(session, caller, content)
