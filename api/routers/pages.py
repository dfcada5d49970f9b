"Pages: the demonstration, the help centre, the workspace, and the built scripts."

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import nh3
from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from markdown_it import MarkdownIt

from api.dependencies import ContainerDep, NowDep, SessionDep
from core.errors import NotFound
from core.languages import Language
from core.settings import ROOT
from knowledge_base.chunking import anchor_of
from knowledge_base.models import Article
from knowledge_base.queries import public_articles

router = APIRouter(include_in_schema=False)
templates = Jinja2Templates(directory=Path(__file__).parent.parent / "templates")
BUILT = ROOT / "web" / "dist"
_markdown = MarkdownIt("commonmark").enable("table")
TEXTS: dict[Language, dict[str, str]] = {
    "en": {"title": "Help centre", "other": "中文", "back": "All articles", "none": "There are no articles yet."},
    "zh": {"title": "帮助中心", "other": "English", "back": "全部文章", "none": "暂无文章。"},
}


@router.get("/")
async def demonstration(request: Request, parts: ContainerDep) -> HTMLResponse:
    "The bank's page with the widget on it."
    return templates.TemplateResponse(request, "index.html", {"demonstration": parts.settings.demonstration})


@router.get("/workspace")
async def workspace(request: Request) -> HTMLResponse:
    "The staff's page."
    return templates.TemplateResponse(request, "workspace.html")


@router.get("/workspace/knowledge")
async def knowledge_desk(request: Request) -> HTMLResponse:
    "The curators' page."
    return templates.TemplateResponse(request, "knowledge.html")


@router.get("/workspace/tickets")
async def ticket_console(request: Request) -> HTMLResponse:
    "The tickets' page."
    return templates.TemplateResponse(request, "tickets.html")


@router.get("/demonstration/customers")
async def demonstration_customers(parts: ContainerDep) -> list[dict[str, Any]]:
    "Whom the demonstration page can sign in; exists in the demonstration only."
    path = parts.settings.var_dir / "demo.json"
    if not parts.settings.demonstration or not path.exists():
        raise NotFound("page")
    people: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["customers"]
    return people


@router.get("/help")
async def help_root() -> RedirectResponse:
    "The help centre in English."
    return RedirectResponse("/help/en")


@router.get("/help/{language}")
async def help_index(language: Language, request: Request, session: SessionDep, now: NowDep) -> HTMLResponse:
    "The public articles of a language."
    rows = (await session.execute(public_articles(language, now))).all()
    articles = [{"slug": a.slug, "title": v.content["title"], "category": v.content["category"]} for a, v in rows]
    return templates.TemplateResponse(request, "help.html", {"articles": articles, **_shared(language)})


@router.get("/help/{language}/{slug}")
async def help_article(
    language: Language, slug: str, request: Request, session: SessionDep, now: NowDep
) -> HTMLResponse:
    "One public article."
    row = (await session.execute(public_articles(language, now).where(Article.slug == slug))).one_or_none()
    if row is None:
        raise NotFound("article")
    content = row[1].content
    values = {"article": {"title": content["title"], "html": render(content["body"])}, **_shared(language)}
    return templates.TemplateResponse(request, "help.html", values)


@router.get("/{name}.{kind}")
async def built(name: str, kind: str) -> Response:
    "A built script or style sheet."
    path = BUILT / f"{name}.{kind}"
    if kind not in ("js", "css") or path.parent != BUILT or not path.is_file():
        raise NotFound("page")
    return FileResponse(path, headers={"Cache-Control": "no-cache"})


def render(body: str) -> str:
    "Markdown as safe HTML, with an anchor on every heading, so that a citation opens at its passage."
    tokens = _markdown.parse(body)
    for heading, inline in pairwise(tokens):
        if heading.type == "heading_open":
            heading.attrSet("id", anchor_of(inline.content))
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    allowed = {tag: {"id"} for tag in ("h1", "h2", "h3", "h4", "h5", "h6")} | {"a": {"href"}}
    return nh3.clean(html, attributes=allowed)


def _shared(language: Language) -> dict[str, Any]:
    return {"language": language, "other": "zh" if language == "en" else "en", "texts": TEXTS[language]}
