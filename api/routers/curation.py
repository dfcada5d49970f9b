"""Curation beside the articles: gaps, votes, question sets, imports and the jobs that run them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile

from api.dependencies import (
    READER,
    BusinessDep,
    ContainerDep,
    Listing,
    NowDep,
    PageDep,
    SessionDep,
    StaffDep,
)
from api.markdown import render
from api.readable import check_fields
from core.bounds import MAX_VERSION
from core.errors import Invalid, NotFound
from core.identity import require
from core.jobs import Job, job_lines, outcomes, visible_jobs
from core.languages import Language
from core.paging import fetch_page
from core.validation import field_errors
from knowledge_base import curation, gaps, queries, question_sets
from knowledge_base.imports.service import MAX_URL, ImportChoices, ImportOrder, order_import
from knowledge_base.models import Gap
from knowledge_base.publication import approve_import
from knowledge_base.schemas import (
    ArticleOut,
    GapChoice,
    GapDraft,
    GapGroup,
    GapOut,
    JobLineOut,
    JobOrdered,
    JobOut,
    PreviewHtml,
    PreviewRequest,
    QuestionSetContent,
    QuestionSetOut,
    SetRun,
    Votes,
)
from knowledge_base.tasks import import_articles

router = APIRouter(tags=["knowledge"])
CHOICES = ImportChoices.model_json_schema()["properties"]
UPLOAD: dict[str, Any] = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "required": ["file"],
            "properties": {"file": {"type": "string", "format": "binary"}, **CHOICES},
        }
    },
    "application/json": {
        "schema": {
            "type": "object",
            "required": ["url"],
            "properties": {"url": {"type": "string", "maxLength": MAX_URL}, **CHOICES},
        },
        "example": {"url": "https://www.bank.example/faq"},
    },
}


@router.get("/v1/knowledge/gaps")
async def list_gaps(who: StaffDep, session: SessionDep, page: PageDep) -> Listing[GapOut]:
    """Questions that nothing answered."""
    rows_read, cursor = await fetch_page(
        session, queries.readable_gaps(who), page, Gap.created_at, Gap.id
    )
    return Listing(items=[GapOut.model_validate(g) for g in rows_read], next_cursor=cursor)


@router.get("/v1/knowledge/gaps/groups")
async def list_gap_groups(
    parts: ContainerDep, who: StaffDep, session: SessionDep, language: Language | None = None
) -> Listing[GapGroup]:
    """The same grouped by meaning, the most asked first."""
    return Listing(
        items=await gaps.groups(session, who, parts.search.encoder, language), next_cursor=None
    )


@router.post("/v1/knowledge/gaps/drafts", status_code=201)
async def draft_from_gaps(body: GapDraft, who: StaffDep, session: SessionDep) -> ArticleOut:
    """A draft whose example questions are those of the gaps."""
    return ArticleOut.model_validate(await gaps.draft_from(session, who, body))


@router.post("/v1/knowledge/gaps/dismiss", status_code=204)
async def dismiss_gaps(chosen: GapChoice, who: StaffDep, session: SessionDep) -> Response:
    """Gaps that need no article."""
    await gaps.dismiss(session, who, chosen.gap_ids)
    return Response(status_code=204)


@router.post("/v1/knowledge/previews")
async def preview(written: PreviewRequest, who: StaffDep) -> PreviewHtml:
    """How Markdown would be shown."""
    require(who, "knowledge:write")
    return PreviewHtml(html=render(written.body))


@router.get("/v1/knowledge/votes")
async def list_votes(who: StaffDep, session: SessionDep) -> Listing[Votes]:
    """What readers said of articles, the worst first."""
    return Listing(items=await curation.votes(session, who), next_cursor=None)


@router.get("/v1/knowledge/question-sets")
async def list_sets(who: StaffDep, session: SessionDep) -> Listing[QuestionSetOut]:
    """Sets of questions with their articles."""
    return Listing(items=await question_sets.read_sets(session, who), next_cursor=None)


@router.post("/v1/knowledge/question-sets", status_code=201)
async def keep_set(
    content: QuestionSetContent, who: StaffDep, session: SessionDep
) -> QuestionSetOut:
    """Make a set, or replace the one of this name."""
    return await question_sets.keep_set(session, who, content)


@router.delete("/v1/knowledge/question-sets/{set_id}", status_code=204)
async def remove_set(set_id: UUID, who: StaffDep, session: SessionDep) -> Response:
    """Forget a set."""
    await question_sets.remove_set(session, who, set_id)
    return Response(status_code=204)


@router.post("/v1/knowledge/question-sets/{set_id}/run")
async def run_set(
    set_id: UUID, parts: ContainerDep, who: StaffDep, session: SessionDep, now: NowDep
) -> SetRun:
    """Where each question's article stands."""
    return await question_sets.run_set(session, parts.search, who, set_id, now)


