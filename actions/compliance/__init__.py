"""Compliance: screening of names, checkpoints with versioned rules, alerts. Tipping-off words never reach a customer."""
