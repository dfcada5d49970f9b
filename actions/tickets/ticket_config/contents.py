"""What an entry of the rule book says, checked: nothing else is ever stored.

Texts stand in both languages, because customers read them in both.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Annotated, Any, Literal, Self, get_args
from zoneinfo import available_timezones

import holidays
import regex
from jinja2 import StrictUndefined, TemplateError
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from actions.tickets.lifecycle import Kind, Queue, State
from actions.tickets.priorities import Priority
from actions.tickets.ticket_config.sla_targets import SlaTarget
from core.bounds import Quantity, ShortText
from core.clock import BusinessCalendar, NoBusinessTime, due_at
from core.errors import InvalidValue
from core.languages import Language

Line = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+([.-][a-z0-9_]+)*$", max_length=80)]
Channel = Literal["web", "app", "phone", "email", "social", "branch", "api", "staff"]
Complexity = Literal["simple", "complex", "exceptional"]
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
AREAS = ("process", "product", "people", "system", "third_party")  # of root causes

# What letters, replies and macros may speak of.
VARIABLES = frozenset(
    {
        "reference",
        "subject",
        "customer_name",
        "agent_name",
        "bank_name",
        "queue",
        "priority",
        "state",
        "service",
    }
    | {
        "first_response_due",
        "resolution_due",
        "opened_on",
        "deadline",
        "outcome",
        "redress",
        "referral",
        "reason",
        "answer",
        "note",
    }
)
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)  # a calendar is tried from here on
_LETTERS = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, autoescape=False, trim_blocks=True
)


MAX_DAYS = 1000  # of a calendar that are not as the week has them
MAX_DAYS_AWAY = 100_000  # that a date which a request asks for may lie from today
MAX_FIELDS = 10  # that one request may ask for; the dialogue has slots for so many


class Content(BaseModel):
    """A checked content that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Texts(Content):
    """The same in both languages."""

    en: Annotated[str, StringConstraints(min_length=1, max_length=5000, strip_whitespace=True)]
    zh: Annotated[str, StringConstraints(min_length=1, max_length=5000, strip_whitespace=True)]

    def of(self, language: Language) -> str:
        """The text in a language."""
        return self.zh if language == "zh" else self.en


class CalendarContent(Content):
    """Weekly shifts in a time zone; holidays of a country, and days that differ."""

    zone: ShortText
    week: dict[
        Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
        Annotated[list[tuple[time, time]], Field(max_length=24)],
    ]
    country: ShortText | None = None
    region: ShortText | None = None
    closed: Annotated[list[date], Field(max_length=MAX_DAYS)] = []
    open_on: Annotated[list[date], Field(max_length=MAX_DAYS)] = []

    @model_validator(mode="after")
    def _is_usable(self) -> Self:
        if self.zone not in available_timezones():
            raise InvalidValue("calendar.zone_unknown", zone=self.zone)
        supported = holidays.list_supported_countries(include_aliases=False)
        if self.country and self.country not in supported:
            raise InvalidValue("calendar.country_unknown", country=self.country)
        if self.region and self.region not in supported.get(self.country or "", []):
            raise InvalidValue(
                "calendar.region_unknown", region=self.region, country=self.country or ""
            )
        for shifts in self.week.values():
            if any(b[0] < a[1] for a, b in pairwise(shifts)):
                raise InvalidValue("calendar.shifts_overlap")
        try:
            due_at(_SOME_DAY, timedelta(minutes=1), self.calendar(""))
        except NoBusinessTime as error:
            raise InvalidValue("calendar.never_opens") from error
        return self

    def calendar(self, name: str) -> BusinessCalendar:
        """As the clocks read it."""
        week = tuple(tuple(self.week.get(day, ())) for day in WEEK)  # type: ignore[call-overload]
        return BusinessCalendar(
            name,
            self.zone,
            week,
            self.country,
            self.region,
            frozenset(self.closed),
            frozenset(self.open_on),
        )


class Escalation(Content):
    """What happens to a ticket whose promise is in danger or broken. Webhooks hear of both without being named here."""

    do: Literal[
        "raise_priority", "to_queue", "notify_assignee", "notify_supervisors", "notify_watchers"
    ]
    queue: Queue | None = None

    @model_validator(mode="after")
    def _names_a_queue(self) -> Self:
        if (self.do == "to_queue") != (self.queue is not None):
            raise InvalidValue("escalation.queue_misplaced")
        return self


