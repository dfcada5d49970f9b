"""Contact details of visitors: recognised, checked and normalised, so that they can be compared later."""

from __future__ import annotations

import re

import phonenumbers
from email_validator import EmailNotValidError, validate_email

REGIONS = ("GB", "CN", "DE", "US")  # where a number without a country code may come from
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)


def find_contact(text: str) -> str | None:
    """The first email address (lower case) or phone number (E.164) in a text, or None."""
    if email_match := _EMAIL.search(text):
        try:
            return str(
                validate_email(email_match.group(), check_deliverability=False).normalized
            ).lower()
        except EmailNotValidError:
            return None
    for region in REGIONS:
        for match in phonenumbers.PhoneNumberMatcher(text, region):
            return str(
                phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
            )
    return None
