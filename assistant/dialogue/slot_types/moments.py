"""A day and a time of day in the bank's zone, as appointments need them: “tomorrow 3pm”, 下周二下午, “next Friday morning”.

A moment is written as ISO 8601: a day with a time (`2026-12-01T15:00`), a day with a part of it (`2026-12-01/afternoon`), or a
day alone (`2026-12-01`), which still lacks its time. Both are local to `HOURS.zone`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from babel.dates import format_date
from dateutil.relativedelta import relativedelta

from assistant.dialogue.facts import Facts
from assistant.dialogue.flows.conditions import has_no_time
from assistant.dialogue.flows.definition import Collect
from assistant.dialogue.slot_types.base import (
    Answer,
    Filled,
    Option,
    Reading,
    SlotKind,
    Unreadable,
)
from assistant.dialogue.wording import say
from core.catalogue import LOCALES
from core.clock import SERVICE_HOURS
from core.languages import Language
from nlu.values import coming, number

HOURS = SERVICE_HOURS
MAX_AHEAD = timedelta(days=180)
SLOT = timedelta(minutes=30)  # an appointment does not begin later than this before closing
NOON = 12
FIRST_MORNING_HOUR = 8  # "at 7" without another word is the evening's, "at 8" the morning's

Part = Literal["morning", "afternoon", "evening", "any"]
PARTS: tuple[Part, ...] = get_args(Part)
# First and last hour of a part of the day.
_SPANS: dict[Part, tuple[time, time]] = {
    "morning": (time(8), time(12)),
    "afternoon": (time(12), time(17)),
    "evening": (time(17), time(20)),
    "any": (time(8), time(20)),
}


@dataclass(frozen=True)
class Moment:
    """A day, with a time or a part of the day where one is named."""

    day: date
    at: time | None = None
    part: Part | None = None

    @classmethod
    def parse(cls, value: str) -> Moment:
        """A moment as it is stored; ValueError when it is none."""
        day, _, part = value.partition("/")
        if part:
            return cls(date.fromisoformat(day), part=_part_named(part))
        at = datetime.fromisoformat(value)
        return cls(at.date(), None if has_no_time(value) else at.time())

    @property
    def value(self) -> str:
        """As it is stored."""
        if self.at is not None:
            return datetime.combine(self.day, self.at).isoformat(timespec="minutes")
        return f"{self.day}/{self.part}" if self.part else self.day.isoformat()

    def span(self) -> tuple[datetime, datetime]:
        """When it may begin at the earliest and at the latest, with zone."""
        first, last = (self.at, self.at) if self.at else _SPANS[self.part or "any"]
        zone = ZoneInfo(HOURS.zone)
        return datetime.combine(self.day, first, zone), datetime.combine(self.day, last, zone)


def moment_text(value: str, language: Language) -> str:
    """A moment as a person reads it: Tue 1 Dec 2026, 15:00."""
    moment = Moment.parse(value)
    day = format_date(
        moment.day, "EEE d MMM y" if language == "en" else "y年M月d日EEE", locale=LOCALES[language]
    )
    rest = time_text(f"{moment.at:%H:%M}" if moment.at else moment.part or "", language)
    return day if not rest else f"{day}, {rest}" if language == "en" else f"{day} {rest}"


def time_text(value: str, language: Language) -> str:
    """A time of day or a part of it as a person reads it."""
    return say(f"dialogue.part_{value}", language) if value in PARTS else value


class MomentKind(SlotKind):
    """When an appointment is wanted; a day alone is taken, and its time asked for by another step."""

    typed = True

    def read(self, answer: Answer) -> Reading:
        moment = moment_in(answer)
        return moment if isinstance(moment, Unreadable) else _checked(moment, answer.facts)

    def prefill(self, answer: Answer) -> Any:
        named = answer.values("date") or _TOMORROW.search(answer.short)
        if not named and weekday_in(answer.short) is None:
            return self._other_time(answer)
        reading = self.read(answer)
        return reading.value if isinstance(reading, Filled) else None

    def show(self, step: Collect, value: Any, facts: Facts) -> str:
        return moment_text(str(value), facts.language)

    def _other_time(self, answer: Answer) -> Any:
        """The day that was named before, at another time of day; None without both."""
        if not answer.previous:
            return None
        before = Moment.parse(str(answer.previous))
        at, part = time_in(answer.short, bare=True), part_in(answer.short)
        if at is None and part is None:
            return None
        reading = _checked(Moment(before.day, at, None if at else part), answer.facts)
        return reading.value if isinstance(reading, Filled) else None


class TimeKind(SlotKind):
    """A time of day or a part of it, for a day that is named already."""

    typed = True

    def read(self, answer: Answer) -> Reading:
        at = time_in(answer.short, bare=True)
        part = part_in(answer.short)
        if at is not None and not _is_in_hours(at):
            hours = hours_text(answer.facts.now.date())
            return Unreadable("dialogue.time_outside_hours", hours=hours)
        value = f"{at:%H:%M}" if at else part
        return Filled(value) if value else Unreadable("dialogue.bad_time")

    def prefill(self, answer: Answer) -> Any:
        at = time_in(answer.short, bare=False)
        return f"{at:%H:%M}" if at is not None and _is_in_hours(at) else part_in(answer.short)

    def options(self, step: Collect, facts: Facts) -> list[Option]:
        titles = [(time_text(part, facts.language), part) for part in PARTS[:2]]
        return [Option(title, title, part) for title, part in titles]

    def show(self, step: Collect, value: Any, facts: Facts) -> str:
        return time_text(str(value), facts.language)


# --- reading ------------------------------------------------------------------------------------------------------------


def moment_in(answer: Answer) -> Moment | Unreadable:
    """The moment of a message; a time alone is its next occurrence in opening hours."""
    text, now = answer.short, _local(answer.facts.now)
    day = day_in(answer, now.date())
    if isinstance(day, Unreadable):
        return day
    at, part = time_in(text, bare=day is not None or len(text) <= SHORT), part_in(text)
    if day is None and at is None and part is None:
        return Unreadable("dialogue.bad_moment")
    moment = Moment(day or now.date(), at, None if at else part)
    if day == now.date() and moment.span()[1] <= now and weekday_in(text) == now.weekday():
        return Moment(day + timedelta(weeks=1), moment.at, moment.part)
    if day is None and moment.span()[1] <= now:
        return Moment(now.date() + timedelta(days=1), moment.at, moment.part)
    return moment


SHORT = 30  # characters of an answer in which a bare number is an hour
_TODAY = re.compile(
    r"\b(?:today|tonight|this\s+(?:morning|afternoon|evening)|asap|as\s+soon\s+as\s+possible|right\s+(?:now|away)|now)\b|今天|今晚|尽快|现在|越快越好",
    re.IGNORECASE,
)
_TOMORROW = re.compile(r"\b(?:tomm?orr?ow|tmrw|tmr|tomoz)\b|明天|明日|明早|明晚", re.IGNORECASE)
_WEEKDAYS = tuple(
    re.compile(words, re.IGNORECASE)
    for words in (
        r"\bmonday\b|周一|星期一|礼拜一",
        r"\btuesday\b|周二|星期二|礼拜二",
        r"\bwednesday\b|周三|星期三|礼拜三",
        r"\bthursday\b|周四|星期四|礼拜四",
        r"\bfriday\b|周五|星期五|礼拜五",
        r"\bsaturday\b|周六|星期六|礼拜六",
        r"\bsunday\b|周日|周天|星期[日天]|礼拜[日天]",
    )
)
_SHORT_NAMES = ("mon", "tue|tues", "wed|weds", "thu|thur|thurs", "fri", "sat", "sun")
_ABBREVIATED = tuple(re.compile(rf"\b(?:{names})\b", re.IGNORECASE) for names in _SHORT_NAMES)
# In a longer text an abbreviation is a day where a time follows it, or a word for a day stands before it.
_ABBREVIATED_WITH_TIME = tuple(
    re.compile(
        rf"\b(?:{names})\b(?=\.?,?\s+(?:at\s+)?(?:\d|noon|morning|afternoon|evening))|\b(?:on|next|this|by|from|until)\s+(?:{names})\b",
        re.IGNORECASE,
    )
    for names in _SHORT_NAMES
)
_NOT_THAT_DAY = re.compile(
    r"\bnot\s+(?:on\s+|this\s+|next\s+)?(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\b|(?:不是|不要)(?:下?周|星期|礼拜)[一二三四五六日天]",
    re.IGNORECASE,
)
_NEXT_WEEK = re.compile(r"\bnext\s+week\b|下(?:个)?(?:周|星期|礼拜)", re.IGNORECASE)


def weekday_in(text: str) -> int | None:
    """The weekday that a text names, 0 for Monday; None without one or with several. Short texts may abbreviate it."""
    named = _weekdays_in(text)
    return named.pop() if len(named) == 1 else None


def _weekdays_in(text: str) -> set[int]:
    text = _NOT_THAT_DAY.sub(" ", text)
    patterns = [*enumerate(_WEEKDAYS)]
    patterns += enumerate(_ABBREVIATED if len(text) <= SHORT else _ABBREVIATED_WITH_TIME)
    return {at for at, words in patterns if words.search(text)}


def day_in(answer: Answer, today: date) -> date | Unreadable | None:
    """The day that is named, the coming one where it has no year; Unreadable where it is a week or longer."""
    text, weekday = answer.short, weekday_in(answer.short)
    if weekday is not None and _NEXT_WEEK.search(text):
        return today - timedelta(days=today.weekday()) + timedelta(weeks=1, days=weekday)
    dates = [str(value) for value in answer.values("date")]
    days = [date.fromisoformat(value) for value in dates if "/" not in value]
    if weekday is None and len(_weekdays_in(text)) > 1:
        days, dates = [], dates or [text]
    if days:
        return _one_of(days, weekday, text, today)
    if _TOMORROW.search(text):
        return today + timedelta(days=1)
    if weekday is not None:
        return coming(today + timedelta(days=weekday - today.weekday()), today)
    if _TODAY.search(text):
        return today
    return Unreadable("dialogue.which_day") if dates else None


def _one_of(days: list[date], weekday: int | None, text: str, today: date) -> date:
    """The day that is meant: in “Thursday the 10th of December” the day of the month says which Thursday."""
    if weekday is None:
        return _to_come(days[0], text, today)
    numbered = [day for day in days if re.search(rf"(?<!\d){day.day}(?!\d)", text)]
    if len(days) > 1 and numbered:
        return _to_come(numbered[0], text, today)
    of_the_weekday = [day for day in days if day.weekday() == weekday]
    return coming((of_the_weekday or days)[0], today)


_PAST = re.compile(
    r"\b(?:yesterday|ago|last|\d{4})\b|昨|前天|上个?(?:周|星期|月)|[天周月年]前|\d{4}",
    re.IGNORECASE,
)
_MONTH = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|月|/", re.IGNORECASE
)


def _to_come(day: date, text: str, today: date) -> date:
    """“The 3rd” and “3 March” are the next ones, unless a text speaks of the past or names the year."""
    if day >= today or _PAST.search(text):
        return day
    step = relativedelta(years=1) if _MONTH.search(text) else relativedelta(months=1)
    moved: date = day + step
    return moved


_PART_WORDS: tuple[tuple[Part, re.Pattern[str]], ...] = (
    (
        "any",
        re.compile(
            r"\b(?:any\s?time|whenever|all\s+day|don'?t\s+mind|no\s+preference)\b|随时|都可以|都行|全天",
            re.IGNORECASE,
        ),
    ),
    ("morning", re.compile(r"\bmornings?\b|上午|早上|早晨|明早", re.IGNORECASE)),
    (
        "afternoon",
        re.compile(r"\b(?:afternoons?|lunch\s?time|after\s+lunch)\b|下午|午后", re.IGNORECASE),
    ),
    (
        "evening",
        re.compile(r"\b(?:evenings?|tonight|after\s+work)\b|晚上|傍晚|今晚|明晚", re.IGNORECASE),
    ),
)


def part_in(text: str) -> Part | None:
    """The part of the day that a text names."""
    return next((part for part, words in _PART_WORDS if words.search(text)), None)


_HOURS_EN = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
_HOUR = r"(?P<hour>\d{1,2}|" + "|".join(_HOURS_EN) + ")"
_CLOCK = re.compile(
    r"(?<![\d:.-])(?P<hour>[01]?\d|2[0-3])[:：.h](?P<minute>[0-5]\d)(?![\d.:])\s*(?P<half>[ap]\.?\s?m\b\.?)?",
    re.IGNORECASE,
)
_HALF_DAY = re.compile(rf"\b{_HOUR}(?P<minute>)\s*(?P<half>[ap]\.?\s?m\b\.?)", re.IGNORECASE)
_O_CLOCK = re.compile(rf"\b{_HOUR}(?P<minute>)(?P<half>)\s*o'?\s?clock\b", re.IGNORECASE)
_SPOKEN = re.compile(
    rf"\b(?P<minute>half|quarter)\s+(?P<side>past|to)?\s*{_HOUR}\b(?P<half>\s*[ap]m\b)?",
    re.IGNORECASE,
)
_AT_HOUR = re.compile(
    rf"\b(?:at|around|about|by|from|after|before)\s+{_HOUR}(?P<minute>)(?P<half>)\b(?!\s*(?:st|nd|rd|th|days?|weeks?|[/-]))",
    re.IGNORECASE,
)
_BARE_HOUR = re.compile(
    rf"^\W*{_HOUR}(?P<minute>)(?P<half>)(?:\s+(?:please|then|is\s+(?:fine|good)))?\W*$",
    re.IGNORECASE,
)
_NOON = re.compile(r"\b(?:noon|midday)\b|正午|中午(?![\d一二两三十])", re.IGNORECASE)
_HAN_TIME = re.compile(
    r"(?P<hour>\d{1,2}|十[一二]?|[一二两三四五六七八九]|二十[一二三]?)\s*[点时](?!间|候)(?:钟|整)?(?:(?P<half>半)|(?P<quarter>[一三])刻|(?P<minute>\d{1,2}|[一二三四五]?十[一二三四五六七八九]?)分?)?"
)
_MINUTES = {"half": 30, "quarter": 15, "": 0}


def time_in(text: str, *, bare: bool) -> time | None:
    """The time of day that a text names; `bare` numbers (“at 3”, “3”) count as hours where a time was asked for."""
    if match := _HAN_TIME.search(text):
        return _chinese_time(match, text)
    for pattern in (_CLOCK, _HALF_DAY, _O_CLOCK):
        if match := pattern.search(text):
            return _time(match, text, int(match["minute"] or 0))
    if match := _SPOKEN.search(text):
        return _spoken_time(match, text)
    if _NOON.search(text):
        return time(NOON)
    for pattern in (_AT_HOUR, _BARE_HOUR) if bare else ():
        if match := pattern.search(text):
            return _time(match, text, 0)
    return None


def _time(match: re.Match[str], text: str, minute: int) -> time | None:
    return _of_the_day(_hour(match), minute, (match["half"] or "").strip().lower()[:1], text)


def _hour(match: re.Match[str]) -> int:
    hour = match["hour"].lower()
    return int(hour) if hour.isdigit() else _HOURS_EN.index(hour) + 1


def _spoken_time(match: re.Match[str], text: str) -> time | None:
    """Half past ten, quarter to three; “half ten” is half past ten."""
    minutes = _MINUTES[match["minute"].lower()]
    hour = _hour(match)
    if (match["side"] or "").lower() == "to":
        hour, minutes = hour - 1 or NOON, 60 - minutes
    return _of_the_day(hour, minutes, (match["half"] or "").strip().lower()[:1], text)


def _chinese_time(match: re.Match[str], text: str) -> time | None:
    hour = int(number(match["hour"]) or 0)
    quarter = {"一": 15, "三": 45}.get(match["quarter"] or "", 0)
    minute = 30 if match["half"] else quarter or int(number(match["minute"] or "0") or 0)
    return _of_the_day(hour, minute, "", text)


def _of_the_day(hour: int, minute: int, half: str, text: str) -> time | None:
    """The hour on the clock of 24: by am and pm, by the part of the day that is named, else within opening hours."""
    part = part_in(text)
    if hour > 23 or minute > 59:  # noqa: PLR2004  (of a clock)
        return None
    is_morning = half == "a" or (not half and (part == "morning" or "凌晨" in text))
    is_later = half == "p" or (not half and (part in ("afternoon", "evening") or "中午" in text))
    if hour < NOON and not is_morning and (is_later or 0 < hour < FIRST_MORNING_HOUR):
        return time(hour + NOON, minute)
    return time(0 if is_morning and half and hour == NOON else hour, minute)


# --- checking -----------------------------------------------------------------------------------------------------------


def _checked(moment: Moment, facts: Facts) -> Reading:
    """The moment, or why the bank cannot be met then, with the nearest times when it can."""
    now = _local(facts.now)
    first, last = moment.span()
    if first - now > MAX_AHEAD:
        return Unreadable("dialogue.moment_too_far", days=str(MAX_AHEAD.days))
    is_past = last <= now or moment.day < now.date()
    if is_past:
        return Unreadable("dialogue.moment_past", nearest=_nearest(now, now, facts.language))
    if not _is_open(first, last):
        return Unreadable(
            "dialogue.outside_hours",
            hours=hours_text(moment.day),
            nearest=_nearest(first, now, facts.language),
        )
    return Filled(moment.value)


def _is_open(first: datetime, last: datetime) -> bool:
    """Whether the bank is open at some time of the span, long enough to begin."""
    spans = HOURS.open_spans(first)
    opens, closes = next(spans, (None, None))
    if opens is None or closes is None:
        return False
    return opens <= last and max(opens, first) + SLOT <= closes


def _nearest(at: datetime, now: datetime, language: Language) -> str:
    """The last time before and the first after a moment at which one can be met."""
    before = _last_before(at, now)
    after = next(HOURS.open_spans(max(at, now + SLOT)))[0]
    times = [_rounded(moment) for moment in (before, after) if moment is not None]
    glue = {"en": " or ", "zh": "或"}[language]
    return glue.join(moment_text(f"{_local(t):%Y-%m-%dT%H:%M}", language) for t in times)


def _last_before(at: datetime, now: datetime) -> datetime | None:
    """The last beginning on the same day before a moment, when there is one to come."""
    midnight = datetime.combine(_local(at).date(), time(), ZoneInfo(HOURS.zone))
    spans = []
    for opens, closes in HOURS.open_spans(midnight):
        if opens >= at:
            break
        spans.append(closes - SLOT)
    return spans[-1] if spans and now < spans[-1] < at else None


def _rounded(at: datetime) -> datetime:
    """The next full half hour."""
    rest = timedelta(minutes=at.minute % 30, seconds=at.second, microseconds=at.microsecond)
    return at if not rest else at - rest + SLOT


def hours_text(day: date) -> str:
    """Opening hours of a day: 08:00–20:00."""
    shifts = HOURS.week[day.weekday()]
    return ", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in shifts)


def _is_in_hours(at: time) -> bool:
    return any(opens <= at < closes for shifts in HOURS.week for opens, closes in shifts)


def _part_named(name: str) -> Part:
    part = next((part for part in PARTS if part == name), None)
    if part is None:
        raise ValueError(f"{name!r} is no part of a day")
    return part


def _local(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(HOURS.zone))
