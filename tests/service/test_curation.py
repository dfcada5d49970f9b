"""The knowledge desk over HTTP: imports, gaps, question sets, versions, schedule, votes; in both languages."""

from __future__ import annotations

import io
import time
import uuid
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest

from core.clock import utc_now
from tests.bank import Bank, checked

WAIT_S = 90  # as long as a scheduled task may take on a busy machine


def upload(
    bank: Bank, name: str, content: bytes, role: str = "knowledge_manager", **fields: str
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {bank.staff(role)}"}
    return bank.http.post(
        "/v1/knowledge/imports", files={"file": (name, content)}, data=fields, headers=headers
    )


def finished(bank: Bank, answer: httpx.Response) -> Any:
    path = f"/v1/jobs/{checked(answer, 202)['job_id']}"
    return until(
        lambda: bank.get(path, bank.staff("knowledge_manager")),
        lambda job: job["state"] in ("done", "failed"),
    )


def until(read: Any, holds: Any) -> Any:
    deadline = time.monotonic() + WAIT_S
    while not holds(found := read()):
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    return found


def unique() -> str:
    return uuid.uuid4().hex[:8]


def draft(bank: Bank, slug: str, **more: Any) -> Any:
    content = {
        "slug": slug,
        "language": "en",
        "title": slug.replace("-", " "),
        "body": f"About {slug}.",
        **more,
    }
    return bank.post("/v1/knowledge/articles", content, bank.staff("knowledge_manager"), 201)


def step(
    bank: Bank,
    article: Any,
    name: str,
    body: Any = None,
    role: str = "knowledge_manager",
    status: int = 200,
) -> Any:
    return bank.post(
        f"/v1/knowledge/articles/{article['id']}/{name}", body, bank.staff(role), status
    )


def approved(bank: Bank, slug: str, **more: Any) -> Any:
    article = draft(bank, slug, **more)
    step(bank, article, "submit")
    return step(bank, article, "approve", role="supervisor")


def published(bank: Bank, slug: str, **more: Any) -> Any:
    return step(bank, approved(bank, slug, **more), "publish")


def found_slugs(bank: Bank, query: str, language: str = "en") -> list[str]:
    body = {"query": query, "language": language}
    return [
        r["slug"] for r in bank.post("/v1/knowledge/search", body, bank.demo["api_key"])["results"]
    ]


def test_an_archive_is_imported_reviewed_and_found(bank: Bank) -> None:
    key = unique()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(
            "boxes.md",
            f"# Numismatic vault {key}\n\nGold coins are kept in the numismatic vault {key}.",
        )
        archive.writestr(
            "faq.csv",
            f"问题,答案\n金币寄存{key}怎么收费,金币寄存每月二十英镑。\n".encode("gb18030"),
        )
        archive.writestr("broken.pdf", b"nothing")
    answer = upload(bank, f"{key}.zip", buffer.getvalue(), submit="true", category="vault")
    job = finished(bank, answer)
    assert (job["state"], job["done"], job["outcomes"]) == ("done", 3, {"created": 2, "refused": 1})
    assert (
        next(line["reason"] for line in job["lines"] if line["outcome"] == "refused")
        == "It is named .pdf and is none."
    )
    again = finished(
        bank, upload(bank, f"{key}.zip", buffer.getvalue(), submit="true", category="vault")
    )
    assert again["outcomes"] == {"unchanged": 2, "refused": 1}
    assert f"numismatic-vault-{key}" not in found_slugs(bank, f"numismatic vault {key}")
    path = f"/v1/knowledge/imports/{job['id']}/approve"
    bank.post(path, None, bank.staff("knowledge_manager"), 403)
    live = bank.post(path, None, bank.staff("supervisor"))["items"]
    assert {article["state"] for article in live} == {"published"}
    assert found_slugs(bank, f"numismatic vault {key}")[0] == f"numismatic-vault-{key}"
    assert found_slugs(bank, f"金币寄存{key}怎么收费", "zh")[0].startswith("jin-bi-ji-cun")


def test_what_was_edited_here_since_is_kept_unless_it_is_to_be_replaced(bank: Bank) -> None:
    key = unique()
    first = finished(bank, upload(bank, f"{key}.md", f"# Rule {key}\n\nOne.".encode()))
    article_id = first["lines"][0]["subjects"][0]
    path = f"/v1/knowledge/articles/{article_id}"
    change = bank.call(
        "PATCH", path, {"body": "Two."}, bank.staff("knowledge_manager"), If_Match="1"
    )
    assert checked(change, 200)["version"] == 2
    kept = finished(bank, upload(bank, f"{key}.md", f"# Rule {key}\n\nThree.".encode()))
    assert kept["outcomes"] == {"kept": 1}
    assert "edited here" in kept["lines"][0]["reason"]
    replaced = finished(
        bank, upload(bank, f"{key}.md", f"# Rule {key}\n\nThree.".encode(), replace="true")
    )
    assert replaced["outcomes"] == {"changed": 1}
    assert bank.get(path, bank.staff("knowledge_manager"))["body"] == "Three."


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"url": "https://127.0.0.1/faq"}, "IMPORT_HOSTS"),
        ({"url": "http://169.254.169.254/latest"}, "https"),
        ({"url": "file:///etc/passwd"}, "https"),
        ({}, "file"),
        ({"url": "https://x.example", "more": 1}, "Extra inputs"),
        ({"url": "https://x.example", "publish": True}, "reviewed first"),
    ],
)
def test_an_import_that_may_not_be_is_refused_with_what_to_do(
    bank: Bank, body: Any, says: str
) -> None:
    refused = bank.call("POST", "/v1/knowledge/imports", body, bank.staff("knowledge_manager"))
    assert refused.status_code == 422
    assert says in refused.text


