"""Structured logs: JSON lines with request and conversation ids. Callers log ids and counts, never text or names."""

from __future__ import annotations

import logging
import sys

import structlog


def configure_logs(level: str) -> None:
    """Route structlog and the libraries' own logs to standard error, one JSON object a line."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    output = logging.StreamHandler(sys.stderr)
    output.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=structlog.processors.JSONRenderer(ensure_ascii=False),
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [output]
    root.setLevel(level.upper())
    for noisy in (
        "httpx",
        "httpcore",
        "uvicorn.access",
        "sentence_transformers",
        "jieba",
    ):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # It writes the arguments and errors of jobs; the worker says which task failed of what.
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
