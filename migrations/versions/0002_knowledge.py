"""Knowledge: vectors by encoder, one state that replicas follow, jobs, imports, test questions, schedules.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
JSONB = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    """Vectors move to a table of their own."""
    op.create_table(
        "passage_vectors",
        sa.Column("passage_id", sa.BigInteger(), nullable=False),
        sa.Column("encoder", sa.String(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["passage_id"],
            ["passages.id"],
            name=op.f("fk_passage_vectors_passage_id_passages"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("passage_id", "encoder", name=op.f("pk_passage_vectors")),
    )
    op.execute("alter table passage_vectors alter vector set storage plain")
    op.execute("insert into passage_vectors select id, encoder, vector from passages")
    op.drop_column("passages", "vector")
    op.drop_column("passages", "encoder")
    op.create_table(
        "knowledge_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("identity", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("encoder", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_state")),
    )
    op.execute(
        "insert into knowledge_state select id, gen_random_uuid(), revision, "
        "(select min(encoder) from passage_vectors) from knowledge_revision"
    )
    op.drop_table("knowledge_revision")
    op.add_column("articles", sa.Column("reminded_for", sa.Date(), nullable=True))
    op.add_column("articles", sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("gaps", sa.Column("vector", sa.LargeBinary(), nullable=True))
    op.add_column("gaps", sa.Column("encoder", sa.String(), nullable=True))
    op.add_column("gaps", sa.Column("article_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_gaps_article_id_articles"),
        "gaps",
        "articles",
        ["article_id"],
        ["id"],
        ondelete="SET NULL",
    )
    _jobs()
    _imports()
    _question_sets()


def downgrade() -> None:
    """Vectors go back beside their passages; those of other encoders are lost and made anew."""
    for table in (
        "set_questions",
        "question_sets",
        "import_uploads",
        "imported_documents",
        "job_lines",
        "jobs",
    ):
        op.drop_table(table)
    op.drop_constraint(op.f("fk_gaps_article_id_articles"), "gaps", type_="foreignkey")
    for name in ("article_id", "encoder", "vector"):
        op.drop_column("gaps", name)
    for name in ("publish_at", "reminded_for"):
        op.drop_column("articles", name)
    op.create_table(
        "knowledge_revision",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_revision")),
    )
    op.execute("insert into knowledge_revision select id, revision from knowledge_state")
    op.add_column("passages", sa.Column("vector", sa.LargeBinary(), nullable=True))
    op.add_column("passages", sa.Column("encoder", sa.String(), nullable=True))
    op.execute(
        "update passages set vector = v.vector, encoder = v.encoder from passage_vectors v, knowledge_state s "
        "where v.passage_id = passages.id and v.encoder = s.encoder"
    )
    op.execute("delete from passages where vector is null")
    op.alter_column("passages", "vector", nullable=False)
    op.alter_column("passages", "encoder", nullable=False)
    op.drop_table("knowledge_state")
    op.drop_table("passage_vectors")


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("order", JSONB, nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(op.f("ix_jobs_owner"), "jobs", ["owner"], unique=False)
    op.create_table(
        "job_lines",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("subjects", JSONB, nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_job_lines_job_id_jobs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "ordinal", name=op.f("pk_job_lines")),
    )


def _imports() -> None:
    op.create_table(
        "imported_documents",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("versions", JSONB, nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_imported_documents")),
    )
    op.create_table(
        "import_uploads",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_import_uploads_job_id_jobs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_import_uploads")),
    )


def _question_sets() -> None:
    op.create_table(
        "question_sets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_sets")),
        sa.UniqueConstraint("name", name=op.f("uq_question_sets_name")),
    )
    op.create_table(
        "set_questions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("set_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["set_id"],
            ["question_sets.id"],
            name=op.f("fk_set_questions_set_id_question_sets"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_questions")),
    )
    op.create_index(op.f("ix_set_questions_set_id"), "set_questions", ["set_id"], unique=False)
