"""What the knowledge base says and takes over HTTP, and to the dialogue."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from core.bounds import Code, Day, Moment
from core.identity import Audience
from core.jobs import JobState
from core.languages import Language
from core.localized_text import ShownText
from knowledge_base.models import ArticleState

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
Question = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Request(BaseModel):
    """A body that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Citation(BaseModel):
    """Where a statement stands: article, version, passage."""

    article_id: UUID
    slug: str
    version: int
    title: str
    passage: str
    anchor: str
    language: Language
    score: float


class SearchResult(BaseModel):
    """A passage that was found; `score` is the fused score of its article, higher is better."""

    article_id: UUID
    slug: str
    version: int
    title: str
    passage: str
    language: Language
    score: float


class Alternative(BaseModel):
    """A topic that may have been meant."""

    slug: str
    title: str


class Answer(BaseModel):
    """An answer made of cited passages, or an abstention with alternatives. `confidence` is calibrated, 0 to 1."""

    answerable: bool
    text: str
    confidence: float
    citations: list[Citation]
    alternatives: list[Alternative]
    language: Language


class ArticleContent(Request):
    """What a curator writes."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "slug": "card-delivery",
                    "language": "en",
                    "title": "How long a new card takes",
                    "body": "A new card arrives within **five working days**.",
                    "audience": "public",
                    "category": "cards",
                    "tags": ["delivery"],
                    "questions": ["when does my card come"],
                }
            ]
        },
    )

    slug: Slug
    language: Language
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    body: Annotated[str, StringConstraints(min_length=1, max_length=100_000)]
    audience: Audience = "public"
    category: Annotated[str, StringConstraints(min_length=1, max_length=60)] = "general"
    tags: list[Annotated[str, StringConstraints(max_length=60)]] = Field(
        default_factory=list, max_length=50
    )
    questions: list[Question] = Field(default_factory=list, max_length=200)
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    review_by: Day | None = None


class ArticleChange(Request):
    """Fields to change; what is absent stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"title": "A clearer title"}]}
    )

    title: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    body: Annotated[str, StringConstraints(min_length=1, max_length=100_000)] | None = None
    audience: Audience | None = None
    category: Annotated[str, StringConstraints(min_length=1, max_length=60)] | None = None
    tags: list[Code] | None = Field(None, max_length=50)
    questions: list[Question] | None = Field(None, max_length=200)
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    review_by: Day | None = None


class ArticleOut(BaseModel):
    """An article as the desk sees it."""

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
    state: ArticleState
    version: int
    published_version: int | None
    created_at: datetime
    updated_at: datetime


class VersionOut(BaseModel):
    """One version of an article."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    author: str
    created_at: datetime
    content: dict[str, JsonValue]


class GapOut(BaseModel):
    """A question that no article answered."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    question: str
    language: Language
    confidence: float
    alternatives: list[str]
    conversation_id: UUID | None
    created_at: datetime


class SearchRequest(Request):
    """A search; `audience` narrows what the caller may see, never widens it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"query": "lost card", "language": "en"}]}
    )

    query: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    language: Language | None = None
    limit: int = Field(10, ge=1, le=50)
    audience: Audience | None = None
    category: Code | None = None


class AnswerRequest(Request):
    """A question."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"question": "I lost my card, what now?", "language": "en"}]
        },
    )

    question: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    language: Language | None = None


class FeedbackRequest(Request):
    """Whether an answer or an article helped."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"article_id": "00000000-0000-4000-8000-000000000000", "helpful": True}]
        },
    )

    message_id: UUID | None = None
    article_id: UUID | None = None
    helpful: bool
    comment: Annotated[str, StringConstraints(max_length=2000)] | None = None


class StepRequest(Request):
    """How to take a step: publish at a time, or although questions of the sets are lost."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"at": "2026-12-01T08:00:00Z"}]}
    )

    at: Moment | None = None
    accept_losses: bool = False


class Similar(BaseModel):
    """An article that says the same; `share` of the passages and questions that it has as well, 0 to 1."""

    article_id: UUID
    slug: str
    title: str
    share: float


class SavedArticle(ArticleOut):
    """An article as it was saved, with those that say the same."""

    similar: list[Similar]


