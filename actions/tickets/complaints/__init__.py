"""Complaints: the regulators' clocks, letters, redress, outcome, and the register (ISO 10002)."""
