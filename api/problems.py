"""Errors as RFC 9457 problem documents: what went wrong and what to do, never how we are built."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from core.catalogue import has_message
from core.errors import DomainError
from core.localized_text import LocalizedText, reader_language, translate
from core.validation import field_errors

log = structlog.get_logger(__name__)


def slug_of(title: str) -> str:
    """The last part of a problem's type."""
    return title.lower().replace(" ", "-")


def title_text(title: str) -> LocalizedText:
    """A title in the catalogue; as it is where the catalogue has none."""
    code = f"title.{slug_of(title)}"
    return LocalizedText(code) if has_message(code) else LocalizedText.free(title)


def problem(
    request: Request,
    status: int,
    title: str,
    detail: LocalizedText,
    errors: Sequence[tuple[str, LocalizedText]] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """A problem document in the language of who reads it; `title` is the English one, which names its type."""
    language = reader_language()
    body: dict[str, object] = {
        "type": f"/problems/{slug_of(title)}",
        "title": translate(title_text(title), language),
        "status": status,
        "code": detail.code,
        "detail": translate(detail, language),
        "instance": request.url.path,
        "request_id": getattr(request.state, "request_id", ""),
    }
    if errors:
        body["errors"] = [
            {"field": field, "code": message.code, "message": translate(message, language)}
            for field, message in errors
        ]
    return JSONResponse(
        body,
        status,
        headers={"Content-Language": language} | (headers or {}),
        media_type="application/problem+json",
    )


def install(app: FastAPI) -> None:
    """Turn every error into a problem document."""

    @app.exception_handler(DomainError)
    async def domain(request: Request, error: DomainError) -> Response:
        return problem(request, error.status, error.title, error.text, error.errors, error.headers)

    @app.exception_handler(RequestValidationError)
    async def validation(request: Request, error: RequestValidationError) -> Response:
        fields = field_errors(error.errors(), skip=1)
        return problem(request, 422, "Not valid", LocalizedText("validation.failed"), fields)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        title = HTTPStatus(error.status_code).phrase
        detail = LocalizedText("http.error", title=title_text(title))
        return problem(request, error.status_code, title, detail, headers=dict(error.headers or {}))

    @app.exception_handler(DataError)
    async def unstorable(request: Request, error: DataError) -> Response:
        log.warning("database.refused_value", reason=type(error.orig).__name__)
        return problem(request, 422, "Not valid", LocalizedText("database.value_refused"))

    @app.exception_handler(DBAPIError)
    @app.exception_handler(PoolTimeout)
    async def database(request: Request, error: Exception) -> Response:
        log.error("database.failed", reason=type(error).__name__)
        return problem(
            request,
            503,
            "Unavailable",
            LocalizedText("database.unavailable"),
            headers={"Retry-After": "2"},
        )