def test_only_curators_import_and_only_their_bank_sees_jobs(bank: Bank) -> None:
    assert upload(bank, "a.md", b"# A\n\nB.", role="agent").status_code == 403
    job = finished(bank, upload(bank, f"{unique()}.md", b""))
    assert job["lines"][0]["reason"] == "The file is empty."
    assert bank.call("GET", f"/v1/jobs/{job['id']}", None, bank.staff("agent")).status_code == 404
    assert bank.call("GET", f"/v1/jobs/{job['id']}").status_code == 401


def test_an_upload_over_the_limit_is_refused(bank: Bank) -> None:
    assert (
        bank.call(
            "POST", "/v1/knowledge/search", {"query": "x" * 1_100_000}, bank.demo["api_key"]
        ).status_code
        == 413
    )

    def endless() -> Any:
        for _ in range(20):
            yield b'{"query": "' + b"x" * 100_000

    headers = {
        "Authorization": f"Bearer {bank.demo['api_key']}",
        "Content-Type": "application/json",
    }
    assert (
        bank.http.post("/v1/knowledge/search", content=endless(), headers=headers).status_code
        == 413
    )


@pytest.mark.parametrize(
    ("language", "asked"),
    [
        (
            "en",
            [
                "do you sell helicopter insurance {}",
                "helicopter insurance {} price",
                "insure my helicopter {}?",
            ],
        ),
        ("zh", ["你们卖直升机保险{}吗", "直升机保险{}多少钱", "我想给直升机{}上保险"]),
    ],
)
def test_gaps_are_grouped_and_become_a_draft_with_the_questions(
    bank: Bank, language: str, asked: list[str]
) -> None:
    key, manager = unique(), bank.staff("knowledge_manager")
    questions = [question.format(key) for question in asked]
    for question in questions:
        answer = bank.post(
            "/v1/knowledge/answers",
            {"question": question, "language": language},
            bank.demo["api_key"],
        )
        assert not answer["answerable"]
    groups = bank.get(f"/v1/knowledge/gaps/groups?language={language}", manager)["items"]
    group = next(g for g in groups if set(g["questions"]) >= set(questions))
    assert group["count"] >= 3
    wanted = {"gap_ids": group["gap_ids"], "slug": f"helicopters-{key}", "category": "insurance"}
    made = bank.post("/v1/knowledge/gaps/drafts", wanted, manager, 201)
    assert set(questions) <= set(made["questions"])
    assert (made["state"], made["language"]) == ("draft", language)
    later = bank.get(f"/v1/knowledge/gaps/groups?language={language}", manager)["items"]
    assert not any(set(g["gap_ids"]) & set(group["gap_ids"]) for g in later)
    bank.post("/v1/knowledge/gaps/drafts", wanted | {"slug": f"again-{key}"}, manager, 404)


