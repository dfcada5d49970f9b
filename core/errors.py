"""Errors that callers can act on. Each knows its HTTP status and says what to do; the API turns them into problem documents."""

from __future__ import annotations

from collections.abc import Sequence


class SetupError(Exception):
    """The installation cannot start; the message is one sentence that says what to do. Exit code 2."""


class DomainError(Exception):
    """Something the caller asked for cannot be done."""

    status = 400
    title = "Bad request"

    def __init__(self, detail: str, *, errors: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = list(errors)
        self.headers: dict[str, str] = {}


class NotAuthenticated(DomainError):
    """No good credential."""

    status, title = 401, "Not authenticated"

    def __init__(
        self, detail: str = "Sign in, or send a valid token in the Authorization header."
    ) -> None:
        super().__init__(detail)
        self.headers = {"WWW-Authenticate": "Bearer"}


class NotAllowed(DomainError):
    """The role may see the thing but not do this to it."""

    status, title = 403, "Not allowed"


class NotFound(DomainError):
    """It does not exist, or the caller may not know that it does."""

    status, title = 404, "Not found"

    def __init__(self, what: str) -> None:
        super().__init__(f"There is no such {what} that you may see.")


class Conflict(DomainError):
    """The step is not possible in the present state; the detail says which are."""

    status, title = 409, "Refused"


class PreconditionFailed(DomainError):
    """The caller's version is not the current one."""

    status, title = 412, "Changed meanwhile"

    def __init__(self, current: int) -> None:
        super().__init__(
            f"It was changed meanwhile: the current version is {current}. Read it again and repeat."
        )


class Invalid(DomainError):
    """A value is not valid; `errors` names the fields."""

    status, title = 422, "Not valid"

    @classmethod
    def field(cls, field: str, message: str) -> Invalid:
        """One field that is not valid."""
        return cls(message, errors=[(field, message)])


class VersionRequired(DomainError):
    """A change came without If-Match."""

    status, title = 428, "Version required"

    def __init__(self) -> None:
        super().__init__("Send the version you read in the If-Match header.")


class RateLimited(DomainError):
    """A rate limit was reached."""

    status, title = 429, "Too many requests"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"Too many requests: try again in {retry_after_s} seconds.")
        self.headers = {"Retry-After": str(retry_after_s)}


class Unavailable(DomainError):
    """A part that this needs is down."""

    status, title = 503, "Unavailable"