class Change(BaseModel):
    """A field that changed; `lines` are marked `-` and `+` as in a patch."""

    field: str
    before: JsonValue
    after: JsonValue
    lines: list[str]


class Difference(BaseModel):
    """What changed between two versions, and who wrote them."""

    old: int
    new: int
    authors: list[str]
    changes: list[Change]


class Votes(BaseModel):
    """What readers said of an article."""

    article_id: UUID
    slug: str
    language: Language
    helpful: int
    not_helpful: int
    comments: list[str]


class GapGroup(BaseModel):
    """Unanswered questions that mean the same; `offered` are the topics that were named instead."""

    question: str
    language: Language
    count: int
    questions: list[str]
    gap_ids: list[UUID]
    offered: list[str]
    newest: datetime


class GapChoice(Request):
    """Some gaps."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"gap_ids": ["00000000-0000-4000-8000-000000000000"]}]},
    )

    gap_ids: list[UUID] = Field(min_length=1, max_length=2000)


class GapDraft(GapChoice):
    """The article that answers them."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"gap_ids": ["00000000-0000-4000-8000-000000000000"], "slug": "safe-deposit-boxes"}
            ]
        },
    )

    slug: Slug
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    body: Annotated[str, StringConstraints(max_length=100_000)] | None = None
    audience: Audience = "public"
    category: Annotated[str, StringConstraints(min_length=1, max_length=60)] = "general"


class SetQuestionContent(Request):
    """A question and the slug of the article that must come first."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    question: Question
    language: Language
    slug: Slug
    audience: Audience = "public"


class QuestionSetContent(Request):
    """A set; one of the same name is replaced."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "cards",
                    "questions": [
                        {"question": "where is my card", "language": "en", "slug": "card-arrival"}
                    ],
                }
            ]
        },
    )

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    questions: list[SetQuestionContent] = Field(max_length=5000)


class RanBefore(BaseModel):
    """How a set fared when it ran last."""

    at: datetime
    total: int
    first: int
    in_three: int


class QuestionSetOut(BaseModel):
    """A set with its questions."""

    id: UUID
    name: str
    author: str
    questions: list[SetQuestionContent]
    last_run: RanBefore | None


class SetResult(BaseModel):
    """Where a question's article stands, 1 for first, and what stands first instead."""

    question: str
    language: Language
    slug: str
    rank: int | None
    instead: str | None


class SetRun(BaseModel):
    """How a set fares, beside the run before: `lost` stood first then and do not now, `won` the other way."""

    total: int
    first: int
    in_three: int
    wrong: list[SetResult]
    before: RanBefore | None
    lost: list[str]
    won: list[str]


class Trial(BaseModel):
    """What a working copy would change among all sets' questions."""

    total: int
    lost: list[str]
    won: list[str]
    verdict: ShownText


class RankRequest(Request):
    """A question to try on a working copy, as it is kept or with what is being written in its place."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"question": "where is my card"}]}
    )

    question: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    body: Annotated[str, StringConstraints(min_length=1, max_length=100_000)] | None = None
    questions: list[Question] | None = Field(None, max_length=200)


class PreviewRequest(Request):
    """Markdown that is being written."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"body": "Within **five** days."}]}
    )

    body: Annotated[str, StringConstraints(max_length=100_000)]


class PreviewHtml(BaseModel):
    """As the help centre shows it: HTML that was cleaned."""

    html: str


class RankOut(BaseModel):
    """At which place the working copy would be found, 1 for first, and what stands before it."""

    rank: int | None
    before: list[str]


class JobLineOut(BaseModel):
    """One finished piece of work."""

    model_config = ConfigDict(from_attributes=True)

    ordinal: int
    name: str
    outcome: str
    reason: ShownText | None
    subjects: list[str]


class JobOut(BaseModel):
    """How far a job is: `outcomes` counts its lines; `lines` are the next after `?after=`."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: str
    state: JobState
    total: int | None
    done: int
    error: ShownText | None
    created_at: datetime
    finished_at: datetime | None
    outcomes: dict[str, int] = Field(default_factory=dict)
    lines: list[JobLineOut] = Field(default_factory=list)


class JobOrdered(BaseModel):
    """A job was accepted."""

    job_id: UUID