class PolicyContent(Content):
    """A promise to tickets of a kind, priority and segment; what is absent fits all. The most particular policy counts."""

    kind: Kind | None = None
    priority: Priority | None = None
    segment: ShortText | None = None
    calendar: Code
    first_response_minutes: Annotated[int, Field(ge=1, le=100_000)]
    next_response_minutes: Annotated[int, Field(ge=1, le=100_000)] | None = None
    resolution_minutes: Annotated[int, Field(ge=1, le=500_000)]
    warned_after: Annotated[float, Field(gt=0, lt=1)] = 0.75
    on_warning: Annotated[list[Escalation], Field(max_length=10)] = []
    on_breach: Annotated[list[Escalation], Field(max_length=10)] = []

    def sla_target(self, calendar: BusinessCalendar) -> SlaTarget:
        """As the clocks read it."""
        following = (
            timedelta(minutes=self.next_response_minutes) if self.next_response_minutes else None
        )
        return SlaTarget(
            calendar,
            timedelta(minutes=self.first_response_minutes),
            timedelta(minutes=self.resolution_minutes),
            following,
            self.warned_after,
        )


FieldType = Literal[
    "text",
    "long_text",
    "date",
    "amount",
    "card",
    "account",
    "country",
    "choice",
    "phone",
    "email",
    "yes_no",
    "number",
]


class Option(Content):
    """One of the values of a choice."""

    value: Code
    names: Texts


