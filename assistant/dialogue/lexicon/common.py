"""How much of a message the lists of words look at."""

MAX_SHORT = 80  # characters of a message that may be one of the short answers
MAX_SMALL = 240  # characters of a clause about the conversation itself
MAX_READ = 2_000  # characters of any other message
