"""Replicas and what is published: both engines, several processes, another encoder, snapshots that are out of date."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from core.clock import utc_now
from knowledge_base import replica, vectors
from knowledge_base.encoder import Encoder, model_folder
from knowledge_base.replica import following
from tests.knowledge import Desk, knowledge_desk

ENGINES = pytest.mark.parametrize(
    "engine", ["faiss", "faiss with codes", "pgvector"], indirect=True
)


@pytest.fixture(scope="module")
def encoder() -> Iterator[Encoder]:
    made = Encoder()
    yield made
    made.close()


@pytest_asyncio.fixture
async def desk(tmp_path: Path, encoder: Encoder) -> AsyncIterator[Desk]:
    async with knowledge_desk(tmp_path, encoder) as opened:
        yield opened


@pytest.fixture
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Codes are kept instead of vectors where there are very many; here from eight on."""
    name = str(request.param)
    if name == "faiss with codes":
        for module in (vectors, replica):
            monkeypatch.setattr(module, "EXACT_UP_TO", 3)
        monkeypatch.setattr(vectors, "LISTS_UP_TO", 3)
    return name.split(maxsplit=1)[0]


async def three_articles(desk: Desk) -> None:
    await desk.publish(
        "lost-card", "Block a lost card at once in the app.", questions=["I lost my card"]
    )
    await desk.publish(
        "mortgage-rates", "A mortgage costs four percent a year.", category="lending"
    )
    await desk.publish("red-flags", "Watch for structuring of cash.", audience="staff")


@ENGINES
async def test_the_nearest_article_comes_first_and_filters_hide(desk: Desk, engine: str) -> None:
    await three_articles(desk)
    search = desk.replica(engine)
    assert (await desk.slugs(search, "my card is gone"))[0] == "lost-card"
    assert (await desk.slugs(search, "what does a house loan cost"))[0] == "mortgage-rates"
    assert "red-flags" not in await desk.slugs(search, "structuring of cash")
    assert (await desk.slugs(search, "structuring of cash", audiences=("public", "staff")))[
        0
    ] == "red-flags"
    assert await desk.slugs(search, "my card is gone", category="lending") == ["mortgage-rates"]
    assert await desk.slugs(search, "my card is gone", language="zh") == []


@ENGINES
async def test_every_process_finds_what_is_published_and_never_what_is_withdrawn(
    desk: Desk, engine: str
) -> None:
    await three_articles(desk)
    replicas = [desk.replica(engine), desk.replica(engine)]
    for search in replicas:
        assert "branch-hours" not in await desk.slugs(search, "when are branches open")
    article = await desk.publish("branch-hours", "Branches open at nine.")
    for search in replicas:
        assert (await desk.slugs(search, "when are branches open"))[0] == "branch-hours"
    await desk.archive(article)
    for search in replicas:
        assert "branch-hours" not in await desk.slugs(search, "when are branches open")


@ENGINES
async def test_an_article_is_found_only_while_it_is_valid(desk: Desk, engine: str) -> None:
    now = utc_now()
    await desk.publish(
        "summer-offer",
        "Two percent more in summer.",
        valid_from=now + timedelta(hours=1),
        valid_until=now + timedelta(hours=2),
    )
    search = desk.replica(engine)
    moments = [now, now + timedelta(hours=1, minutes=1), now + timedelta(hours=2, minutes=1)]
    seen = [await desk.slugs(search, "summer offer", now=moment) for moment in moments]
    assert seen == [[], ["summer-offer"], []]


@ENGINES
async def test_a_chinese_article_is_found(desk: Desk, engine: str) -> None:
    await desk.publish(
        "lost-card", "银行卡丢失后，请立即在应用中冻结。", title="丢卡怎么办", language="zh"
    )
    await desk.publish("mortgage-rates", "房贷年利率为百分之四。", title="房贷利率", language="zh")
    search = desk.replica(engine)
    assert (await desk.slugs(search, "我的卡不见了", language="zh"))[0] == "lost-card"


async def test_another_encoder_is_used_when_its_vectors_are_complete(
    desk: Desk, encoder: Encoder, tmp_path: Path
) -> None:
    await three_articles(desk)
    async with desk.database.transaction() as session:
        first = desk.replica()
        await first.refresh(session)
    async with following(first.replica):
        await until_searched_with(desk, encoder.name)
    other = Encoder(
        str(model_folder("bundled"))
    )  # the model without its Chinese, under another name
    changed = desk.replica(encoder=other)
    assert (await desk.slugs(changed, "my card is gone"))[0] == "lost-card"
    assert changed.encoder.name == encoder.name  # nothing of the other is there yet
    assert changed.replica.is_changing
    async with following(changed.replica):
        await until_searched_with(desk, other.name)
        await desk.slugs(changed, "my card is gone")
        await changed.replica.built()
        assert (await desk.slugs(changed, "my card is gone"))[0] == "lost-card"
        assert changed.encoder is other
        assert not changed.replica.is_changing
    other.close()


async def until_searched_with(desk: Desk, name: str) -> None:
    from knowledge_base.queries import current_state  # noqa: PLC0415

    async with asyncio.timeout(60):
        while True:
            async with desk.database.transaction() as session:
                if (await current_state(session)).encoder == name:
                    return
            await asyncio.sleep(0.05)


async def test_a_snapshot_is_believed_only_where_it_is_true(desk: Desk, tmp_path: Path) -> None:
    await three_articles(desk)
    gone = await desk.publish("old-fee", "The old fee was five pounds.")
    folder = tmp_path / "index"
    first = desk.replica(folder=folder)
    await desk.slugs(first, "fee")
    await first.replica.keep()
    assert len(list(folder.iterdir())) == 1
    await desk.archive(gone)
    await desk.publish("new-fee", "The new fee is four pounds.")
    again = desk.replica(folder=folder)
    found = await desk.slugs(again, "what is the fee")
    assert found[0] == "new-fee"
    assert "old-fee" not in found
    assert len(again.index.catalogue) == len(first.index.catalogue)


async def test_the_index_is_built_anew_behind_the_search_when_too_much_of_it_is_dead(
    desk: Desk,
) -> None:
    await three_articles(desk)
    search = desk.replica()
    await desk.slugs(search, "fee")
    for number in range(3):
        await desk.archive(await desk.publish(f"offer-{number}", "A short offer.\n\n" * 3))
        await desk.slugs(search, "offer")
    await search.replica.built()
    assert not search.index.needs_building
    assert (await desk.slugs(search, "my card is gone"))[0] == "lost-card"
