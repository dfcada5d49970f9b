"""Reads the demonstration's articles: Markdown files with front matter, `slug.language.md`."""

from __future__ import annotations

from pathlib import Path

import frontmatter

from core.languages import LANGUAGES
from knowledge_base.chinese_distillation import Topic
from knowledge_base.chunking import Piece, passages_of
from knowledge_base.schemas import ArticleContent

FOLDER = Path(__file__).parent / "articles"


def articles() -> list[ArticleContent]:
    """Every article, checked like one that comes over HTTP."""
    return [read_article(path) for path in sorted(FOLDER.glob("*.md"))]


def read_article(path: Path) -> ArticleContent:
    """One article from its file."""
    slug, language, _ = path.name.split(".")
    file = frontmatter.load(str(path))
    return ArticleContent.model_validate(
        {**file.metadata, "slug": slug, "language": language, "body": file.content}
    )


def topics() -> list[Topic]:
    """The articles as lessons in Chinese: questions of both languages, and titles and passages that stand in both."""
    by_slug: dict[str, dict[str, ArticleContent]] = {}
    for article in articles():
        by_slug.setdefault(article.slug, {})[article.language] = article
    return [
        _topic(both["en"], both["zh"]) for both in by_slug.values() if len(both) == len(LANGUAGES)
    ]


def _topic(english: ArticleContent, chinese: ArticleContent) -> Topic:
    same = [(english.title, chinese.title)]
    passages = [
        passages_of(article.title, article.body, article.language) for article in (english, chinese)
    ]
    if len(passages[0]) == len(passages[1]):  # then they say the same in the same order
        same += [(one.text, other.text) for one, other in zip(*passages, strict=True)]
        same += [(_heading(one), _heading(other)) for one, other in zip(*passages, strict=True)]
    return Topic(english.questions, chinese.questions, same)


def _heading(passage: Piece) -> str:
    return passage.heading_path.rsplit(">", 1)[-1].strip()
