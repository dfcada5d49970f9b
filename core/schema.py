"""Bringing the database to the current schema, and back."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from core.database import driver_url
from core.settings import ROOT

_MIGRATION_LOCK = 7_230_002  # advisory lock key: one process migrates, others wait


def alembic_config(url: str) -> Config:
    """Alembic's settings for an address."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["url"] = url
    config.attributes["lock"] = _MIGRATION_LOCK
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Upgrade to a revision."""
    command.upgrade(alembic_config(url), revision)


def migrate_down(url: str, revision: str = "base") -> None:
    """Go back to a revision; with `base`, every table is dropped."""
    command.downgrade(alembic_config(url), revision)


def is_current(url: str) -> bool:
    """Whether the database has the newest schema."""
    engine = create_engine(driver_url(url))
    try:
        with engine.connect() as connection:
            heads = set(ScriptDirectory.from_config(alembic_config(url)).get_heads())
            return set(MigrationContext.configure(connection).get_current_heads()) == heads
    finally:
        engine.dispose()
