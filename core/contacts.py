"""Contact details of visitors: recognised, checked and normalised, so that they can be compared later."""

from __future__ import annotations

import re
from itertools import islice

import phonenumbers
from email_validator import EmailNotValidError, validate_email

REGIONS = ("GB", "CN", "DE", "US")  # where a number without a country code may come from
# RFC 5321 section 4.5.3.1: 64 characters before the sign, 255 behind it. An address begins where a word does, so that a text
# without one is walked through once.
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", re.ASCII)
MAX_SEARCHED = 10_000  # characters in which a contact is looked for: those of one message
# Where a phone number may stand, with room for its separators; a letter beside it means that it is none.
_LOOKS_LIKE_PHONE = re.compile(r"[+＋(（\d][\d\s()（）./+＋·–－-]{4,38}\d")
# Chinese numbering has room for other countries' numbers: without a country code only a mobile number, or Chinese text, is Chinese.
_MAY_BE_CHINESE = re.compile(
    r"[\u3400-\u9fff]|(?<!\d)1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)|\+|(?<!\d)00"
)
CONTEXT = 2  # characters on either side that the matcher looks at
MAX_CANDIDATES, MAX_TRIES = 8, 4


def find_contact(text: str) -> str | None:
    """The first email address (lower case) or phone number (E.164) in the first MAX_SEARCHED characters, or None."""
    text = text[:MAX_SEARCHED]
    if email_match := _EMAIL.search(text):
        try:
            return str(
                validate_email(email_match.group(), check_deliverability=False).normalized
            ).lower()
        except EmailNotValidError:
            return None
    return _phone_in(text)


def _phone_in(text: str) -> str | None:
    """The first number that is valid somewhere; only where a text looks like one, since looking is slow."""
    windows = [
        text[max(0, look.start() - CONTEXT) : look.end() + CONTEXT]
        for look in islice(_LOOKS_LIKE_PHONE.finditer(text), MAX_CANDIDATES)
    ]
    for region in REGIONS:
        for window in windows:
            if region == "CN" and not _MAY_BE_CHINESE.search(window):
                continue
            for match in phonenumbers.PhoneNumberMatcher(window, region, max_tries=MAX_TRIES):
                return str(
                    phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
                )
    return None
