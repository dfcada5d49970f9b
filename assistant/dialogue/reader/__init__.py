"""The reader: intent and stance of a clause, and where the clauses of a message begin, from one fine-tuned encoder."""
