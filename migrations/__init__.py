"Schema migrations (Alembic)."
