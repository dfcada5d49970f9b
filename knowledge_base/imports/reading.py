"""Files to documents in Markdown. Runs in a process of its own (knowledge_base.imports.pool), where a file that is made
to do harm can only end that process; it therefore imports no more than the parsers.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from operator import itemgetter
from pathlib import PurePosixPath
from typing import Any

from core.errors import CodedError

MAX_PAGES = 500
MAX_ROWS = 10_000
MAX_UNPACKED = 200_000_000  # bytes of an office file's parts
MAX_RATIO = 200  # unpacked size to packed size
MAX_BODY = 90_000  # characters of one article; a longer document becomes several
MAX_TITLE, MAX_QUESTION = 200, 500
ENCODINGS = ["gb18030", "big5", "utf_16", "cp1252"]
# Where the encodings keep their common characters (GB 2312 level 1, Big5 level 1): text in the wrong one strays outside.
LEVEL_ONE = {"gb18030": (b"\xb0\xa1", b"\xd7\xf9"), "big5": (b"\xa4\x40", b"\xc6\x7e")}
MOSTLY_COMMON = 0.7

# Heads of a table of questions and answers, in both languages.
COLUMNS = {
    "question": ("question", "questions", "q", "faq", "问题", "提问", "問題"),
    "answer": (
        "answer",
        "answers",
        "a",
        "body",
        "content",
        "reply",
        "答案",
        "回答",
        "内容",
        "解答",
    ),
    "title": ("title", "topic", "标题", "主题"),
    "slug": ("slug", "id", "key", "编号"),
    "language": ("language", "lang", "语言"),
    "category": ("category", "分类", "类别"),
    "audience": ("audience", "受众"),
    "tags": ("tags", "labels", "标签"),
}
# Tags that carry meaning; everything else is taken off, scripts and styles with what is in them.
TAGS = {
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "p",
    "br",
    "ul",
    "ol",
    "li",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "strong",
    "b",
    "em",
    "i",
    "a",
    "blockquote",
    "code",
    "pre",
    "hr",
    "dl",
    "dt",
    "dd",
}
REMOVED_WHOLE = {
    "script",
    "style",
    "nav",
    "header",
    "footer",
    "aside",
    "form",
    "noscript",
    "template",
    "svg",
    "title",
}
_HEADING = re.compile(r"^#\s+(.+?)\s*#*$", re.MULTILINE)


class Unreadable(CodedError):
    """A file that cannot become an article; `text` says why."""


@dataclass(frozen=True)
class Document:
    """What a file says: one article's worth."""

    title: str
    body: str
    questions: list[str] = field(default_factory=list)
    more: dict[str, object] = field(
        default_factory=dict
    )  # slug, language, audience, category, tags, dates, where given


def read_file(name: str, content: bytes) -> list[Document]:
    """The documents of a file by its ending and content; Unreadable when it is neither."""
    if not content.strip(b"\x00 \t\r\n"):
        raise Unreadable("file.empty")
    ending = PurePosixPath(name).suffix.lower()
    reader = _READERS.get(ending)
    if reader is None:
        raise Unreadable("file.type_not_readable", ending=ending, available=sorted(_READERS))
    try:
        documents = reader(PurePosixPath(name).stem, content)
    except Unreadable:
        raise
    except RecursionError as error:
        raise Unreadable("file.nested_too_deeply") from error
    except Exception as error:  # parsers raise what they like
        raise Unreadable("file.damaged", error=type(error).__name__) from error
    whole = [part for document in documents for part in _in_parts(document) if part.body.strip()]
    if not whole:
        raise Unreadable("file.no_text")
    return whole


def decoded(content: bytes) -> str:
    """Text in UTF-8, UTF-16, GB18030, Big5 or Windows-1252; Unreadable when it is none of them."""
    import charset_normalizer

    if not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            pass
        common, text = max(
            (_common_share(content, encoding) for encoding in LEVEL_ONE), key=itemgetter(0)
        )
        if common >= MOSTLY_COMMON:
            return text
    best = charset_normalizer.from_bytes(content, cp_isolation=ENCODINGS).best()
    if best is None:
        raise Unreadable("file.encoding_unknown")
    try:
        return content.decode(best.encoding)
    except UnicodeDecodeError as error:
        raise Unreadable("file.encoding_damaged") from error


