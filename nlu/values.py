"""What the words of an entity are worth: sums in decimals and ISO 4217, dates and spans as ISO 8601, terms in months.

Rasa's component finds where entities stand; numbers, calendars and the present belong here. Number words are read by
text2num and cn2an, dates by dateparser; ours is what people at a bank mean by them.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import cn2an
import dateparser
from dateutil.relativedelta import relativedelta
from text_to_num import alpha2digit

from nlu.components.entity_patterns import find

COMING_DAYS = 31  # a day or month without a year is the last one that was, unless one comes within so many days
MAX_READ = 400  # characters in which a value is looked for; what stands for one is a few words
MAX_VALUE = Decimal(10) ** 15  # what no bank's books come near
_CENT = Decimal("0.01")
_SCALES = {
    "k": 10**3,
    "thousand": 10**3,
    "m": 10**6,
    "mn": 10**6,
    "million": 10**6,
    "bn": 10**9,
    "billion": 10**9,
}
_CURRENCIES = (
    ("HKD", r"hkd|hong\s?kong|港币|港元"),
    ("CHF", r"chf|franc|法郎|瑞郎"),
    ("JPY", r"jpy|\byen\b|日元"),
    ("EUR", r"€|eur|欧元"),
    ("USD", r"\$|usd|dollar|bucks?|美元|美金"),
    ("GBP", r"£|gbp|pound|quid|英镑"),
    ("CNY", r"¥|￥|cny|rmb|yuan|renminbi|人民币|元|块"),
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_HAN_SUM = re.compile(r"[\d,.零〇一二两三四五六七八九十百千万亿点]+")


def value_of(entity: dict[str, Any], now: datetime) -> Any:
    """The normalised value of an entity that Rasa found; its text where nothing better is known."""
    reader = _READERS.get(entity["entity"])
    text = str(entity.get("text") or entity.get("value") or "")
    return reader(text, now) if reader else entity.get("value") or text


def entities_in(text: str, now: datetime) -> list[dict[str, Any]]:
    """The entities that the patterns find in a text, with their values, as `with_values` has them."""
    raw = [
        {
            "entity": found.entity,
            "value": found.value or text[found.start : found.end],
            "start": found.start,
            "end": found.end,
        }
        for found in find(text)
    ]
    return with_values(raw, text, now)


def with_values(entities: list[dict[str, Any]], text: str, now: datetime) -> list[dict[str, Any]]:
    """Entities as the contract writes them; those whose words turn out to mean nothing are left out."""
    valued = []
    for entity in entities:
        words = text[entity["start"] : entity["end"]]
        value = value_of({**entity, "text": words}, now)
        if (
            entity["entity"] == "date"
            and value
            and _LOOKS_AHEAD.search(text[max(0, entity["start"] - MAX_READ) : entity["start"]])
        ):
            value = _coming_day(value, words, now.date())
        if value is not None:
            valued.append(
                {
                    "entity": entity["entity"],
                    "value": value,
                    "text": words,
                    "start": entity["start"],
                    "end": entity["end"],
                }
            )
    return valued


# What is said before a weekday when the coming one is meant.
_LOOKS_AHEAD = re.compile(
    r"\b(?:by|until|till|before|due|from|starting(?:\s+from)?|effective|as\s+of)\s+(?:on\s+)?(?:next\s+)?$|\b(?:book|appointment|meet|meeting|call\s+me|ring\s+me|visit|remind)\b|预约|约|回电|"
    r"回访|见面|之前|最晚",
    re.IGNORECASE,
)


def _coming_day(value: str, words: str, today: date) -> str:
    """A weekday without another word is the coming one; other dates stay what they are."""
    bare = re.fullmatch(r"\w+day", words.strip(), re.IGNORECASE)
    return coming(date.fromisoformat(value), today).isoformat() if bare else value


def money(text: str, now: datetime | None = None) -> dict[str, str | None] | None:
    """Amount (a decimal string with two places) and currency; the currency is None when it was not said."""
    amount = number(text)
    if amount is None:
        return None
    named = next(
        (code for code, words in _CURRENCIES if re.search(words, text, re.IGNORECASE)), None
    )
    return {"amount": str(amount.quantize(_CENT)), "currency": named}


def number(text: str) -> Decimal | None:
    """The number that a text writes in digits or words of either language, without its currency."""
    text = text[:MAX_READ]
    try:
        value = _han_number(text) if _HAN.search(text) else _english_number(text)
    except (InvalidOperation, ValueError):
        return None
    return value if value is not None and value <= MAX_VALUE else None


def _han_number(text: str) -> Decimal | None:
    if text.startswith("半"):
        return Decimal("0.5")
    match = _HAN_SUM.search(text)
    return Decimal(str(cn2an.cn2an(match.group().replace(",", ""), "smart"))) if match else None


def _english_number(text: str) -> Decimal | None:
    words = re.sub(
        r"(?<=\d)\s*(?:grand|thousand)\b", "k", text.lower().replace("grand", "thousand")
    )
    words = re.sub(r"\band\s+a\s+half\b", "point five", words)
    words = re.sub(r"\bhalf\s+an?\b", "0.5", words)
    words = re.sub(r"\ban?\b(?=\s+\w)", "one", words)
    words = _ALONE.get(words, words)
    plain = alpha2digit(words, "en")
    if scaled := _SCALED.search(plain):
        return Decimal(scaled.group(1)) * Decimal(10) ** len(scaled.group(2))
    match = _IN_DIGITS.search(plain)
    return (
        _digits(match.group(1).strip()) * Decimal(_SCALES.get(match.group(2), 1)) if match else None
    )


_SCALED = re.compile(
    r"\b(\d+\.\d+)\s+1(0{2,9})\b"
)  # half a million, which text2num leaves as 0.5 1000000
_IN_DIGITS = re.compile(
    r"(\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?(?!\d)|\d[\d,’' ]*(?:[.,]\d{1,2})?)\s*(k|m|mn|million|bn|billion|thousand)?\b"
)
_CONTINENTAL = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?")  # 1.500,00
_ALONE = {"one": "1", "two": "2"}  # which text2num leaves in words when nothing follows


def _digits(text: str) -> Decimal:
    """Thousands apart by comma, point, apostrophe or space; decimals behind a point, or behind a comma with two digits."""
    text = re.sub(r"[’' ]", "", text)
    if _CONTINENTAL.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    if re.search(r",\d{1,2}$", text) and "." not in text:
        text = re.sub(r",(?=\d{1,2}$)", ".", text)
    return Decimal(text.replace(",", ""))


def day_or_span(text: str, now: datetime) -> str | None:
    """A day, or the first and last day of a week, month or year, joined by a slash (ISO 8601)."""
    spoken = text[:MAX_READ].strip().lower()
    days = (
        _chinese_date(spoken, now.date())
        if _HAN.search(spoken)
        else _english_date(spoken, now.date())
    )
    if days is None:
        return None
    first, last = days
    return first.isoformat() if first == last else f"{first.isoformat()}/{last.isoformat()}"


def months(text: str, now: datetime | None = None) -> int | None:
    """A term in months."""
    count = number(re.sub(r"months?|years?|个月|年|期|-", " ", text))
    if count is None:
        return None
    return int(count * (12 if re.search(r"year|年", text) else 1)) or None


def reference(text: str, now: datetime | None = None) -> str:
    """A ticket's reference in its one spelling."""
    return f"T-{re.sub(r'[^0-9]', '', text)}"


