"""Flows in the database: published from their files, changed under four eyes, withdrawn; and the switches."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.ticket_config.contents import Texts
from actions.tickets.ticket_config.service import load_ticket_config, retire_entry
from assistant.dialogue.flows import service
from assistant.dialogue.flows.definition import FlowSet
from assistant.dialogue.flows.loading import default_files
from assistant.dialogue.flows.models import FlowVersion
from assistant.dialogue.flows.problems import FlowsInvalid
from assistant.dialogue.flows.queries import versions_of
from assistant.dialogue.flows.switches import Switches, load_switches, set_switches
from core.audit import AuditEntry
from core.errors import Conflict, Invalid, NotAllowed, NotFound, PreconditionFailed
from tests.tickets import Desk, at, opened_desk

DRAFT: dict[str, Any] = {
    "name": "call_back",
    "title": {"en": "Call me", "zh": "请回电"},
    "description": {"en": "Somebody calls back.", "zh": "由工作人员回电。"},
    "start": {},
    "effect": "writes",
    "steps": [
        {"collect": "contact", "type": "contact", "ask": "dialogue.ask_contact"},
        {"call": "call_back.promise", "slots": ["contact"]},
    ],
}


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path_factory.mktemp("flows")) as desk:
        async with desk.database.transaction() as session:
            assert await service.load_default_flows(session, at(1)) == len(default_files())
        yield desk


async def flow_set(desk: Desk) -> FlowSet:
    async with desk.database.transaction() as session:
        return await service.load_flows(session, await load_ticket_config(session))


async def states(session: AsyncSession, name: str) -> list[str]:
    return [row.state for row in await session.scalars(versions_of(name))]


async def published(desk: Desk, content: dict[str, Any]) -> FlowVersion:
    """A flow through all four steps by two people."""
    author, approver = await desk.staff("admin"), await desk.staff("supervisor")
    async with desk.database.transaction() as session:
        row = await service.propose(session, author, content, at(2))
        await service.approve(session, approver, row.name, row.version, at(2))
        return await service.publish(session, author, row.name, row.version, at(2))


async def test_the_flows_of_the_files_and_of_the_catalogue_are_published(desk: Desk) -> None:
    flows = await flow_set(desk)
    assert {path.stem for path in default_files()} <= flows.flows.keys()
    assert flows.by_service("card-limit") is not None
    assert flows.flows["report_lost_card"].version == 1
    async with desk.database.transaction() as session:
        assert await service.load_default_flows(session, at(1)) == 0


async def test_an_unchanged_set_is_read_once_and_a_changed_one_anew(desk: Desk) -> None:
    before = await flow_set(desk)
    assert await flow_set(desk) is before
    await published(
        desk, {**DRAFT, "name": "order_cheques", "title": {"en": "Cheques", "zh": "支票"}}
    )
    after = await flow_set(desk)
    assert "order_cheques" in after.flows.keys() - before.flows.keys()


async def test_the_author_does_not_approve(desk: Desk) -> None:
    author, other = await desk.staff("admin"), await desk.staff("supervisor")
    agent = await desk.staff("agent")
    async with desk.database.transaction() as session:
        row = await service.propose(session, author, DRAFT, at(2))
        with pytest.raises(NotAllowed, match="Somebody else must approve"):
            await service.approve(session, author, row.name, row.version, at(2))
        with pytest.raises(Conflict):
            await service.publish(session, author, row.name, row.version, at(2))
        with pytest.raises(NotAllowed):
            await service.approve(session, agent, row.name, row.version, at(2))
        with pytest.raises(NotAllowed):
            await service.propose(session, agent, DRAFT, at(2))
        with pytest.raises(NotFound):
            await service.approve(session, other, "no_such", 1, at(2))
        await service.approve(session, other, row.name, row.version, at(2))
        await service.withdraw(session, other, row.name, row.version, at(2))
        subject = select(AuditEntry.action).where(AuditEntry.subject == f"flow:{row.name}")
        steps = list(await session.scalars(subject.order_by(AuditEntry.id)))
    assert steps[-3:] == ["flow.proposed", "flow.approved", "flow.withdrawn"]


async def test_a_conversation_goes_on_with_the_version_it_is_in_until_it_is_withdrawn(
    desk: Desk,
) -> None:
    old = (await flow_set(desk)).flows["call_back"]
    row = await published(desk, DRAFT)
    flows = await flow_set(desk)
    assert flows.flows["call_back"].version == row.version
    assert flows.at("call_back", old.version) == old
    boss = await desk.staff("supervisor")
    async with desk.database.transaction() as session:
        await service.withdraw(session, boss, "call_back", old.version, at(3))
        await service.withdraw(session, boss, "call_back", row.version, at(3))
    flows = await flow_set(desk)
    assert flows.at("call_back", old.version) is None
    assert flows.at("call_back", row.version) is None
    assert "call_back" not in flows.flows


async def test_going_back_to_a_replaced_version(desk: Desk) -> None:
    first = (await flow_set(desk)).flows["rate_ticket"].version
    content = {**DRAFT, "name": "rate_ticket", "title": {"en": "Rate us", "zh": "给我们评分"}}
    await published(desk, content)
    boss = await desk.staff("supervisor")
    async with desk.database.transaction() as session:
        await service.publish(session, boss, "rate_ticket", first, at(4))
        assert await states(session, "rate_ticket") == ["replaced", "published"]


async def test_a_changed_file_does_not_replace_what_the_bank_has_written(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await published(desk, {**DRAFT, "name": "open_ticket", "title": {"en": "New", "zh": "新工单"}})
    changed = {"open_ticket": "Open a new ticket", "make_complaint": "Complain about something"}
    files = []
    for path in default_files():
        text = path.read_text(encoding="utf-8")
        if path.stem in changed:
            text = text.replace(text.split("{en: ")[1].split(",")[0], changed[path.stem], 1)
        files.append(tmp_path / path.name)
        files[-1].write_text(text, encoding="utf-8")
    monkeypatch.setattr(service, "default_files", lambda: files)
    async with desk.database.transaction() as session:
        assert await service.load_default_flows(session, at(5)) == len(changed)
        assert await states(session, "open_ticket") == ["draft", "published", "replaced"]
        assert await states(session, "make_complaint") == ["published", "replaced"]


async def test_wrong_flows_are_refused_before_anything_is_written(desk: Desk) -> None:
    boss = await desk.staff("supervisor")
    wrong = {**DRAFT, "steps": [{"call": "tickets.opne"}]}
    async with desk.database.transaction() as session:
        with pytest.raises(FlowsInvalid, match="There is no operation"):
            await service.propose(session, boss, wrong, at(2))
        with pytest.raises(FlowsInvalid, match="title is missing"):
            await service.propose(session, boss, {"name": "x", "steps": []}, at(2))
        stolen = {**DRAFT, "name": "another", "start": {"intents": ["make_complaint"]}}
        with pytest.raises(FlowsInvalid, match="starts make_complaint already"):
            await service.propose(session, boss, stolen, at(2))
        assert await states(session, "another") == []


async def test_a_flow_that_another_goes_on_with_is_not_withdrawn(desk: Desk) -> None:
    await published(desk, {**DRAFT, "name": "target", "title": {"en": "Target", "zh": "目标"}})
    linking = {**DRAFT, "name": "linking", "title": {"en": "Linking", "zh": "连接"}}
    await published(desk, {**linking, "steps": [{"link": "target"}]})
    boss = await desk.staff("supervisor")
    async with desk.database.transaction() as session:
        with pytest.raises(Conflict, match="linking"):
            await service.withdraw(session, boss, "target", 1, at(3))


async def test_the_catalogues_flows_follow_its_entries(desk: Desk) -> None:
    before = (await flow_set(desk)).flows["service.app-problem"]
    boss = await desk.staff("supervisor")
    async with desk.database.transaction() as session:
        await retire_entry(session, boss, "service", "app-problem", at(3))
    flows = await flow_set(desk)
    assert flows.at("service.app-problem", before.version) is None


async def test_flows_and_operations_are_switched_off_at_once(desk: Desk) -> None:
    admin, agent = await desk.staff("admin"), await desk.staff("agent")
    off = Switches(flows=("make_complaint",), operations=("cards.block",))
    async with desk.database.transaction() as session:
        assert await load_switches(session) == Switches()
        with pytest.raises(NotAllowed):
            await set_switches(session, agent, off, at(3), 0)
        row = await set_switches(session, admin, off, at(3), 0)
        assert await load_switches(session) == off
        with pytest.raises(PreconditionFailed):
            await set_switches(session, admin, Switches(), at(3), row.version - 1)
        for wrong in (Switches(flows=("no_such",)), Switches(operations=("no.such",))):
            with pytest.raises(Invalid):
                await set_switches(session, admin, wrong, at(3), row.version)
        action = select(AuditEntry.details).where(AuditEntry.action == "assistant.switched")
        assert (await session.scalars(action)).all() == [off.model_dump(mode="json")]
    flows = await flow_set(desk)
    left = off.applied_to(flows).flows.keys()
    assert flows.flows.keys() - left == {
        "make_complaint",
        "report_lost_card",
        "report_fraud",
    }


async def test_the_assistant_is_not_switched_off_without_saying_why() -> None:
    with pytest.raises(ValueError, match="both languages"):
        Switches(assistant=False)
    incident = Texts(en="We are repairing it.", zh="正在修复。")
    assert not Switches(assistant=False, incident=incident).assistant
