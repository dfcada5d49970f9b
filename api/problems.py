"""Errors as RFC 9457 problem documents: what went wrong and what to do, never how we are built."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from api.wording import told_to
from core.errors import DomainError

log = structlog.get_logger(__name__)


def problem(
    request: Request,
    status: int,
    title: str,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """A problem document, whose sentences are in the language of who reads it."""
    accepted = request.headers.get("accept-language")
    body: dict[str, Any] = {
        "type": f"/problems/{title.lower().replace(' ', '-')}",
        "title": title,
        "status": status,
        "detail": told_to(accepted, detail),
        "instance": request.url.path,
        "request_id": getattr(request.state, "request_id", ""),
    }
    if errors is not None:
        body["errors"] = [
            {**error, "message": told_to(accepted, error["message"])} for error in errors
        ]
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Turn every error into a problem document."""

    @app.exception_handler(DomainError)
    async def domain(request: Request, error: DomainError) -> Response:
        fields = [{"field": field, "message": message} for field, message in error.errors]
        return problem(
            request, error.status, error.title, error.detail, fields or None, error.headers
        )

    @app.exception_handler(RequestValidationError)
    async def validation(request: Request, error: RequestValidationError) -> Response:
        fields = [
            {
                "field": ".".join(str(part) for part in e["loc"][1:]) or str(e["loc"][0]),
                "message": str(e["msg"]),
            }
            for e in error.errors()
        ]
        return problem(request, 422, "Not valid", "Some fields are not valid: see errors.", fields)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        title = HTTPStatus(error.status_code).phrase
        headers = dict(error.headers or {})
        return problem(
            request,
            error.status_code,
            title,
            f"{title}.",
            None,
            headers,
        )

    @app.exception_handler(DataError)
    async def unstorable(request: Request, error: DataError) -> Response:
        log.warning("database.refused_value", reason=type(error.orig).__name__)
        return problem(
            request, 422, "Not valid", "A value has a character or a size that cannot be kept."
        )

    @app.exception_handler(DBAPIError)
    @app.exception_handler(PoolTimeout)
    async def database(request: Request, error: Exception) -> Response:
        log.error("database.failed", reason=type(error).__name__)
        return problem(
            request,
            503,
            "Unavailable",
            "The database did not answer in time: try again.",
            headers={"Retry-After": "2"},
        )
