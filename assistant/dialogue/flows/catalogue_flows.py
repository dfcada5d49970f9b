"""Entries of the service catalogue as flows: each field is collected, all of it is repeated, and the request is written."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping

from actions.tickets.ticket_config.contents import FieldContent, ServiceContent
from assistant.dialogue.facts import Facts
from assistant.dialogue.flows.definition import (
    CallStep,
    Collect,
    Condition,
    Confirm,
    EffectKind,
    FlowDefinition,
    Start,
    Step,
)
from assistant.dialogue.flows.signatures import REQUEST

PREFIX = "service."
CONTACT = "contact"
# What ends, cancels or erases something is hard to take back, whatever its entry is called.
_ENDS_SOMETHING = re.compile(
    r"(?:^|[-\s])(?:clos\w*|cancel\w*|stop\w*|eras\w*|delet\w*|terminat\w*|revok\w*|recall\w*)(?:$|[-\s])",
    re.IGNORECASE,
)


def flows_of_services(services: Mapping[str, ServiceContent]) -> dict[str, FlowDefinition]:
    """A flow for every entry, by name."""
    flows = (flow_of_service(code, service) for code, service in services.items())
    return {flow.name: flow for flow in flows}


def flow_of_service(code: str, service: ServiceContent) -> FlowDefinition:
    """The flow `service.<code>`; its version tells contents apart, since a conversation goes on only with the one it began."""
    effect = effect_of(code, service)
    collects = [_collect(field) for field in service.fields]
    contact = _contact(service)
    slots = tuple(step.collect for step in [*collects, *contact])
    confirms = (
        [] if effect == "protective" else [Confirm(confirm="dialogue.request_confirm", show=slots)]
    )
    call = CallStep(call=REQUEST, slots=slots, arguments={"code": code})
    steps: list[Step] = [*collects, *contact, *confirms, call]
    return FlowDefinition(
        name=f"{PREFIX}{code}",
        version=zlib.crc32(service.model_dump_json().encode()) >> 1,
        title=service.names,
        description=service.description,
        start=Start(service=code),
        effect=effect,
        sign_in="optional" if service.who == "anyone" else "required",
        second_factor=service.assurance == "strong",
        steps=tuple(steps),
    )


def may_be_passed_on(flow: FlowDefinition, facts: Facts) -> bool:
    """Whether a request can go to a colleague before all that it asks for is told: not one that ends something."""
    return flow.name.startswith(PREFIX) and flow.effect == "writes" and facts.signed_in


def effect_of(code: str, service: ServiceContent) -> EffectKind:
    """What the request does: blocking a card alone protects; what ends something is hard to take back."""
    if service.effect == "lock_card" and all(field.type == "card" for field in service.fields):
        return "protective"
    ends = _ENDS_SOMETHING.search(code) or _ENDS_SOMETHING.search(service.names.en)
    return "hard_to_take_back" if ends else "writes"


def _collect(field: FieldContent) -> Collect:
    return Collect(collect=field.key, type="field", field=field, required=field.required)


def _contact(service: ServiceContent) -> list[Collect]:
    """A visitor says how to be reached, unless the entry asks for that itself."""
    if service.who != "anyone" or any(field.key == CONTACT for field in service.fields):
        return []
    return [
        Collect(
            collect=CONTACT,
            type="contact",
            ask="dialogue.ask_contact",
            label="dialogue.label_contact",
            when=Condition(signed_in=False),
        )
    ]
