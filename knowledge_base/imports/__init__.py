"""Ingestion: files, archives and pages become articles; a job with a line for each file."""
