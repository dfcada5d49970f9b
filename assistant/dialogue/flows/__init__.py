"""Flows: their definitions, where they are stored, and how they are checked."""