def last_four(text: str, now: datetime | None = None) -> str:
    """The last four digits: a whole card number goes no further than this."""
    return re.sub(r"\D", "", text)[-4:]


def account(text: str, now: datetime | None = None) -> str:
    """An IBAN without spaces, or the last digits of an account."""
    joined = re.sub(r"[\s*-]", "", text).upper()
    return joined if joined[:2].isalpha() else joined[-4:]


Days = tuple[date, date]
_STEP = {"last": -1, "past": -1, "this": 0, "next": 1}
_DAYS_EN = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _english_date(text: str, today: date) -> Days | None:
    for pattern, days in _ENGLISH:
        if matched := pattern.match(text):
            return days(matched, today)
    return _named_date(text, today)


def _named_date(text: str, today: date) -> Days | None:
    """A date with its month in words or figures, or yesterday and the like (dateparser)."""
    year_said = bool(re.search(r"\d{4}|\d[/.]\d{1,2}[/.]\d{2}\b", text))
    day_said = bool(re.search(r"\d{1,2}(?!\d)", re.sub(r"\d{4}", "", text))) or not re.search(
        r"[a-z]{3}", text
    )
    start = datetime(today.year, today.month, today.day)  # noqa: DTZ001  (a calendar day, without a zone)
    settings = {"RELATIVE_BASE": start, "DATE_ORDER": "DMY", "PREFER_DAY_OF_MONTH": "first"}
    cleaned = re.sub(
        r"\b(?:the|of)\b|tonight", lambda m: "today" if m.group() == "tonight" else " ", text
    )
    parsed = dateparser.parse(" ".join(cleaned.split()), languages=["en"], settings=settings)
    if parsed is None:
        return None
    named = parsed.date()
    if text in ("today", "tonight", "yesterday", "tomorrow"):
        return _one(named)
    if day_said:
        return _one(named if year_said else _nearest_year(named, today))
    return _month_of(named if year_said else _nearest_year(named, today))


