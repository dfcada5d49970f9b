"""Who is calling, and what each role and scope may do. Identity comes from tokens alone; see core.tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from core.errors import NotAllowed

Role = Literal["agent", "supervisor", "knowledge_manager", "compliance_officer", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
Audience = Literal["public", "staff"]

_EVERY_ROLE = {"conversations:read", "knowledge:read", "copilot:use", "nlu:parse", "products:read"}
_SERVICE = {
    "conversations:write",
    "tickets:read",
    "tickets:write",
    "customers:read",
    "recommendations:make",
    "compliance:check",
    "compliance:screen",
    "customers:write",
    "sales:work",
}

PERMISSIONS: dict[Role, frozenset[str]] = {
    "agent": frozenset(_EVERY_ROLE | _SERVICE),
    "supervisor": frozenset(
        _EVERY_ROLE
        | _SERVICE
        | {"knowledge:write", "knowledge:approve", "analytics:read", "compliance:read"}
        | {
            "tickets:configure",
            "complaints:approve",
            "customers:assign",
            "customers:merge",
            "marketing:manage",
            "rates:manage",
            "flows:manage",
            "assistant:switch",
        }
    ),
    "knowledge_manager": frozenset(
        _EVERY_ROLE | {"knowledge:write", "knowledge:approve", "analytics:read"}
    ),
    "compliance_officer": frozenset(
        _EVERY_ROLE
        | {
            "tickets:read",
            "tickets:write",
            "customers:read",
            "customers:write",
            "compliance:screen",
            "compliance:check",
        }
        | {"compliance:read", "compliance:manage", "audit:read"}
    ),
    "admin": frozenset(
        _EVERY_ROLE
        | {
            "analytics:read",
            "audit:read",
            "operation:read",
            "webhooks:manage",
            "users:manage",
            "tickets:read",
            "tickets:configure",
        }
        | {"sources:manage", "rates:manage", "flows:manage", "assistant:switch"}
    ),
}

SCOPES = frozenset(
    {
        "nlu:parse",
        "knowledge:read",
        "tickets:read",
        "tickets:write",
        "customers:read",
        "recommendations:make",
    }
    | {
        "compliance:check",
        "compliance:screen",
        "products:read",
        "conversations:open",
        "webhooks:manage",
    }
)


@dataclass(frozen=True)
class Staff:
    """An employee who signed in."""

    id: UUID
    role: Role
    name: str

    @property
    def permissions(self) -> frozenset[str]:
        return PERMISSIONS[self.role]


@dataclass(frozen=True)
class Application:
    """Another system, by API key."""

    id: UUID
    name: str
    scopes: frozenset[str]

    @property
    def permissions(self) -> frozenset[str]:
        return self.scopes


@dataclass(frozen=True)
class Participant:
    """The person on the customer's side of one conversation; a visitor when `customer_id` is None."""

    conversation_id: UUID
    customer_id: UUID | None
    mfa_valid_until: datetime | None = (
        None  # until when a second factor counts; see conversations/service.py
    )
    session_expires_at: datetime | None = (
        None  # when the session at the bank ends, and with it what this credential is good for
    )

    @property
    def permissions(self) -> frozenset[str]:
        return frozenset()


@dataclass(frozen=True)
class System:
    """The service itself: jobs, the demonstration's generators, the command line."""

    name: str = "system"
    permissions: frozenset[str] = field(default_factory=frozenset)


Caller = Staff | Application | Participant | System


def require(caller: Caller, permission: str) -> None:
    """NotAllowed unless the caller's role or scopes hold `permission`."""
    if permission not in caller.permissions:
        raise NotAllowed("auth.permission_missing", permission=permission)


def audience_of(caller: Caller) -> tuple[Audience, ...]:
    """Which articles the caller may read: staff read both, everybody else the public ones."""
    return ("public", "staff") if isinstance(caller, Staff) else ("public",)


def actor(caller: Caller) -> str:
    """How the caller is named in the audit trail: kind and id, never a person's name."""
    match caller:
        case Staff(id=staff_id, role=role):
            return f"{role}:{staff_id}"
        case Application(id=key_id):
            return f"application:{key_id}"
        case Participant(conversation_id=conversation_id, customer_id=customer_id):
            return f"customer:{customer_id}" if customer_id else f"visitor:{conversation_id}"
        case System(name=name):
            return f"system:{name}"
