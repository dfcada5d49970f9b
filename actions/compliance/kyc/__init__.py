"""Knowing the customer: documents and their expiry, beneficial owners, a risk rating with its factors, periodic review."""
