"""What an administrator switches off at once: the whole assistant with a text for everybody, flows, operations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.ticket_config.contents import Texts
from actions.tickets.ticket_config.service import load_ticket_config
from assistant.dialogue.flows.definition import FlowSet, Name
from assistant.dialogue.flows.models import AssistantSwitches
from assistant.dialogue.flows.service import load_flows
from assistant.dialogue.flows.signatures import SIGNATURES
from core.audit import record
from core.errors import Invalid, InvalidValue
from core.guards import require_version
from core.identity import Caller, require
from core.versioned import newest_of, write_next

PERMISSION = "assistant:switch"
MAX_SWITCHES = 100


class Switches(BaseModel):
    """What is on. While the assistant is off, customers read `incident` and everything goes to agents.

    `incident` is shown as a banner also while the assistant is on. `flows` and `operations` are those that are off.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "assistant": True,
                    "incident": {
                        "en": "Card payments are slow at the moment.",
                        "zh": "目前刷卡支付较慢。",
                    },
                    "flows": ["request_recommendation"],
                    "operations": ["cards.unblock"],
                }
            ]
        },
    )

    assistant: bool = True
    incident: Texts | None = None
    flows: Annotated[tuple[Name, ...], Field(max_length=MAX_SWITCHES)] = ()
    operations: Annotated[tuple[Name, ...], Field(max_length=MAX_SWITCHES)] = ()

    @model_validator(mode="after")
    def _says_why(self) -> Switches:
        if not self.assistant and self.incident is None:
            raise InvalidValue("switches.incident_missing")
        return self

    def applied_to(self, flows: FlowSet) -> FlowSet:
        """The flows that are on."""
        if not self.flows and not self.operations:
            return flows
        return flows.without(self.flows, self.operations)


async def load_switches(session: AsyncSession) -> Switches:
    """What is on at this moment."""
    return (await read_switches(session))[0]


async def read_switches(session: AsyncSession) -> tuple[Switches, AssistantSwitches | None]:
    """The same, with the version that says so; None while nobody has switched anything."""
    row = await newest_of(session, AssistantSwitches)
    return Switches.model_validate(row.content) if row else Switches(), row


async def set_switches(
    session: AsyncSession, caller: Caller, switches: Switches, now: datetime, expected: int | None
) -> AssistantSwitches:
    """Switch at once; `expected` is the version that the caller has read, 0 before the first."""
    require(caller, PERMISSION)
    await _require_defined(session, switches)
    before = await newest_of(session, AssistantSwitches)
    require_version(before.version if before else 0, expected)
    content = switches.model_dump(mode="json")
    row = await write_next(session, caller, AssistantSwitches, content, now)
    await record(session, caller, "assistant.switched", "assistant", content)
    return row


async def _require_defined(session: AsyncSession, switches: Switches) -> None:
    flows = await load_flows(session, await load_ticket_config(session))
    if unknown := [name for name in switches.flows if name not in flows.flows]:
        raise Invalid.field("flows", "switches.flows_unknown", flows=unknown)
    if unknown := [name for name in switches.operations if name not in SIGNATURES]:
        raise Invalid.field("operations", "switches.operations_unknown", operations=unknown)
