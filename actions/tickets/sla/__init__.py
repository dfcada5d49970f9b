"""Service levels and the deadlines of regulators: timers computed from a ticket's history, kept in rows, watched over."""
