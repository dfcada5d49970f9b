"""Runs migrations over our driver, one process at a time."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection

from core.database import driver_url
from migrations.metadata import metadata

FOREIGN = ("procrastinate_", "alembic_version")


def include_name(name: str | None, kind: str, parents: object) -> bool:
    """Leave out tables that a library makes for itself."""
    return not (kind == "table" and name and name.startswith(FOREIGN))


def run(connection: Connection) -> None:
    """Migrate over an open connection."""
    connection.execute(
        text("select pg_advisory_lock(:key)"), {"key": context.config.attributes["lock"]}
    )
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_name=include_name,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


engine = create_engine(driver_url(context.config.attributes["url"]))
try:
    with engine.connect() as open_connection:
        run(open_connection)
        open_connection.commit()
finally:
    engine.dispose()
