"""Migrations: up, equal to the models, down to nothing, up again. The embedded server stops with its last user."""

from __future__ import annotations

from pathlib import Path

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from core.database import driver_url
from core.embedded import embedded_server
from core.schema import is_current, migrate, migrate_down
from migrations.metadata import metadata

LEFT_OVERS = """
    select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and relname not like 'alembic%'
    union all select proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public'
"""


def test_the_schema_goes_up_fits_the_models_and_goes_down(tmp_path: Path) -> None:
    with embedded_server(tmp_path / "postgres") as url:
        migrate(url)
        assert is_current(url)
        assert differences(url) == []
        migrate_down(url)
        with psycopg.connect(url) as connection:
            assert connection.execute(LEFT_OVERS).fetchall() == []
        migrate(url)
        assert is_current(url)
        with psycopg.connect(url) as connection:
            pid = connection.info.backend_pid
    assert not Path(f"/proc/{pid}").exists()
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


def differences(url: str) -> list[object]:
    engine = create_engine(driver_url(url))
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={
                    "include_name": lambda name, kind, _: (
                        not (kind == "table" and str(name).startswith("procrastinate"))
                    )
                },
            )
            found: list[object] = compare_metadata(context, metadata)
            return found
    finally:
        engine.dispose()