def _common_share(content: bytes, encoding: str) -> tuple[float, str]:
    """The text in a Chinese encoding, and which share of its Chinese characters is among the encoding's common ones."""
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return 0.0, ""
    first, last = LEVEL_ONE[encoding]
    codes = [c.encode(encoding) for c in text if "\u3400" <= c <= "\u9fff"]
    return sum(first <= code <= last for code in codes) / max(len(codes), 1), text


def _markdown(stem: str, content: bytes) -> list[Document]:
    import frontmatter

    file = frontmatter.loads(decoded(content))
    more = {str(key): value for key, value in file.metadata.items()}
    title = str(more.pop("title", "")) or None
    return [_titled(file.content, title, stem, more)]


def _text(stem: str, content: bytes) -> list[Document]:
    text = decoded(content).strip()
    first, _, rest = text.partition("\n")
    if rest.strip() and len(first) <= MAX_TITLE:
        return [Document(first.strip(), rest.strip())]
    return [Document(_spoken(stem), text)]


def _html(stem: str, content: bytes) -> list[Document]:
    from bs4 import UnicodeDammit

    markup = UnicodeDammit(content, ["utf-8"], is_html=True).unicode_markup
    if markup is None:
        raise Unreadable("file.page_encoding_unknown")
    return [_from_html(markup, stem)]


def _from_html(markup: str, stem: str) -> Document:
    import nh3
    from bs4 import BeautifulSoup
    from markdownify import markdownify

    soup = BeautifulSoup(markup, "html.parser")
    title = soup.title.get_text(strip=True) if soup.title else ""
    main = soup.find("main") or soup.find("article") or soup
    safe = nh3.clean(
        str(main),
        tags=TAGS,
        clean_content_tags=REMOVED_WHOLE,
        url_schemes={"https", "mailto", "tel"},
    )
    body = markdownify(safe, heading_style="ATX", bullets="-", autolinks=False)
    body = re.sub(r"\n{3,}", "\n\n", body).strip()
    return _titled(body, None if _HEADING.search(body) else title or None, stem, {})


def _pdf(stem: str, content: bytes) -> list[Document]:
    import pypdfium2

    if b"%PDF-" not in content[:1024]:
        raise Unreadable("file.not_what_it_is_named", ending=".pdf")
    try:
        file = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        raise Unreadable("pdf.locked" if locked else "pdf.damaged") from error
    if len(file) > MAX_PAGES:
        raise Unreadable("pdf.too_many_pages", count=len(file), maximum=MAX_PAGES)
    pages = [page.get_textpage().get_text_range() for page in file]
    text = _paragraphs(pages)
    if not text:
        raise Unreadable("pdf.no_text")
    title = (file.get_metadata_value("Title") or "").strip()
    first, _, rest = text.partition("\n\n")
    if not title and rest and len(first) <= MAX_TITLE:
        return [Document(first, rest)]
    return [Document(title or _spoken(stem), text)]