def _chinese_date(text: str, today: date) -> Days | None:
    if text in _NEAR_ZH:
        return _one(today + timedelta(days=_NEAR_ZH[text]))
    for pattern, days in _CHINESE:
        if match := pattern.fullmatch(text):
            return days(match, today)
    return None


_STEP_ZH = {"上上": -2, "上": -1, "这": 0, "本": 0, "当": 0, "下": 1, "下下": 2}
_NEAR_ZH = {
    "大前天": -3,
    "前天": -2,
    "昨天": -1,
    "昨日": -1,
    "昨晚": -1,
    "今天": 0,
    "今日": 0,
    "今晚": 0,
    "明天": 1,
    "明日": 1,
    "明晚": 1,
    "后天": 2,
    "大后天": 3,
}


def _written_chinese(match: re.Match[str], today: date) -> Days | None:
    """A date with its year, month or day in figures or words; what is left open is the whole year or month."""
    year_text, month, day = match.groups()
    year = (
        today.year + _YEARS_ZH[year_text]
        if year_text in _YEARS_ZH
        else int(year_text[:-1])
        if year_text
        else None
    )
    if month is None:
        return (date(year, 1, 1), date(year, 12, 31)) if year else None
    try:
        first = date(
            year or today.year, int(number(month) or 0), int(number(day) or 0) if day else 1
        )
    except ValueError:
        return None
    first = first if year else _nearest_year(first, today)
    return _one(first) if day else _month_of(first)


_NUMBER_ZH = r"[零〇一二三四五六七八九十\d]{1,3}"
_WRITTEN_ZH = re.compile(
    rf"(去年|今年|明年|前年|\d{{4}}年)?(?:({_NUMBER_ZH})月份?(?:({_NUMBER_ZH})[号日]?)?)?"
)
_UNITS_ZH = {"天": "day", "周": "week", "年": "year", "个月": "month"}
_YEARS_ZH = {"前年": -2, "去年": -1, "今年": 0, "明年": 1}


def _chinese_month(step: int, day: str | None, today: date) -> Days | None:
    month = _month_of(today + relativedelta(months=step))
    if day is None:
        return month
    last_day = int(number(day) or 0)
    return _one(month[0].replace(day=last_day)) if 1 <= last_day <= month[1].day else None


def _chinese_week(step: int, weekday: str | None, today: date) -> Days:
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
    if weekday is None:
        return monday, monday + timedelta(days=6)
    if weekday == "末":
        return monday + timedelta(days=5), monday + timedelta(days=6)
    return _one(monday + timedelta(days="一二三四五六日".index(weekday.replace("天", "日"))))


def _span(unit: str, step: int, today: date) -> Days:
    """The whole week, weekend, month, quarter or year, `step` of them from the present one."""
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
    match unit:
        case "week":
            return monday, monday + timedelta(days=6)
        case "weekend":
            return monday + timedelta(days=5), monday + timedelta(days=6)
        case "month":
            return _month_of(today + relativedelta(months=step))
        case "quarter":
            first = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1) + relativedelta(
                months=3 * step
            )
            return first, first + relativedelta(months=3) - timedelta(days=1)
    return date(today.year + step, 1, 1), date(today.year + step, 12, 31)