def test_a_change_that_loses_questions_says_which_before_it_is_published(bank: Bank) -> None:
    key, manager = unique(), bank.staff("knowledge_manager")
    published(
        bank,
        f"marmalade-{key}",
        title=f"Marmalade accounts {key}",
        body=f"A marmalade account {key} pays in jars.",
        questions=[f"what is a marmalade account {key}"],
    )
    questions = [
        {
            "question": f"what is a marmalade account {key}",
            "language": "en",
            "slug": f"marmalade-{key}",
        },
        {
            "question": f"do marmalade accounts {key} pay in jars",
            "language": "en",
            "slug": f"marmalade-{key}",
        },
    ]
    kept = bank.post(
        "/v1/knowledge/question-sets", {"name": key, "questions": questions}, manager, 201
    )
    run = bank.post(f"/v1/knowledge/question-sets/{kept['id']}/run", None, manager)
    assert (run["total"], run["first"], run["wrong"], run["before"]) == (2, 2, [], None)
    rival = approved(
        bank,
        f"jam-{key}",
        title=f"Marmalade account {key}",
        body=f"What is a marmalade account {key}? Not ours.",
        questions=[
            f"what is a marmalade account {key}",
            f"do marmalade accounts {key} pay in jars",
            f"marmalade accounts {key}",
            f"account {key} marmalade jars",
        ],
    )
    trial = step(bank, rival, "trial")
    assert trial["lost"]
    assert f"loses {len(trial['lost'])} of {trial['total']} questions" in trial["verdict"]
    refused = step(bank, rival, "publish", status=409)
    assert trial["lost"][0] in refused["detail"]
    assert step(bank, rival, "publish", {"accept_losses": True})["state"] == "published"
    again = bank.post(f"/v1/knowledge/question-sets/{kept['id']}/run", None, manager)
    assert again["wrong"][0]["instead"] == f"jam-{key}"
    assert (again["before"]["first"], again["won"]) == (2, [])
    assert again["lost"] == sorted(one["question"] for one in again["wrong"])
    listed = bank.get("/v1/knowledge/question-sets", manager)["items"]
    assert (
        next(one for one in listed if one["id"] == kept["id"])["last_run"]["first"]
        == again["first"]
    )
    assert (
        bank.call("DELETE", f"/v1/knowledge/question-sets/{kept['id']}", None, manager).status_code
        == 204
    )
    step(bank, rival, "archive")


def test_a_question_set_names_articles_that_exist(bank: Bank) -> None:
    questions = [{"question": "x", "language": "en", "slug": "no-such-article"}]
    refused = bank.call(
        "POST",
        "/v1/knowledge/question-sets",
        {"name": "x", "questions": questions},
        bank.staff("supervisor"),
    )
    assert (refused.status_code, "no article no-such-article" in refused.text) == (422, True)


def test_versions_are_compared_and_restored(bank: Bank) -> None:
    manager = bank.staff("knowledge_manager")
    article = draft(bank, f"terms-{unique()}", body="Line one.\n\nLine two.")
    path = f"/v1/knowledge/articles/{article['id']}"
    checked(
        bank.call(
            "PATCH", path, {"body": "Line one.\n\nLine 2.", "tags": ["new"]}, manager, If_Match="1"
        ),
        200,
    )
    changes = {
        c["field"]: c for c in bank.get(f"{path}/versions/1/difference?to=2", manager)["changes"]
    }
    assert changes.keys() == {"body", "tags"}
    assert "-Line two." in changes["body"]["lines"]
    assert "+Line 2." in changes["body"]["lines"]
    assert (
        bank.call("POST", f"{path}/versions/1/restore", None, manager, If_Match="1").status_code
        == 412
    )
    restored = checked(
        bank.call("POST", f"{path}/versions/1/restore", None, manager, If_Match="2"), 200
    )
    assert (restored["version"], restored["body"], restored["tags"]) == (
        3,
        "Line one.\n\nLine two.",
        [],
    )
    bank.get(f"{path}/versions/1/difference?to=9", manager, 404)


def test_an_article_goes_live_at_its_time(bank: Bank) -> None:
    key = unique()
    article = approved(bank, f"zeppelin-{key}", body=f"Zeppelin cheques {key} are no longer paid.")
    yesterday = (utc_now() - timedelta(days=1)).isoformat()
    step(bank, article, "publish", {"at": yesterday}, status=422)
    soon = utc_now() + timedelta(seconds=2)
    waiting = step(bank, article, "publish", {"at": soon.isoformat()})
    assert waiting["state"] == "approved"
    assert f"zeppelin-{key}" not in found_slugs(bank, f"zeppelin cheques {key}")
    until(
        lambda: found_slugs(bank, f"zeppelin cheques {key}"),
        lambda slugs: slugs[0] == f"zeppelin-{key}",
    )
    assert utc_now() >= soon


def test_an_expired_article_is_not_cited_and_one_to_be_reviewed_is_listed(bank: Bank) -> None:
    key = unique()
    ends = utc_now() + timedelta(seconds=2.5)
    article = published(
        bank,
        f"quokka-{key}",
        body=f"Quokka bonds {key} pay nine percent.",
        valid_until=ends.isoformat(),
        review_by=(utc_now() + timedelta(days=3)).date().isoformat(),
    )
    assert found_slugs(bank, f"quokka bonds {key}")[0] == f"quokka-{key}"
    until(
        lambda: found_slugs(bank, f"quokka bonds {key}"), lambda slugs: f"quokka-{key}" not in slugs
    )
    assert utc_now() >= ends
    for due in ("review", "expiry"):
        listed = bank.get(f"/v1/knowledge/articles?due={due}", bank.staff("knowledge_manager"))[
            "items"
        ]
        assert article["id"] in [one["id"] for one in listed]


