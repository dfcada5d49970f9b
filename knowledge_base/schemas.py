"What the knowledge base says and takes over HTTP, and to the dialogue."

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from core.identity import Audience
from core.languages import Language

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
Question = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Request(BaseModel):
    "A body that refuses fields it does not know."

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Citation(BaseModel):
    "Where a statement stands: article, version, passage."

    article_id: UUID
    slug: str
    version: int
    title: str
    passage: str
    anchor: str
    language: Language
    score: float


class SearchResult(BaseModel):
    "A passage that was found; `score` is the fused score of its article, higher is better."

    article_id: UUID
    slug: str
    version: int
    title: str
    passage: str
    language: Language
    score: float


class Alternative(BaseModel):
    "A topic that may have been meant."

    slug: str
    title: str


class Answer(BaseModel):
    "An answer made of cited passages, or an abstention with alternatives. `confidence` is calibrated, 0 to 1."

    answerable: bool
    text: str
    confidence: float
    citations: list[Citation]
    alternatives: list[Alternative]
    language: Language


class ArticleContent(Request):
    "What a curator writes."

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "slug": "card-delivery", "language": "en", "title": "How long a new card takes",
                    "body": "A new card arrives within **five working days**.", "audience": "public",
                    "category": "cards", "tags": ["delivery"], "questions": ["when does my card come"],
                }
            ]
        },
    )  # fmt: skip

    slug: Slug
    language: Language
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    body: Annotated[str, StringConstraints(min_length=1, max_length=100_000)]
    audience: Audience = "public"
    category: Annotated[str, StringConstraints(min_length=1, max_length=60)] = "general"
    tags: list[Annotated[str, StringConstraints(max_length=60)]] = Field(default_factory=list, max_length=50)
    questions: list[Question] = Field(default_factory=list, max_length=200)
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    review_by: date | None = None


class ArticleChange(Request):
    "Fields to change; what is absent stays."

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"title": "A clearer title"}]})

    title: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    body: Annotated[str, StringConstraints(min_length=1, max_length=100_000)] | None = None
    audience: Audience | None = None
    category: Annotated[str, StringConstraints(min_length=1, max_length=60)] | None = None
    tags: list[str] | None = Field(None, max_length=50)
    questions: list[Question] | None = Field(None, max_length=200)
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    review_by: date | None = None


class ArticleOut(BaseModel):
    "An article as the desk sees it."

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    slug: str
    language: Language
    title: str
    body: str
    audience: Audience
    category: str
    tags: list[str]
    questions: list[str]
    valid_from: datetime | None
    valid_until: datetime | None
    review_by: date | None
    state: Literal["draft", "in_review", "approved", "published", "archived"]
    version: int
    published_version: int | None
    created_at: datetime
    updated_at: datetime


class VersionOut(BaseModel):
    "One version of an article."

    model_config = ConfigDict(from_attributes=True)

    version: int
    author: str
    created_at: datetime
    content: dict[str, Any]


class GapOut(BaseModel):
    "A question that no article answered."

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    question: str
    language: Language
    confidence: float
    alternatives: list[str]
    conversation_id: UUID | None
    created_at: datetime


class SearchRequest(Request):
    "A search; `audience` narrows what the caller may see, never widens it."

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"query": "lost card", "language": "en"}]}
    )

    query: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    language: Language | None = None
    limit: int = Field(10, ge=1, le=50)
    audience: Audience | None = None
    category: str | None = None


class AnswerRequest(Request):
    "A question."

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"question": "I lost my card, what now?", "language": "en"}]}
    )

    question: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    language: Language | None = None


class FeedbackRequest(Request):
    "Whether an answer or an article helped."

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"article_id": "00000000-0000-4000-8000-000000000000", "helpful": True}]},
    )

    message_id: UUID | None = None
    article_id: UUID | None = None
    helpful: bool
    comment: Annotated[str, StringConstraints(max_length=2000)] | None = None
