"""The assistant beside an agent: suggestions for a conversation, questions of staff, and what became of what was shown."""
