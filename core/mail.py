"""Mail leaves here: SMTP with time limits, TLS where the server has it, an address or two checked by the library."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from core.clock import utc_now
from core.errors import SetupError

TIMEOUT_S = 20.0
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over: smtp:// (STARTTLS when offered) or smtps://, with user and password where needed."""

    host: str
    port: int
    tls: bool
    user: str | None
    password: str | None
    sender: str

    @classmethod
    def from_url(cls, url: str, sender: str) -> MailServer:
        """From SMTP_URL; SetupError when it is none."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise SetupError("SMTP_URL must be smtp://user:password@host:587 or smtps://host:465.")
        tls = parts.scheme == "smtps"
        user, password = (unquote(x) if x else None for x in (parts.username, parts.password))
        return cls(parts.hostname, parts.port or (465 if tls else 587), tls, user, password, sender)

    async def send(self, to: str, subject: str, body: str, message_id: str) -> bool:
        """Hand a mail over; whether the server took it."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, to, subject
        message["Message-ID"], message["Date"] = message_id, format_datetime(utc_now())
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation answers, please
        message.set_content(body)
        try:
            await aiosmtplib.send(
                message,
                hostname=self.host,
                port=self.port,
                use_tls=self.tls,
                username=self.user,
                password=self.password,
                timeout=TIMEOUT_S,
            )
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            log.warning("mail.failed", reason=type(error).__name__)
            return False
        return True
