"""Benchmarks and evaluations: what docs/measurements.md reports is made here."""