def test_saving_names_articles_that_say_the_same(bank: Bank) -> None:
    manager = bank.staff("knowledge_manager")
    arrival = bank.get("/v1/knowledge/articles?slug=card-arrival&language=zh", manager)["items"][0]
    copy = draft(
        bank,
        f"copy-{unique()}",
        language="zh",
        title=arrival["title"],
        body=arrival["body"],
        questions=arrival["questions"][:5],
    )
    assert copy["similar"][0]["slug"] == "card-arrival"
    assert draft(bank, f"other-{unique()}", body="Quarterly falconry statements.")["similar"] == []


def test_a_curator_sees_at_which_place_a_draft_would_be_found(bank: Bank) -> None:
    article = draft(
        bank,
        f"axolotl-{unique()}",
        body="Axolotl savings are for young savers.",
        questions=["axolotl savings"],
    )
    assert step(bank, article, "rank", {"question": "what are axolotl savings"}) == {
        "rank": 1,
        "before": [],
    }
    lost = step(bank, article, "rank", {"question": "my card was stolen"})
    assert lost["rank"] is None or lost["rank"] > 1


def test_votes_are_counted_by_article(bank: Bank) -> None:
    article = published(bank, f"vote-{unique()}", body="Nothing of use.")
    for helpful in (False, False, True):
        body = {
            "article_id": article["id"],
            "helpful": helpful,
            "comment": None if helpful else "It says nothing",
        }
        bank.post("/v1/knowledge/feedback", body, bank.demo["api_key"], 201)
    votes = bank.get("/v1/knowledge/votes", bank.staff("knowledge_manager"))["items"]
    mine = next(v for v in votes if v["article_id"] == article["id"])
    assert (mine["helpful"], mine["not_helpful"], mine["comments"]) == (
        1,
        2,
        ["It says nothing"] * 2,
    )


def test_an_application_sees_what_is_live_and_no_draft(bank: Bank) -> None:
    article = published(bank, f"ibis-{unique()}", body="Ibis cards are blue.")
    path = f"/v1/knowledge/articles/{article['id']}"
    changed = bank.call(
        "PATCH",
        path,
        {"body": "Ibis cards are secretly red."},
        bank.staff("knowledge_manager"),
        If_Match="1",
    )
    assert checked(changed, 200)["state"] == "draft"
    seen = bank.get(path, bank.demo["api_key"])
    assert (seen["body"], seen["version"], seen["state"]) == (
        "Ibis cards are blue.",
        1,
        "published",
    )
    listed = bank.get(f"/v1/knowledge/articles?slug={article['slug']}", bank.demo["api_key"])[
        "items"
    ]
    assert [one["body"] for one in listed] == ["Ibis cards are blue."]
    assert bank.call("GET", f"{path}/versions", None, bank.demo["api_key"]).status_code == 403
    assert "secretly" not in bank.http.get(f"/help/en/{article['slug']}").text
    step(bank, article, "archive")
    assert bank.call("GET", path, None, bank.demo["api_key"]).status_code == 404
    assert bank.http.get(f"/help/en/{article['slug']}").status_code == 404


def test_the_help_centre_shows_an_article_only_while_it_is_valid(bank: Bank) -> None:
    later = (utc_now() + timedelta(days=1)).isoformat()
    article = published(bank, f"later-{unique()}", body="Not yet.", valid_from=later)
    assert bank.http.get(f"/help/en/{article['slug']}").status_code == 404


def test_publishing_and_approving_imports_at_once_do_not_wait_for_each_other_in_a_circle(
    bank: Bank,
) -> None:
    jobs = []
    for number in range(4):
        key, buffer = unique(), io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for place in range(6):
                archive.writestr(
                    f"{place}.md", f"# Circle {key} {number} {place}\n\nText {key} {place}."
                )
        jobs.append(
            finished(bank, upload(bank, f"{key}.zip", buffer.getvalue(), submit="true"))["id"]
        )
    ready = [approved(bank, f"circle-{unique()}") for _ in range(8)]

    def approve_import(job: str) -> int:
        return bank.call(
            "POST", f"/v1/knowledge/imports/{job}/approve", None, bank.staff("supervisor")
        ).status_code

    def publish(article: Any) -> int:
        path = f"/v1/knowledge/articles/{article['id']}/publish"
        return bank.call("POST", path, None, bank.staff("knowledge_manager")).status_code

    with ThreadPoolExecutor(6) as pool:
        work = [
            *(pool.submit(approve_import, job) for job in jobs),
            *(pool.submit(publish, article) for article in ready),
        ]
        answers = [done.result() for done in work]
    assert answers == [200] * 12
