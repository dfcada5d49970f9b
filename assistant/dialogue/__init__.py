"""The dialogue engine: what a message means, which flow it moves, and what follows; no language model decides."""
