"""The message catalogues: gettext files in `locale/`, one folder a language, compiled in memory when they are first read.

Message ids are codes; the English wording is a catalogue like any other. Nothing is compiled ahead, so that what is served
cannot differ from what was reviewed.
"""

from __future__ import annotations

from functools import lru_cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale, negotiate_locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from core.languages import LANGUAGES, Language

FOLDER = Path(__file__).parents[1] / "locale"
DOMAIN = "assistant"
LOCALES: dict[Language, Locale] = {
    "en": Locale("en", "GB"),
    "zh": Locale("zh", "CN", script="Hans"),
}


def catalogue_path(language: Language) -> Path:
    """The gettext source of a language."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read_catalogue(language: Language) -> Catalog:
    """The catalogue of a language as Babel reads it, for tools and checks."""
    with catalogue_path(language).open("rb") as source:
        return read_po(source, locale=language, domain=DOMAIN)


@lru_cache
def translations(language: Language) -> GNUTranslations:
    """The compiled messages of a language."""
    compiled = BytesIO()
    write_mo(compiled, read_catalogue(language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def has_message(code: str, language: Language = "en") -> bool:
    """Whether the catalogue of a language words this code."""
    return template(code, language) is not None


def template(code: str, language: Language, count: int = 1) -> str | None:
    """The wording of a code with its placeholders, in the plural form of `count`; None when the catalogue has none."""
    messages = translations(language)
    text = messages.ngettext(code, "", count)
    if text in ("", code):
        text = messages.gettext(code)
    return None if text == code else text


def negotiate(accepted: str | None) -> Language:
    """The language for an Accept-Language header (RFC 9110, with its weights); English when it names none of ours."""
    weighted = [_weighted(part) for part in (accepted or "").split(",")]
    preferred = [
        tag for weight, tag in sorted(weighted, key=lambda one: -one[0]) if weight > 0 and tag
    ]
    name = negotiate_locale(preferred, LANGUAGES, sep="-")
    return next((language for language in LANGUAGES if language == name), "en")


def _weighted(part: str) -> tuple[float, str]:
    tag, _, weight = part.partition(";q=")
    try:
        return float(weight or 1), tag.strip()
    except ValueError:
        return 0.0, ""
