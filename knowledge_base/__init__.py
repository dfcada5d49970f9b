"""Articles and what is found in them: curation, passages, vectors, search, answers, gaps."""
