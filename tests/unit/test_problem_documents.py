"""Problem documents carry a stable code and are worded in the language that the reader prefers."""

from __future__ import annotations

from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI
from pydantic import AfterValidator, BaseModel, Field

from api.middleware import Surroundings
from api.problems import install
from core.errors import Conflict, InvalidValue, NotFound


def _even(number: int) -> int:
    if number % 2:
        raise InvalidValue("segment.rule_empty")
    return number


class Order(BaseModel):
    """A body with a limit of pydantic's and a rule of our own."""

    name: Annotated[str, Field(min_length=2)]
    pairs: Annotated[int, AfterValidator(_even)] = 2


def application() -> FastAPI:
    app = FastAPI()
    install(app)
    app.add_middleware(Surroundings, max_body_bytes=1_000_000, frame_ancestors="'self'")

    @app.get("/ticket")
    async def ticket() -> None:
        raise NotFound("ticket")

    @app.get("/case")
    async def case() -> None:
        raise Conflict("case.closed")

    @app.post("/order")
    async def order(body: Order) -> None:
        raise Conflict("case.closed")

    return app


async def ask(method: str, path: str, language: str, body: object = None) -> httpx.Response:
    transport = httpx.ASGITransport(application())
    async with httpx.AsyncClient(transport=transport, base_url="http://bank") as http:
        return await http.request(method, path, json=body, headers={"Accept-Language": language})


@pytest.mark.parametrize(
    ("path", "language", "status", "code", "title", "detail"),
    [
        ("/ticket", "zh-CN,en;q=0.5", 404, "not_found", "未找到", "没有您可以查看的工单。"),
        (
            "/ticket",
            "en",
            404,
            "not_found",
            "Not found",
            "There is no such ticket that you may see.",
        ),
        ("/case", "zh", 409, "case.closed", "无法执行", "案件已结案。"),
        ("/nowhere", "zh", 404, "http.error", "未找到", "未找到。"),
    ],
)
async def test_a_problem_has_a_code_and_the_reader_s_language(
    path: str, language: str, status: int, code: str, title: str, detail: str
) -> None:
    answer = await ask("GET", path, language)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert (problem["title"], problem["detail"]) == (title, detail)
    assert answer.headers["content-language"] == language[:2]


async def test_the_fields_of_a_request_say_what_is_wrong_with_a_code_each() -> None:
    problem = (await ask("POST", "/order", "zh", {"name": "a", "pairs": 3})).json()
    assert problem["code"] == "validation.failed"
    assert {error["field"]: (error["code"], error["message"]) for error in problem["errors"]} == {
        "name": ("validation.string_too_short", "至少 2 个字符"),
        "pairs": ("segment.rule_empty", "规则至少需要一个条件"),
    }
