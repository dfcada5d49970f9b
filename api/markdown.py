"""Articles as pages show them: Markdown as HTML that was cleaned, with an anchor on every heading."""

from __future__ import annotations

from itertools import pairwise

import nh3
from markdown_it import MarkdownIt

from knowledge_base.chunking import anchor_of

_markdown = MarkdownIt("commonmark").enable("table")


def render(body: str) -> str:
    """Markdown as safe HTML, with an anchor on every heading, so that a citation opens at its passage."""
    tokens = _markdown.parse(body)
    for heading, inline in pairwise(tokens):
        if heading.type == "heading_open":
            heading.attrSet("id", anchor_of(inline.content))
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    allowed = {tag: {"id"} for tag in ("h1", "h2", "h3", "h4", "h5", "h6")} | {"a": {"href"}}
    return nh3.clean(html, attributes=allowed)