def _paragraphs(pages: Iterable[str]) -> str:
    """Lines of pages joined to paragraphs: a line that ends a sentence, or a short one, ends its paragraph."""
    lines = [
        line.strip()
        for page in pages
        for line in page.replace("\r", "").split("\n")
        if line.strip()
    ]
    usual = sorted(len(line) for line in lines)[len(lines) * 3 // 4] if lines else 0
    paragraphs = [""]
    for line in lines:
        glue = (
            "" if not paragraphs[-1] or (_is_han(paragraphs[-1][-1]) and _is_han(line[0])) else " "
        )
        paragraphs[-1] += glue + line
        if line[-1] in ".!?:。！？：" or len(line) < 0.6 * usual:
            paragraphs.append("")
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _docx(stem: str, content: bytes) -> list[Document]:
    import mammoth

    _require_office(content, "word/document.xml", ".docx")
    converted = mammoth.convert_to_html(
        io.BytesIO(content), convert_image=mammoth.images.img_element(lambda _: {})
    )
    return [_from_html(converted.value, stem)]


def _xlsx(stem: str, content: bytes) -> list[Document]:
    import openpyxl

    _require_office(content, "xl/workbook.xml", ".xlsx")
    book = openpyxl.load_workbook(
        io.BytesIO(content), read_only=True, data_only=True, keep_links=False
    )
    sheets = (
        [[_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)]
        for sheet in book.worksheets
    )
    return list(
        chain.from_iterable(_answers(rows) for rows in sheets if any(any(row) for row in rows))
    )


def _csv(stem: str, content: bytes) -> list[Document]:
    text = decoded(content)
    try:
        dialect: Any = csv.Sniffer().sniff(text[:8192], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    return _answers(list(csv.reader(io.StringIO(text), dialect)))


def _answers(rows: Sequence[Sequence[str]]) -> list[Document]:
    """Articles of a table of questions and answers; rows of one slug, title or answer are one article."""
    head = [
        next((name for name, heads in COLUMNS.items() if cell.strip().lower() in heads), "")
        for cell in rows[0]
    ]
    if not {"question", "answer"} <= set(head):
        raise Unreadable("table.no_head")
    if len(rows) - 1 > MAX_ROWS:
        raise Unreadable("table.too_many_rows", maximum=MAX_ROWS)
    documents: dict[str, Document] = {}
    for row in rows[1:]:
        cells = {
            name: cell.strip()
            for name, cell in zip(head, row, strict=False)
            if name and cell.strip()
        }
        question, answer = cells.get("question", ""), cells.get("answer", "")
        if not question or not answer:
            continue
        more: dict[str, object] = {
            k: cells[k] for k in ("slug", "language", "category", "audience") if k in cells
        }
        if "tags" in cells:
            more["tags"] = [
                tag.strip() for tag in re.split(r"[,;，；、]", cells["tags"]) if tag.strip()
            ]
        title = cells.get("title", question)[:MAX_TITLE]
        key = "\0".join(
            (cells.get("slug") or cells.get("title") or answer, cells.get("language", ""))
        )
        document = documents.setdefault(key, Document(title, answer, [], more))
        document.questions.append(question[:MAX_QUESTION])
        if answer not in document.body:
            documents[key] = replace(document, body=f"{document.body}\n\n{answer}")
    return list(documents.values())


def _titled(body: str, title: str | None, stem: str, more: dict[str, object]) -> Document:
    """A document whose first heading is its title, when none was given."""
    asked = more.pop("questions", None)
    questions = [
        str(q).strip()[:MAX_QUESTION]
        for q in (asked if isinstance(asked, list) else [])
        if str(q).strip()
    ]
    heading = _HEADING.search(body)
    if heading and (title is None or heading.group(1) == title):
        title, body = heading.group(1), body[: heading.start()] + body[heading.end() :]
    return Document((title or _spoken(stem))[:MAX_TITLE], body.strip(), questions, more)


def _in_parts(document: Document) -> list[Document]:
    """A document, or, when it is too long for an article, several, cut between paragraphs."""
    if len(document.body) <= MAX_BODY:
        return [document]
    bodies = [""]
    for paragraph in document.body.split("\n\n"):
        for piece in (paragraph[i : i + MAX_BODY] for i in range(0, len(paragraph), MAX_BODY)):
            if bodies[-1] and len(bodies[-1]) + len(piece) > MAX_BODY:
                bodies.append("")
            bodies[-1] += ("\n\n" if bodies[-1] else "") + piece
    return [
        replace(
            document,
            title=f"{document.title[: MAX_TITLE - 8]} ({number})",
            body=body,
            more=_numbered(document, number),
        )
        for number, body in enumerate(bodies, start=1)
    ]


def _numbered(document: Document, number: int) -> dict[str, object]:
    slug = document.more.get("slug")
    return document.more | ({"slug": f"{slug}-{number}"} if slug else {})


def _require_office(content: bytes, part: str, ending: str) -> None:
    """Unreadable unless it is an office file of this kind that unpacks to a sensible size."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise Unreadable("file.not_what_it_is_named", ending=ending)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if part not in archive.namelist():
            raise Unreadable("file.not_what_it_is_named", ending=ending)
        unpacked, packed = (
            sum(p.file_size for p in parts),
            max(1, sum(p.compress_size for p in parts)),
        )
    if unpacked > MAX_UNPACKED or unpacked / packed > MAX_RATIO:
        raise Unreadable("file.unpacks_too_large")


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _spoken(stem: str) -> str:
    """A title from a file's name."""
    return re.sub(r"[-_\s]+", " ", stem).strip().capitalize() or "Untitled"


def _is_han(character: str) -> bool:
    return "\u3000" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef"


_READERS = {
    ".md": _markdown,
    ".markdown": _markdown,
    ".txt": _text,
    ".html": _html,
    ".htm": _html,
    ".pdf": _pdf,
    ".docx": _docx,
    ".xlsx": _xlsx,
    ".csv": _csv,
}
