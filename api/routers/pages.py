"""Pages: the demonstration, the help centre, the workspace, and the built scripts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates

from api.dependencies import ContainerDep, NowDep, SessionDep
from api.markdown import render
from core.errors import NotFound
from core.installation import is_demonstration
from core.languages import Language, clean_text
from core.settings import ROOT
from knowledge_base.answers import search_passages
from knowledge_base.catalogue import Filter
from knowledge_base.models import Article, ArticleVersion
from knowledge_base.queries import count_read, public_articles

router = APIRouter(include_in_schema=False)
templates = Jinja2Templates(directory=Path(__file__).parent.parent / "templates")
BUILT = ROOT / "web" / "dist"
MAX_SHOWN = 20  # articles that a search of the help centre shows
# Categories as readers see them; one of the bank's own that is not here is shown as it was written.
CATEGORIES: dict[str, dict[Language, str]] = {
    "accounts": {"en": "Accounts", "zh": "账户"},
    "branches": {"en": "Branches", "zh": "网点"},
    "cards": {"en": "Cards", "zh": "卡片"},
    "complaints": {"en": "Complaints", "zh": "投诉"},
    "digital": {"en": "App and online banking", "zh": "手机与网上银行"},
    "lending": {"en": "Loans and mortgages", "zh": "贷款"},
    "payments": {"en": "Payments", "zh": "支付"},
    "security": {"en": "Security", "zh": "安全"},
    "transfers": {"en": "Transfers", "zh": "转账"},
    "wealth": {"en": "Savings and investments", "zh": "储蓄与投资"},
    "general": {"en": "General", "zh": "综合"},
}
RELATED = 6  # articles of the same category beside an article
EXCERPT = 200  # characters of the passage under each
TEXTS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Help centre",
        "other": "中文",
        "back": "All articles",
        "none": "There are no articles yet.",
        "search": "Search",
        "query": "What do you need help with?",
        "found": "Articles that fit",
        "nothing": "No article fits that. Ask the assistant in the corner, or try other words.",
        "updated": "Version",
        "skip": "Skip to the content",
        "related": "More on this",
    },
    "zh": {
        "title": "帮助中心",
        "other": "English",
        "back": "全部文章",
        "none": "暂无文章。",
        "search": "搜索",
        "query": "您需要什么帮助？",
        "found": "相关文章",
        "nothing": "没有找到相关文章。您可以询问右下角的智能助手，或换个说法。",
        "updated": "版本",
        "skip": "跳到内容",
        "related": "相关内容",
    },
}


async def in_demonstration(parts: ContainerDep) -> bool:
    """Whether the demonstration was asked for and made the database: a setting alone shows nothing of it."""
    if not parts.settings.demonstration:
        return False
    async with parts.database.transaction() as session:
        return await is_demonstration(session)


DemonstrationDep = Annotated[bool, Depends(in_demonstration)]


@router.get("/")
async def demonstration(request: Request, shown: DemonstrationDep) -> HTMLResponse:
    """The bank's page with the widget on it."""
    return templates.TemplateResponse(request, "index.html", {"demonstration": shown})


@router.get("/workspace")
@router.get("/workspace/{place:path}")
async def workspace(request: Request, place: str = "") -> HTMLResponse:
    """The staff's page; which part of it is shown stands in the address and is read there."""
    return templates.TemplateResponse(request, "workspace.html")


@router.get("/demonstration/customers")
async def demonstration_customers(
    parts: ContainerDep, shown: DemonstrationDep
) -> list[dict[str, object]]:
    """Whom the demonstration page can sign in; exists in the demonstration only."""
    path = parts.settings.var_dir / "demo.json"
    if not shown or not path.exists():
        raise NotFound("page")
    people: list[dict[str, object]] = json.loads(path.read_text(encoding="utf-8"))["customers"]
    return people


@router.get("/help")
async def help_root() -> RedirectResponse:
    """The help centre in English."""
    return RedirectResponse("/help/en")


@router.get("/help/{language}")
async def help_index(
    language: Language,
    request: Request,
    parts: ContainerDep,
    session: SessionDep,
    now: NowDep,
    q: Annotated[str, Query(max_length=500)] = "",
) -> HTMLResponse:
    """The public articles of a language; with `q`, those that fit it best."""
    values = {"query": q, "alternate": f"/help/{_other(language)}", **_shared(language)}
    if text := clean_text(q):
        hits = await search_passages(
            session, parts.search, text, language, Filter(("public",), language, now), MAX_SHOWN
        )
        values["found"] = [
            {"slug": r.slug, "title": r.title, "excerpt": r.passage[:EXCERPT]} for r in hits
        ]
    else:
        rows = (await session.execute(public_articles(language, now))).all()
        values["articles"] = [_listed(article, version, language) for article, version in rows]
    return templates.TemplateResponse(request, "help.html", values)


@router.get("/help/{language}/{slug}")
async def help_article(
    language: Language, slug: str, request: Request, session: SessionDep, now: NowDep
) -> HTMLResponse:
    """One public article; that it was read is counted."""
    row = (
        await session.execute(public_articles(language, now).where(Article.slug == slug))
    ).one_or_none()
    if row is None:
        raise NotFound("article")
    article, version = row
    related = public_articles(language, now).where(
        Article.category == article.category, Article.id != article.id
    )
    others = (await session.execute(related.limit(RELATED))).all()
    other = _other(language)
    twin = await session.scalar(
        public_articles(other, now).where(Article.slug == slug).with_only_columns(Article.id)
    )
    await count_read(session, article.id, now.date())
    content = version.content
    shown = {
        "title": content["title"],
        "html": render(content["body"]),
        "version": version.version,
        "category": _category(content["category"], language),
    }
    values = {
        "article": shown,
        "related": [_listed(a, v, language) for a, v in others],
        "query": "",
        "alternate": f"/help/{other}/{slug}" if twin else f"/help/{other}",
        **_shared(language),
    }
    return templates.TemplateResponse(request, "help.html", values)


def _listed(article: Article, version: ArticleVersion, language: Language) -> dict[str, object]:
    category = _category(version.content["category"], language)
    return {"slug": article.slug, "title": version.content["title"], "category": category}


def _category(name: str, language: Language) -> str:
    return CATEGORIES[name][language] if name in CATEGORIES else name


@router.get("/{name}.{kind}")
async def built(name: str, kind: str) -> Response:
    """A built script, style sheet or the icons; the browser asks each time whether it is still the same."""
    return _file(BUILT, name, kind, "no-cache")


@router.get("/assets/{name}.{kind}")
async def asset(name: str, kind: str) -> Response:
    """A part of the pages that is loaded when it is opened; its name changes with its content."""
    return _file(BUILT / "assets", name, kind, "public, max-age=31536000, immutable")


def _file(folder: Path, name: str, kind: str, keep: str) -> Response:
    path = folder / f"{name}.{kind}"
    if kind not in ("js", "css", "svg") or path.parent != folder or not path.is_file():
        raise NotFound("page")
    return FileResponse(path, headers={"Cache-Control": keep})


def _other(language: Language) -> Language:
    return "zh" if language == "en" else "en"


def _shared(language: Language) -> dict[str, object]:
    return {"language": language, "other": _other(language), "texts": TEXTS[language]}
