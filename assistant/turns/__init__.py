"""Turns: where the dialogue engine meets stored conversations."""
