"""Errors that callers can act on. Each knows its HTTP status and says what to do; the API turns them into problem documents.

An error carries a code of the message catalogue with its parameters; the code stands in the problem document as `code`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.localized_text import LocalizedText, Param, term


class SetupError(Exception):
    """The installation cannot start; the message is one sentence that says what to do. Exit code 2."""


class InvalidValue(ValueError):
    """A value that a model's validator refuses; `text` says why."""

    def __init__(self, code: str, /, **params: Param | Iterable[Param]) -> None:
        self.text = LocalizedText(code, **params)
        super().__init__(self.text.en)


class CodedError(Exception):
    """An error with a code of the message catalogue; `text` says what is wrong."""

    def __init__(self, code: str | LocalizedText, /, **params: Param | Iterable[Param]) -> None:
        self.text = code if isinstance(code, LocalizedText) else LocalizedText(code, **params)
        super().__init__(self.text.en)


class DomainError(CodedError):
    """Something the caller asked for cannot be done."""

    status = 400
    title = "Bad request"

    def __init__(
        self,
        code: str | LocalizedText,
        /,
        *,
        errors: Sequence[tuple[str, LocalizedText]] = (),
        **params: Param | Iterable[Param],
    ) -> None:
        super().__init__(code, **params)
        self.errors = list(errors)
        self.headers: dict[str, str] = {}

    @property
    def detail(self) -> str:
        """What went wrong, in English, for logs and the console."""
        return self.text.en


class NotAuthenticated(DomainError):
    """No good credential."""

    status, title = 401, "Not authenticated"

    def __init__(self, code: str = "auth.required", /) -> None:
        super().__init__(code)
        self.headers = {"WWW-Authenticate": "Bearer"}


class NotAllowed(DomainError):
    """The role may see the thing but not do this to it."""

    status, title = 403, "Not allowed"


class NotFound(DomainError):
    """It does not exist, or the caller may not know that it does."""

    status, title = 404, "Not found"

    def __init__(self, thing: str, /) -> None:
        super().__init__("not_found", thing=term("thing", thing))


class Conflict(DomainError):
    """The step is not possible in the present state; the detail says which are."""

    status, title = 409, "Refused"


class PreconditionFailed(DomainError):
    """The caller's version is not the current one."""

    status, title = 412, "Changed meanwhile"

    def __init__(self, current: int) -> None:
        super().__init__("version.conflict", version=str(current))


class Invalid(DomainError):
    """A value is not valid; `errors` names the fields."""

    status, title = 422, "Not valid"

    @classmethod
    def field(
        cls, field: str, code: str | LocalizedText, /, **params: Param | Iterable[Param]
    ) -> Invalid:
        """One field that is not valid."""
        text = code if isinstance(code, LocalizedText) else LocalizedText(code, **params)
        return cls(text, errors=[(field, text)])


class VersionRequired(DomainError):
    """A change came without If-Match."""

    status, title = 428, "Version required"

    def __init__(self) -> None:
        super().__init__("version.required")


class RateLimited(DomainError):
    """A rate limit was reached."""

    status, title = 429, "Too many requests"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__("rate_limited", count=retry_after_s)
        self.headers = {"Retry-After": str(retry_after_s)}


class Unavailable(DomainError):
    """A part that this needs is down."""

    status, title = 503, "Unavailable"
