"""Configuration: one class, read once from the environment or `.env`, passed down. Nothing else reads the environment."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.clock import Clock
from core.secrets import Secrets, load_secrets

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = ("localhost", "127.0.0.1", "::1")
# Ofcom keeps 020 7946 0000 to 0999 free for fiction.
DEMONSTRATION_PHONE = "+44 20 7946 0911"


class Settings(BaseSettings):
    """Every setting with its default; names are upper case in the environment."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    demonstration: bool = Field(
        False,
        description="Load the demonstration bank into an empty database; refused on any other but its own.",
    )
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    public_url: str | None = Field(
        None, description="Address that customers see; defaults to http://host:port."
    )
    var_dir: Path = ROOT / "var"

    database_url: str | None = Field(
        None, description="PostgreSQL 15+; the embedded server when absent."
    )
    database_pool: int = Field(20, ge=1, le=90)

    rasa_url: str | None = Field(
        None, description="A running Rasa, or several apart by spaces; one is started when absent."
    )
    rasa_processes: int = Field(1, ge=1, le=16, description="Rasa processes to start.")
    rasa_python: Path = ROOT / ".venv-rasa" / "bin" / "python"
    rasa_timeout_s: float = Field(5.0, gt=0)

    encoder_model: str = Field(
        "bundled", description="`bundled`, or a sentence-transformers folder on this machine."
    )
    encoder_threads: int = Field(1, ge=1)
    vector_engine: Literal["faiss", "pgvector"] = Field(
        "faiss", description="Who searches vectors: FAISS in memory, or PostgreSQL."
    )
    reranker_model: Path | None = Field(
        None, description="Folder of a cross-encoder that orders the first articles."
    )
    llm_url: str | None = Field(
        None, description="OpenAI-compatible address, with /v1, of a model that words answers."
    )
    llm_model: str = Field("", description="Its name there.")
    llm_key: SecretStr | None = None
    llm_timeout_s: float = Field(
        3.0, gt=0, description="Inside the dialogue's limit; then the quotation is the answer."
    )
    answer_threshold: float = Field(
        0.5, ge=0, le=1, description="Calibrated confidence below which we abstain."
    )

    import_hosts: list[str] = Field(
        default_factory=list,
        description="Hosts that articles are imported from; `*.bank.example` for all below.",
    )
    import_private_hosts: bool = Field(
        False, description="Allow imports from private addresses (tests)."
    )
    max_import_bytes: int = Field(50_000_000, description="Size of an uploaded or fetched file.")

    source_folder: Path | None = Field(
        None,
        description="Below it lie the folders of file sources; `sources` in the state folder when absent.",
    )
    source_hosts: list[str] = Field(
        default_factory=list, description="Hosts that REST sources are read from."
    )
    source_tokens: dict[str, SecretStr] = Field(
        default_factory=dict, description="Bearer tokens of REST sources, by code."
    )

    core_banking_url: str | None = Field(
        None,
        description="https:// address of the core banking system; cards are blocked in a simulator when absent.",
    )
    core_banking_token: SecretStr | None = Field(None, description="Bearer token for it.")
    core_banking_timeout_s: float = Field(5.0, gt=0, description="Limit of one try.")
    core_banking_ca: Path | None = Field(
        None, description="Certificates to trust there instead of the system's."
    )
    emergency_phone: str | None = Field(
        None, description="Number that customers call when a card could not be blocked."
    )

    smtp_url: SecretStr | None = Field(
        None, description="smtp:// or smtps:// address that mails to customers go to."
    )
    mail_from: str = Field("service@bank.example", description="Sender of mails to customers.")
    clamd_url: str | None = Field(
        None, description="tcp://host:3310 of a clamd that scans attachments."
    )
    max_attachment_bytes: int = Field(10_000_000, description="Size of one attachment of a ticket.")

    clock: str | None = Field(
        None,
        description="For tests: a time where the clock starts, `=` and a time where it stands still, "
        "or `+` or `-` and the seconds it is ahead or behind.",
    )
    worker_in_api: bool = Field(True, description="Run background jobs inside the API process.")
    rate_limit_storage: str = Field(
        "async+memory://", description="Storage of the `limits` library."
    )
    messages_per_minute: int = 30
    conversations_per_minute: int = 120
    failed_logins_per_minute: int = Field(10, ge=1, description="Of one account.")
    failed_logins_per_address_per_minute: int = Field(
        30, ge=1, description="From one address, whatever the accounts: a branch shares one."
    )
    failed_logins_in_total_per_minute: int = Field(
        300, ge=1, description="Of everybody together: guessing from many addresses."
    )
    api_key_requests_per_minute: int = 6000
    staff_requests_per_minute: int = 1200
    max_body_bytes: int = 1_000_000

    staff_session_s: int = Field(8 * 3600, description="Life of a staff access token, in seconds.")
    webhook_private_hosts: bool = Field(
        False, description="Allow webhooks to private addresses (tests)."
    )
    widget_origins: list[str] = Field(
        [], description="Sites on other origins that carry the widget, as JSON."
    )
    frame_ancestors: str = Field(
        "'self'", description="CSP source list of sites that may frame our pages."
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    staff_token_secret: SecretStr | None = None
    identity_token_secret: SecretStr | None = None
    rasa_token: SecretStr | None = None

    @field_validator("clock")
    @classmethod
    def _is_clock(cls, setting: str | None) -> str | None:
        Clock.parse(setting)
        return setting

    @field_validator("core_banking_url")
    @classmethod
    def _is_encrypted(cls, url: str | None) -> str | None:
        parts = urlsplit(url or "https://none")
        if not parts.hostname or parts.username or parts.scheme not in ("https", "http"):
            raise ValueError("CORE_BANKING_URL must be an https:// address without a password")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ValueError("CORE_BANKING_URL must be https:// unless it is on this machine")
        return url

    @property
    def base_url(self) -> str:
        """Where this service is reached, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def emergency_number(self) -> str | None:
        """The number for emergencies; the demonstration has one that belongs to nobody."""
        return self.emergency_phone or (DEMONSTRATION_PHONE if self.demonstration else None)

    @property
    def attachments(self) -> Path:
        """Where the contents of files lie that came with tickets and conversations."""
        return self.var_dir / "attachments"

    @cached_property
    def secrets(self) -> Secrets:
        """Secrets from the environment, else from `var/secrets.json`, made at first start."""
        configured = {
            "staff_token": self.staff_token_secret,
            "identity_token": self.identity_token_secret,
            "rasa_token": self.rasa_token,
        }
        return load_secrets(
            self.var_dir / "secrets.json",
            {
                name: value.get_secret_value()
                for name, value in configured.items()
                if value is not None
            },
            demonstration=self.demonstration,
        )