def _weekday(target: int, which: str | None, today: date) -> Days:
    """The day of the week: the one that was last, the one of this week, or of the next.

    Without a word before it, the last one: customers speak of what happened. Callers who ask about the future
    (appointments) move it on with `coming`.
    """
    back = (today.weekday() - target) % 7 or 7
    monday = today - timedelta(days=today.weekday())
    match which:
        case "next":
            return _one(monday + timedelta(weeks=1, days=target))
        case "this":
            return _one(monday + timedelta(days=target))
    return _one(today - timedelta(days=back))


def coming(day: date, today: date) -> date:
    """The same weekday, not before today."""
    return day if day >= today else day + timedelta(weeks=-(-(today - day).days // 7))


def _moved(count: str, unit: str, direction: int, today: date) -> Days | None:
    amount = 2 if count == "a couple of" else 1 if count in ("a", "an") else number(count)
    if amount is None:
        return None
    if count == "半":
        return _one(today + direction * relativedelta(months=6))
    step = {f"{unit}s": int(amount)}
    return _one(today + direction * relativedelta(**step))


def _day_of_month(day: int, today: date) -> Days | None:
    """The last one that was, in this month or before, unless it comes within COMING_DAYS in this month."""
    if not 1 <= day <= calendar.monthrange(today.year, today.month)[1]:
        return None
    return _one(today.replace(day=day))


def _nearest_year(day: date, today: date) -> date:
    this_year: date = day + relativedelta(year=today.year)
    return (
        this_year
        if this_year <= today + timedelta(days=COMING_DAYS)
        else this_year - relativedelta(years=1)
    )


def _month_of(day: date) -> Days:
    return day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _one(day: date) -> Days:
    return day, day


# How dates are said, and the days they mean.
Reading = tuple[re.Pattern[str], Callable[[re.Match[str], date], Days | None]]
_ENGLISH: tuple[Reading, ...] = (
    (
        re.compile(r"(last|past|this|next)\s+(week|month|year|quarter|weekend)$"),
        lambda m, today: _span(m[2], _STEP[m[1]], today),
    ),
    (
        re.compile(r"(?:(last|past|this|next)\s+)?((?:mon|tues|wednes|thurs|fri|satur|sun)day)$"),
        lambda m, today: _weekday(_DAYS_EN.index(m[2]), m[1], today),
    ),
    (
        re.compile(r"the\s+(\d{1,2})(?:st|nd|rd|th)$"),
        lambda m, today: _day_of_month(int(m[1]), today),
    ),
    (
        re.compile(r"(.+?)\s+(day|week|month|year)s?\s+ago$"),
        lambda m, today: _moved(m[1], m[2], -1, today),
    ),
    (
        re.compile(r"in\s+(.+?)\s+(day|week)s?(?:\s+time)?$"),
        lambda m, today: _moved(m[1], m[2], 1, today),
    ),
    (
        re.compile(r"(?:the\s+)?day\s+before\s+yesterday"),
        lambda m, today: _one(today - timedelta(days=2)),
    ),
    (
        re.compile(r"(?:the\s+)?day\s+after\s+tomorrow"),
        lambda m, today: _one(today + timedelta(days=2)),
    ),
)
_CHINESE: tuple[Reading, ...] = (
    (
        re.compile(r"(上上|上|这|本|当|下下|下)个?月(?:(.{1,3})[号日])?"),
        lambda m, today: _chinese_month(_STEP_ZH[m[1]], m[2], today),
    ),
    (
        re.compile(r"(上上|上|这|本|下下|下)个?(?:周|星期|礼拜)([一二三四五六日天末])?"),
        lambda m, today: _chinese_week(_STEP_ZH[m[1]], m[2], today),
    ),
    (
        re.compile(r"(.+?)(天|个?星期|周|个月|年)(?:之|以)?(前|后)"),
        lambda m, today: _moved(
            m[1], _UNITS_ZH.get(m[2], "week"), -1 if m[3] == "前" else 1, today
        ),
    ),
    (
        re.compile(r"(\d{1,2}|[一二三四五六七八九十]{1,3})[号日]"),
        lambda m, today: _day_of_month(int(number(m[1]) or 0), today),
    ),
    (_WRITTEN_ZH, _written_chinese),
)
_READERS: dict[str, Callable[[str, datetime], Any]] = {
    "amount": money,
    "date": day_or_span,
    "horizon": months,
    "ticket_reference": reference,
    "card": last_four,
    "account": account,
}
