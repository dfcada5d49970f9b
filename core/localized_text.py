"""Text for people: a code and typed parameters, worded by a catalogue in the reader's language where it is shown.

A record stores both with the English rendering beside them, so that it stays readable when the code is retired. What a person
wrote is a text without a code and reads the same in every language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from pydantic import GetCoreSchemaHandler, JsonValue, PlainSerializer
from pydantic_core import CoreSchema, core_schema

from core.catalogue import LOCALES, has_message, template
from core.languages import LANGUAGES, Language

_PARTS = ("code", "params", "en")
SEPARATORS: dict[Language, str] = {"en": ", ", "zh": "、"}
DATE_PATTERNS: dict[Language, str] = {"en": "d MMM y", "zh": "y年M月d日"}
TIME_PATTERNS: dict[Language, str] = {"en": "d MMM y HH:mm", "zh": "y年M月d日 HH:mm"}


@dataclass(frozen=True, init=False, eq=False)
class LocalizedText:
    """A message of the catalogue with its parameters; `code` None marks free text, which is `en` in every language.

    A parameter named `count` chooses the plural form. Numbers are formatted for the reader, so an identifier is passed as str;
    names of ours (states, queues, kinds) are passed as `term(...)`.
    """

    code: str | None
    params: Mapping[str, Param] = field(default_factory=dict)
    en: str = ""

    def __init__(self, code: str, /, **params: Param | Iterable[Param]) -> None:
        fixed = {key: _fixed(value) for key, value in params.items()}
        self._set(code, fixed, _render(code, fixed, "en") or code)

    @classmethod
    def free(cls, text: str) -> LocalizedText:
        """What a person wrote, or another system said."""
        made = cls.__new__(cls)
        made._set(None, {}, text)
        return made

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> LocalizedText:
        """A text as `as_json` stored it."""
        made = cls.__new__(cls)
        params = {key: _decoded(value) for key, value in (stored.get("params") or {}).items()}
        made._set(stored.get("code"), params, str(stored.get("en", "")))
        return made

    def as_json(self) -> dict[str, Any]:
        """As a JSON column stores it: code, parameters with their types, English rendering."""
        params = {key: _encoded(value) for key, value in self.params.items()}
        return {"code": self.code, "params": params, "en": self.en}

    def __str__(self) -> str:
        return self.en

    def __eq__(self, other: object) -> bool:
        """Texts are equal by what they say, not by the English of their time."""
        return isinstance(other, LocalizedText) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash((self.code, self.en if self.code is None else ""))

    def _identity(self) -> tuple[str | None, Mapping[str, Param], str]:
        return self.code, self.params, self.en if self.code is None else ""

    def _set(self, code: str | None, params: Mapping[str, Param], en: str) -> None:
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "params", params)
        object.__setattr__(self, "en", en)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        stored = core_schema.no_info_after_validator_function(
            cls.from_json, core_schema.dict_schema(core_schema.str_schema())
        )
        return core_schema.union_schema(
            [core_schema.is_instance_schema(cls), stored],
            serialization=core_schema.plain_serializer_function_ser_schema(
                cls.as_json, return_schema=core_schema.dict_schema(core_schema.str_schema())
            ),
        )


Param = str | int | float | Decimal | date | datetime | LocalizedText | tuple["Param", ...]


def translate(text: LocalizedText, language: Language) -> str:
    """The text in a language; what was stored in English when the catalogue no longer has the code."""
    if text.code is None:
        return text.en
    return _render(text.code, text.params, language) or text.en


def term_in_each(group: str, value: str) -> dict[Language, str]:
    """What a value of ours is called, by language."""
    return {language: term_in(group, value, language) for language in LANGUAGES}


# Who reads the answer that is being made; set at the edge of each request.
_reader: ContextVar[Language] = ContextVar("reader_language", default="en")


def set_reader_language(language: Language) -> None:
    """What follows in this request is read in this language."""
    _reader.set(language)


def reader_language() -> Language:
    """The language of who reads the answer that is being made."""
    return _reader.get()


def for_reader(text: LocalizedText) -> str:
    """The text in the language of who reads the answer that is being made."""
    return translate(text, _reader.get())


# A text in an answer: it is worded for the reader when the answer is written.
ShownText = Annotated[LocalizedText, PlainSerializer(for_reader, return_type=str)]


def words_in(stored: Any) -> Any:
    """JSON of a record with each text that it holds worded for the reader."""
    match stored:
        case {"code": _, "params": _, "en": str()} if len(stored) == len(_PARTS):
            return for_reader(LocalizedText.from_json(stored))
        case dict():
            return {key: words_in(value) for key, value in stored.items()}
        case list():
            return [words_in(value) for value in stored]
    return stored


# JSON of a record in an answer: its texts are worded for the reader when the answer is written.
ShownJson = Annotated[
    dict[str, JsonValue], PlainSerializer(words_in, return_type=dict[str, JsonValue])
]


def sentences(texts: Iterable[LocalizedText]) -> LocalizedText:
    """Several sentences, one after the other, as one text."""
    joined, *rest = texts
    for following in rest:
        joined = LocalizedText("text.sentences", first=joined, following=following)
    return joined


def term(group: str, value: str) -> LocalizedText:
    """What a value of ours is called (`term("ticket_state", "open")`); the value itself when the catalogue has no name for it."""
    code = f"{group}.{value}"
    return LocalizedText(code) if has_message(code) else LocalizedText.free(value)


def terms(group: str, values: Iterable[str]) -> tuple[LocalizedText, ...]:
    """What several values of ours are called."""
    return tuple(term(group, value) for value in values)


def term_in(group: str, value: str, language: Language) -> str:
    """What a value of ours is called in a language."""
    return translate(term(group, value), language)


def _render(code: str, params: Mapping[str, Param], language: Language) -> str | None:
    count = params.get("count")
    wording = template(code, language, count if isinstance(count, int) else 1)
    if wording is None:
        return None
    return wording.format(**{key: shown(value, language) for key, value in params.items()})


def shown(value: Param, language: Language) -> str:
    """A parameter as a reader of the language expects it."""
    match value:
        case LocalizedText():
            return translate(value, language)
        case tuple():
            return SEPARATORS[language].join(shown(one, language) for one in value)
        case datetime():
            return format_datetime(value, TIME_PATTERNS[language], locale=LOCALES[language])
        case date():
            return format_date(value, DATE_PATTERNS[language], locale=LOCALES[language])
        case int() | float() | Decimal():
            return format_decimal(value, locale=LOCALES[language], decimal_quantization=False)
    return value


def _fixed(value: Param | Iterable[Param]) -> Param:
    if isinstance(value, str | int | float | Decimal | date | LocalizedText):
        return value
    return tuple(_fixed(one) for one in value)


def _encoded(value: Param) -> Any:
    match value:
        case LocalizedText():
            return value.as_json()
        case tuple():
            return [_encoded(one) for one in value]
        case datetime():
            return {"time": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case Decimal():
            return {"decimal": str(value)}
    return value


def _decoded(stored: Any) -> Param:
    match stored:
        case {"time": str(moment)}:
            return datetime.fromisoformat(moment)
        case {"date": str(day)}:
            return date.fromisoformat(day)
        case {"decimal": str(number)}:
            return Decimal(number)
        case {"code": _, "en": str()}:
            return LocalizedText.from_json(stored)
        case list():
            return tuple(_decoded(one) for one in stored)
        case str() | int() | float():
            return stored
    raise TypeError(f"{stored!r} is no parameter of a text")