class FieldContent(Content):
    """Something that a request asks for."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
    type: FieldType
    names: Texts
    ask: Texts
    required: bool = True
    options: Annotated[list[Option], Field(max_length=100)] = []
    least: Quantity | None = None  # of an amount or a number; of a date, days from today
    most: Quantity | None = None
    pattern: Annotated[str, StringConstraints(max_length=200)] | None = None  # of a text

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if (self.type == "choice") != bool(self.options):
            raise InvalidValue("service.options_misplaced", field=self.key)
        if self.least is not None and self.most is not None and self.least > self.most:
            raise InvalidValue("service.range_reversed", field=self.key)
        if self.type == "date" and any(
            abs(d or 0) > MAX_DAYS_AWAY for d in (self.least, self.most)
        ):
            raise InvalidValue("service.day_too_far", field=self.key, maximum=MAX_DAYS_AWAY)
        if self.pattern:
            compiled(self.pattern)
        return self


class Letters(Content):
    """Codes of the letters that tell the customer of a step."""

    opened: Code | None = None
    resolved: Code | None = None


class ServiceContent(Content):
    """A kind of request: how it is found, what it asks for, who may ask, what happens at once, and who works on it."""

    names: Texts
    description: Texts
    phrases: dict[Language, Annotated[list[Line], Field(min_length=1, max_length=50)]]
    fields: Annotated[list[FieldContent], Field(max_length=MAX_FIELDS)] = []
    who: Literal["anyone", "customer"] = "customer"
    assurance: Literal["none", "signed_in", "strong"] = "signed_in"
    effect: Literal["lock_card"] | None = None
    kind: Kind = "service_request"
    queue: Queue
    priority: Priority = "normal"
    skills: Annotated[list[Code], Field(max_length=50)] = []
    letters: Letters = Letters()

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if set(self.phrases) != {"en", "zh"}:
            raise InvalidValue("service.phrases_incomplete")
        keys = [field.key for field in self.fields]
        if len(set(keys)) != len(keys):
            raise InvalidValue("service.field_twice")
        if self.effect and "card" not in {field.type for field in self.fields}:
            raise InvalidValue("service.card_field_missing", effect=self.effect)
        if self.who == "anyone" and {"card", "account"} & {field.type for field in self.fields}:
            raise InvalidValue("service.sign_in_needed")
        return self


class TemplateContent(Content):
    """A letter, a mail, a reply in a ticket or a line of a chat, with variables in {{ braces }}."""

    names: Texts
    use: Literal["mail", "letter", "reply", "chat"]
    subject: Texts | None = None
    body: Texts

    @model_validator(mode="after")
    def _can_be_filled(self) -> Self:
        for text in (self.subject, self.body):
            for language in ("en", "zh"):
                if text is not None:
                    check_template(text.of(language))
        if self.use == "mail" and self.subject is None:
            raise InvalidValue("template.subject_missing")
        return self


class MacroStep(Content):
    """One of the changes of a macro."""

    do: Literal["priority", "queue", "state", "tag", "untag", "public_comment", "internal_comment"]
    to: Annotated[str, StringConstraints(min_length=1, max_length=2000)]

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        possible: dict[str, tuple[str, ...]] = {
            "priority": get_args(Priority),
            "queue": get_args(Queue),
            "state": get_args(State),
        }
        if self.do in possible and self.to not in possible[self.do]:
            raise ValueError(f"{self.to} is no {self.do}: one of {', '.join(possible[self.do])}")
        if self.do.endswith("comment"):
            check_template(self.to)
        return self


class MacroContent(Content):
    """Several changes at once."""

    names: Texts
    steps: Annotated[list[MacroStep], Field(min_length=1, max_length=10)]


class Deadline(Content):
    """Something that a regulator wants done by a time after a complaint arrived."""

    key: Code
    names: Texts
    amount: Annotated[int, Field(ge=1, le=1000)]
    unit: Literal["business_days", "calendar_days", "weeks"]
    complexity: Annotated[list[Complexity], Field(max_length=3)] = []  # none: of all complaints
    met_by: Literal["acknowledged", "summary", "final"]
    letter: Code


class JurisdictionContent(Content):
    """A regulator's rules for complaints: whose they are, the deadlines, and where a customer may go further."""

    names: Texts
    countries: Annotated[
        list[Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$", max_length=2)]],
        Field(max_length=250),
    ]
    calendar: Code
    source: Line
    deadlines: Annotated[list[Deadline], Field(min_length=1, max_length=20)]
    referral: Texts


class CauseContent(Content):
    """A root cause; its code is a path, such as process.delivery."""

    names: Texts


class LikelyKind(Content):
    """A kind that the classifier holds for at least so likely, 0 to 1."""

    kind: Kind
    at_least: Annotated[float, Field(gt=0, le=1)]


class When(Content):
    """What must all be true for a rule to speak. Words are patterns of the `regex` library, upper and lower case alike."""

    likely: LikelyKind | None = None
    words: dict[Language, Annotated[str, StringConstraints(min_length=1, max_length=4000)]] = {}
    channels: Annotated[list[Channel], Field(max_length=20)] = []
    segments: Annotated[list[ShortText], Field(max_length=50)] = []
    vulnerable: bool | None = None
    open_complaint: bool | None = None

    @field_validator("words")
    @classmethod
    def _can_be_read(cls, words: dict[Language, str]) -> dict[Language, str]:
        for pattern in words.values():
            compiled(pattern)
        return words


class Then(Content):
    """What a rule decides; what it leaves out, later rules decide."""

    kind: Kind | None = None
    queue: Queue | None = None
    priority: Priority | None = None


class RuleContent(Content):
    """A readable rule."""

    id: Code
    note: Annotated[str, StringConstraints(max_length=500)] = ""
    when: When
    then: Then

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.when.model_fields_set:
            raise InvalidValue("routing.no_condition", rule=self.id)
        if not self.then.model_fields_set:
            raise InvalidValue("routing.no_decision", rule=self.id)
        return self


class RoutingContent(Content):
    """All rules, in order: for each of kind, queue and priority the first rule that decides it counts."""

    rules: Annotated[list[RuleContent], Field(max_length=500)]

    @model_validator(mode="after")
    def _have_names(self) -> Self:
        ids = [rule.id for rule in self.rules]
        if len(set(ids)) != len(ids):
            raise InvalidValue("routing.rule_twice")
        return self


EntryKind = Literal[
    "calendar", "policy", "service", "template", "macro", "jurisdiction", "cause", "routing"
]
CONTENTS: dict[EntryKind, type[Content]] = {
    "calendar": CalendarContent,
    "policy": PolicyContent,
    "service": ServiceContent,
    "template": TemplateContent,
    "macro": MacroContent,
    "jurisdiction": JurisdictionContent,
    "cause": CauseContent,
    "routing": RoutingContent,
}


def compiled(pattern: str) -> Any:
    """The pattern ready to search; ValueError, with the place, when it is none."""
    try:
        return regex.compile(pattern, regex.IGNORECASE)
    except regex.error as error:
        raise InvalidValue(
            "pattern.unreadable", pattern=repr(pattern[:60]), error=str(error)
        ) from error


def check_template(text: str) -> None:
    """ValueError unless the text can be filled with our variables."""
    try:
        unknown = find_undeclared_variables(_LETTERS.parse(text)) - VARIABLES
    except TemplateError as error:
        raise InvalidValue("template.unreadable", error=str(error)) from error
    if unknown:
        raise InvalidValue(
            "template.variables_unknown", variables=sorted(unknown), available=sorted(VARIABLES)
        )


def fill(text: str, values: dict[str, str]) -> str:
    """The text with its variables filled in; what is not known is left empty."""
    return str(_LETTERS.from_string(text).render(dict.fromkeys(VARIABLES, "") | values)).strip()
