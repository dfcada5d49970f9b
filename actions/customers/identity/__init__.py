"""The same person across sources: matching with scores, a queue of doubtful pairs, merging that can be undone."""
