"""The one view of a customer: who it is, what the customer has, what has happened."""
