"""Tickets: intake, routing, lifecycle, due times, following."""
