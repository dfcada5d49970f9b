"Reads the demonstration's articles: Markdown files with front matter, `slug.language.md`."

from __future__ import annotations

from pathlib import Path

import frontmatter

from knowledge_base.schemas import ArticleContent

FOLDER = Path(__file__).parent / "articles"


def articles() -> list[ArticleContent]:
    "Every article, checked like one that comes over HTTP."
    return [read_article(path) for path in sorted(FOLDER.glob("*.md"))]


def read_article(path: Path) -> ArticleContent:
    "One article from its file."
    slug, language, _ = path.name.split(".")
    file = frontmatter.load(str(path))
    return ArticleContent.model_validate({**file.metadata, "slug": slug, "language": language, "body": file.content})
