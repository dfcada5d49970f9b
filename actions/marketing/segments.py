"""Segments: rules over customers and their portraits, checked, and turned into one statement.

A rule names fields of a fixed list with a comparison, joined by `all` or `any`; nothing of it is SQL. Scores that ask for the
consent to profiling are empty for who has not given it, so that no rule over them finds these customers.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Annotated, Any, Literal

from dateutil.relativedelta import relativedelta
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from actions.customers.models import Customer, Holding, LifeEvent, PortraitRow
from actions.marketing.models import Segment
from actions.products.models import Product
from actions.tickets.ticket_config.contents import Texts
from core.audit import record
from core.bounds import Quantity, ShortText
from core.errors import InvalidValue, NotFound
from core.guards import require_version
from core.identity import Caller, actor, require

Number = Literal[
    "age", "monthly_income", "assets", "contribution", "potential", "churn_risk", "depth"
]
Name = Literal["segment", "risk_level", "language", "residency", "kyc_state"]
Many = Literal["list", "interest", "holds", "lacks", "life_event"]
Comparison = Literal["is", "is_not", "at_least", "at_most", "above", "below", "one_of"]
_COMPARED: dict[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "is": eq,
    "is_not": ne,
    "at_least": ge,
    "at_most": le,
    "above": gt,
    "below": lt,
}
_NUMBERS = {
    "monthly_income": Customer.monthly_income,
    "assets": PortraitRow.assets,
    "contribution": PortraitRow.contribution,
    "potential": PortraitRow.potential,
    "churn_risk": PortraitRow.churn_risk,
    "depth": PortraitRow.depth,
}
MAX_CONDITIONS, DEEPEST = 20, 3
LIFE_EVENT_COUNTS = timedelta(days=180)


class Condition(BaseModel):
    """A field, how it is compared, and with what."""

    model_config = ConfigDict(extra="forbid")

    field: Number | Name | Many
    is_: Annotated[Comparison, Field(alias="compare")] = "is"
    value: ShortText | Quantity | Annotated[list[ShortText], Field(max_length=100)]

    @model_validator(mode="after")
    def _fits(self) -> Condition:
        number = self.field in (*_NUMBERS, "age")
        if number != isinstance(self.value, float | int):
            code = "condition.number_expected" if number else "condition.word_expected"
            raise InvalidValue(code, field=self.field)
        if (self.is_ == "one_of") != isinstance(self.value, list):
            raise InvalidValue("condition.list_expected")
        if not number and self.is_ not in ("is", "is_not", "one_of"):
            raise InvalidValue("condition.operator_not_possible", field=self.field)
        return self


class Rule(BaseModel):
    """Conditions and rules, all of which or any of which must hold."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"all": [{"field": "assets", "compare": "at_least", "value": 20000}]}]
        },
    )

    all: Annotated[list[Condition | Rule], Field(max_length=MAX_CONDITIONS)] = []
    any: Annotated[list[Condition | Rule], Field(max_length=MAX_CONDITIONS)] = []

    @model_validator(mode="after")
    def _says_something(self) -> Rule:
        if not self.all and not self.any:
            raise InvalidValue("segment.rule_empty")
        if _depth(self) > DEEPEST:
            raise InvalidValue("segment.rule_too_deep", maximum=DEEPEST)
        return self


