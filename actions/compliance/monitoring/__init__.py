"""Transactions: rules whose parameters are data, alerts gathered into cases, and what four eyes decide about a case."""
