"""Conversations and what surrounds them: the turn, handoff, copilot, analytics, the demonstration bank, the command line."""
