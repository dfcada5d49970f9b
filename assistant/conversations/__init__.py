"""Conversations: the transcript is ours, and so is who speaks."""
