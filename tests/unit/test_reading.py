"""Files to documents: every kind in both languages, and what is refused with which sentence."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import openpyxl
import pytest

from knowledge_base.imports import archives
from knowledge_base.imports.archives import TooMuch, files_in
from knowledge_base.imports.pool import ReadingPool
from knowledge_base.imports.reading import MAX_BODY, Unreadable, read_file

SIMPLIFIED = "保管箱租用说明\n请携带身份证到网点办理租用手续，小号保管箱每年一百二十英镑。"
TRADITIONAL = (
    "保管箱租用說明\n請攜帶身份證到分行辦理租用手續，小號保管箱每年一百二十英鎊，費用於開戶時繳納。"
)
WORD = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>'
PARAGRAPH = '<w:p><w:pPr><w:pStyle w:val="{}"/></w:pPr><w:r><w:t>{}</w:t></w:r></w:p>'
STYLES = (
    '<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:style w:type="paragraph" '
    'w:styleId="Heading1"><w:name w:val="heading 1"/></w:style></w:styles>'
)


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def docx(heading: str, text: str) -> bytes:
    body = PARAGRAPH.format("Heading1", heading) + PARAGRAPH.format("Normal", text)
    return zipped(
        {
            "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "_rels/.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
            b'Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
            b'Target="word/document.xml"/></Relationships>',
            "word/document.xml": WORD.format(body).encode(),
            "word/styles.xml": STYLES.encode(),
        }
    )


def xlsx(rows: list[list[str]]) -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(buffer)
    return buffer.getvalue()


def pdf(lines: list[str]) -> bytes:
    drawn = "BT /F1 12 Tf 50 700 Td 16 TL " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(drawn)}>>stream\n{drawn}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body = "".join(
        f"{number} 0 obj{content}endobj\n" for number, content in enumerate(objects, start=1)
    )
    return f"%PDF-1.4\n{body}trailer<</Root 1 0 R/Size 6>>\n%%EOF".encode()


@pytest.mark.parametrize(
    ("name", "content", "title", "says"),
    [
        ("a.md", b"# Boxes\n\nThree **sizes**.\n\n## Fees\n\n120 pounds.", "Boxes", "## Fees"),
        ("a.md", b"---\ntitle: Boxes\n---\nThree sizes.", "Boxes", "Three sizes."),
        (
            "a.html",
            b"<title>Bank</title><h1>Boxes</h1><nav>Menu</nav><p>Three <b>sizes</b></p>",
            "Boxes",
            "Three **sizes**",
        ),
        ("safe-boxes.txt", b"One line alone", "Safe boxes", "One line alone"),
        ("a.txt", SIMPLIFIED.encode(), "保管箱租用说明", "小号保管箱"),
        ("a.txt", SIMPLIFIED.encode("utf-8-sig"), "保管箱租用说明", "小号保管箱"),
        ("a.txt", SIMPLIFIED.encode("gb18030"), "保管箱租用说明", "小号保管箱"),
        ("a.txt", TRADITIONAL.encode("big5"), "保管箱租用說明", "小號保管箱"),
        ("a.txt", SIMPLIFIED.encode("utf-16"), "保管箱租用说明", "小号保管箱"),
        ("a.docx", docx("Boxes", "Three sizes."), "Boxes", "Three sizes."),
        ("a.docx", docx("保管箱", "共有三种尺寸。"), "保管箱", "共有三种尺寸。"),
        (
            "a.pdf",
            pdf(
                [
                    "Safe boxes",
                    "We rent out boxes that come in three",
                    "sizes, and every branch has some.",
                ]
            ),
            "Safe boxes",
            "three sizes",
        ),
    ],
)
def test_a_file_becomes_a_document(name: str, content: bytes, title: str, says: str) -> None:
    (document,) = read_file(name, content)
    assert document.title == title
    assert says in document.body
    assert "Menu" not in document.body


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "a.csv",
            b"Question,Answer,Category\nprice of a box?,120 pounds.,boxes\nbox cost,120 pounds.,boxes\nwho,All.,x\n",
        ),
        (
            "a.csv",
            b"question;answer;category\nprice of a box?;120 pounds.;boxes\nbox cost;120 pounds.;boxes\nwho;All.;x\n",
        ),
        (
            "a.csv",
            "问题,答案,分类\nprice of a box?,120 pounds.,boxes\nbox cost,120 pounds.,boxes\nwho,All.,x\n".encode(
                "gb18030"
            ),
        ),
        (
            "a.xlsx",
            xlsx(
                [
                    ["Q", "A", "Category"],
                    ["price of a box?", "120 pounds.", "boxes"],
                    ["box cost", "120 pounds.", "boxes"],
                    ["", "", ""],
                    ["who", "All.", "x"],
                ]
            ),
        ),
    ],
)
def test_rows_of_one_answer_are_one_article_with_its_questions(name: str, content: bytes) -> None:
    first, second = read_file(name, content)
    assert (first.title, first.questions, first.body) == (
        "price of a box?",
        ["price of a box?", "box cost"],
        "120 pounds.",
    )
    assert first.more == {"category": "boxes"}
    assert second.questions == ["who"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.md", b"", "empty"),
        ("a.exe", b"MZ", "are not read"),
        ("a.pdf", b"hello", "named .pdf and is none"),
        ("a.pdf", b"%PDF-1.4 nothing", "damaged"),
        ("a.pdf", pdf([]), "no text"),
        ("a.docx", b"hello", "named .docx and is none"),
        ("a.docx", zipped({"x.txt": b"hello"}), "named .docx and is none"),
        ("a.docx", zipped({"word/document.xml": b"0" * 50_000_000}), "unpacks to far more"),
        ("a.xlsx", xlsx([["a", "b"], ["c", "d"]]), "columns question and answer"),
        ("a.csv", b"one,two\n1,2\n", "columns question and answer"),
        ("a.html", b"<script>alert(1)</script>", "no text"),
        ("a.md", b"---\n: [\n---\ntext", "damaged"),
        ("a.txt", b"\x81\x00\xff\xfe\x9d\x00\x01" * 40, "in no encoding"),
    ],
)
def test_what_cannot_be_read_says_why(name: str, content: bytes, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        read_file(name, content)


def test_html_that_could_run_is_taken_off() -> None:
    page = b'<p onclick="x()">Pay <a href="javascript:x()">here</a> <a href="https://bank.example">there</a><img src=x onerror=x()></p>'
    (document,) = read_file("a.html", page)
    assert "javascript" not in document.body
    assert "onerror" not in document.body
    assert "[there](https://bank.example)" in document.body


def test_a_page_nested_without_end_is_read() -> None:
    (document,) = read_file("a.html", b"<div>" * 60_000 + b"deep")
    assert document.body == "deep"


def test_a_long_document_becomes_several_articles() -> None:
    documents = read_file("a.md", b"# Terms\n\n" + b"A paragraph of terms.\n\n" * 9_000)
    assert [document.title for document in documents] == ["Terms (1)", "Terms (2)", "Terms (3)"]
    assert all(len(document.body) <= MAX_BODY for document in documents)


def test_an_archive_gives_its_files_by_path_and_leads_nowhere_else() -> None:
    inner = zipped({"c.txt": b"c"})
    outer = zipped(
        {"a.md": b"a", "../../etc/b.md": b"b", "__MACOSX/x": b"x", ".hidden": b"x", "in.zip": inner}
    )
    assert [(f.name, f.content) for f in files_in("o.zip", outer)] == [
        ("o.zip/a.md", b"a"),
        ("o.zip/etc/b.md", b"b"),
        ("o.zip/in.zip/c.txt", b"c"),
    ]


def test_names_of_chinese_archives_are_read() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("AAAA.md", b"a")
    content = buffer.getvalue().replace(b"AAAA.md", "卡片".encode("gb18030") + b".md")
    assert [file.name for file in files_in("z.zip", content)] == ["z.zip/卡片.md"]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: zipped({"a.txt": b"0" * 60_000_000}), "unpacks to far more"),
        (lambda: zipped({"1.zip": zipped({"2.zip": zipped({"a.txt": b"x"})})}), "lies deeper"),
        (lambda: b"PK nothing", "is none"),
    ],
)
def test_an_archive_made_to_harm_is_reported(make: Callable[[], bytes], says: str) -> None:
    (file,) = files_in("z.zip", make())
    assert says in str(file.problem)


def test_too_many_files_stop_the_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_FILES", 3)
    with pytest.raises(TooMuch, match="split it"):
        list(files_in("z.zip", zipped({f"{n}.txt": b"x" for n in range(4)})))


async def test_reading_happens_in_another_process_that_is_replaced_when_it_hangs() -> None:
    async with ReadingPool() as pool:
        assert (await pool.read("a.md", b"# Boxes\n\nThree."))[0].title == "Boxes"
        with pytest.raises(Unreadable, match="empty"):
            await pool.read("a.md", b"")
        pool._read_s = 0.001
        with pytest.raises(Unreadable, match="more than"):
            await pool.read("a.md", b"# Boxes\n\n" + b"word " * 2_000_000)
        pool._read_s = 30
        assert (await pool.read("a.md", b"# Again\n\nThree."))[0].title == "Again"


async def test_a_reading_process_that_dies_is_reported_and_replaced() -> None:
    async with ReadingPool() as pool:
        await pool.read("a.md", b"text")
        assert pool._process is not None
        pool._process.kill()
        await pool._process.wait()
        with pytest.raises(Unreadable, match="crashed"):
            await pool.read("a.md", b"text")
        assert (await pool.read("a.md", b"text"))[0].body == "text"
