"""Graph components of our pipeline. They run in Rasa's environment and import nothing else of the project."""
