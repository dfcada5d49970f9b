"""The one view of a customer: what every other part of the bank knows of them, together."""
