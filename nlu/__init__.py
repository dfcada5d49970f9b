"""The Rasa project and everything that runs or reaches it."""