@router.post(
    "/v1/knowledge/imports",
    status_code=202,
    openapi_extra={"requestBody": {"content": UPLOAD, "required": True}},
)
async def order(
    request: Request,
    parts: ContainerDep,
    who: StaffDep,
    session: SessionDep,
) -> JobOrdered:
    """Import a file (multipart), an archive of files, or a page (JSON with its url); articles come as drafts."""
    job_order, content = await _import_order(request)
    job = await order_import(session, who, job_order, content, parts.settings)
    await import_articles.defer(session, lock=str(job.id), job_id=str(job.id))
    return JobOrdered(job_id=job.id)


@router.post("/v1/knowledge/imports/{job_id}/approve")
async def approve(
    job_id: UUID, parts: ContainerDep, who: StaffDep, session: SessionDep, now: NowDep
) -> Listing[ArticleOut]:
    """Approve and publish all that an import submitted; by somebody else than who ordered it."""
    articles = await approve_import(session, parts.search, who, job_id, now)
    return Listing(
        items=[ArticleOut.model_validate(article) for article in articles], next_cursor=None
    )


@router.get("/v1/jobs/{job_id}", dependencies=[READER])
async def read_job(
    job_id: UUID,
    who: BusinessDep,
    session: SessionDep,
    after: Annotated[int, Query(ge=-1, le=MAX_VERSION)] = -1,
) -> JobOut:
    """How far a job is."""
    job = await session.scalar(visible_jobs(who).where(Job.id == job_id))
    if job is None:
        raise NotFound("job")
    lines = [JobLineOut.model_validate(line) for line in await job_lines(session, job.id, after)]
    return (await _jobs_out(session, [job]))[0].model_copy(update={"lines": lines})


@router.get("/v1/jobs")
async def list_jobs(who: BusinessDep, session: SessionDep, page: PageDep) -> Listing[JobOut]:
    """Jobs, newest first, without their lines."""
    rows_read, cursor = await fetch_page(session, visible_jobs(who), page, Job.created_at, Job.id)
    return Listing(items=await _jobs_out(session, rows_read), next_cursor=cursor)


async def _jobs_out(session: AsyncSession, jobs: Sequence[Job]) -> list[JobOut]:
    counted = await outcomes(session, [job.id for job in jobs])
    return [
        JobOut.model_validate(job).model_copy(update={"outcomes": counted[job.id]}) for job in jobs
    ]


async def _import_order(request: Request) -> tuple[ImportOrder, bytes | None]:
    """What was sent, as a form with a file or as JSON with a url."""
    content: bytes | None = None
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=1, max_fields=10) as form:
            check_fields(form)
            file = form.get("file")
            fields = {name: value for name, value in form.items() if name != "file" and value != ""}
            if isinstance(file, UploadFile):
                fields["name"], content = file.filename or "", await file.read()
    else:
        try:
            fields = await request.json()
        except ValueError as error:
            raise Invalid("import.content_type") from error
    try:
        return ImportOrder.model_validate(fields), content
    except ValidationError as error:
        raise Invalid("import.invalid", errors=field_errors(error.errors())) from error