class SegmentContent(BaseModel):
    """A segment as it is written."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "names": {"en": "Savers with room", "zh": "有潜力的储户"},
                    "rule": {
                        "all": [
                            {"field": "assets", "compare": "at_least", "value": 20000},
                            {"field": "lacks", "value": "fund"},
                        ]
                    },
                }
            ]
        },
    )

    names: Texts
    rule: Rule


def _depth(rule: Rule) -> int:
    return 1 + max(
        (_depth(part) for part in (*rule.all, *rule.any) if isinstance(part, Rule)), default=0
    )


def members(rule: Rule, today: date) -> Select[Customer]:
    """The customers of a rule; those merged into others are none."""
    query = select(Customer).outerjoin(PortraitRow, PortraitRow.customer_id == Customer.id)
    return query.where(Customer.merged_into.is_(None), clause(rule, today))


def clause(rule: Rule, today: date) -> ColumnElement[bool]:
    """The rule as a condition over customers and portraits."""
    parts = [and_(*(_part(part, today) for part in rule.all))] if rule.all else []
    if rule.any:
        parts.append(or_(*(_part(part, today) for part in rule.any)))
    return and_(*parts)


def _part(part: Condition | Rule, today: date) -> ColumnElement[bool]:  # noqa: PLR0911  (a kind of field a line)
    if isinstance(part, Rule):
        return clause(part, today)
    value = part.value
    match part.field:
        case "age":
            return _by_age(part, today)
        case "list" | "interest":
            column = PortraitRow.lists if part.field == "list" else PortraitRow.interests
            values = value if isinstance(value, list) else [value]
            matched = or_(*(column.contains([word]) for word in values))
            return func.coalesce(~matched, True) if part.is_ == "is_not" else matched
        case "holds" | "lacks":
            return _held(part) if part.field == "holds" else ~_held(part)
        case "life_event":
            return _lived(part, today)
        case "segment" | "risk_level" | "language" | "residency" | "kyc_state":
            named: InstrumentedAttribute[str] = getattr(Customer, part.field)
            if isinstance(value, list):
                return named.in_(value)
            return _COMPARED[part.is_](named, value)
    return _COMPARED[part.is_](_NUMBERS[part.field], Decimal(str(value)))


def _by_age(part: Condition, today: date) -> ColumnElement[bool]:
    """Full years: who is at least n was born n years ago or earlier."""
    years = int(float(str(part.value)))
    turned, next_turned = today - relativedelta(years=years), today - relativedelta(years=years + 1)
    old_enough, older = Customer.birth_date <= turned, Customer.birth_date <= next_turned
    compared: dict[str, ColumnElement[bool]] = {
        "is": and_(old_enough, ~older),
        "is_not": or_(~old_enough, older),
        "at_least": old_enough,
        "at_most": ~older,
        "above": older,
        "below": ~old_enough,
    }
    return compared[part.is_]


def _held(part: Condition) -> ColumnElement[bool]:
    codes = part.value if isinstance(part.value, list) else [part.value]
    holds_any = exists().where(
        Holding.customer_id == Customer.id,
        Holding.product_id == Product.id,
        Product.kind.in_(codes),
    )
    return ~holds_any if part.is_ == "is_not" else holds_any


def _lived(part: Condition, today: date) -> ColumnElement[bool]:
    kinds = part.value if isinstance(part.value, list) else [part.value]
    recent = LifeEvent.happened_on >= today - LIFE_EVENT_COUNTS
    lived = exists().where(LifeEvent.customer_id == Customer.id, LifeEvent.kind.in_(kinds), recent)
    return ~lived if part.is_ == "is_not" else lived


async def put_segment(
    session: AsyncSession,
    caller: Caller,
    code: str,
    content: SegmentContent,
    expected: int | None,
    now: datetime,
) -> Segment:
    """A new version of a segment; PreconditionFailed when `expected` is not the newest."""
    require(caller, "marketing:manage")
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"segment {code}"))))
    newest = (
        await session.scalar(select(func.max(Segment.version)).where(Segment.code == code)) or 0
    )
    if newest or expected is not None:
        require_version(newest, expected)
    row = Segment(
        code=code,
        version=newest + 1,
        names=content.names.model_dump(),
        changed_by=actor(caller),
        changed_at=now,
        rule=content.rule.model_dump(by_alias=True, exclude_defaults=True),
    )
    session.add(row)
    await session.flush()
    await record(session, caller, "segment.changed", f"segment:{code}", {"version": row.version})
    return row


async def segment_of(session: AsyncSession, code: str) -> Segment:
    """The newest version of a segment."""
    rows = select(Segment).where(Segment.code == code).order_by(Segment.version.desc()).limit(1)
    segment = await session.scalar(rows)
    if segment is None:
        raise NotFound("segment")
    return segment


async def size_of(session: AsyncSession, rule: Rule, today: date) -> int:
    """How many customers a rule finds now."""
    matching = members(rule, today).with_only_columns(Customer.id).subquery()
    return await session.scalar(select(func.count()).select_from(matching)) or 0
