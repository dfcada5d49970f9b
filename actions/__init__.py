"""What the assistant can do for somebody: tickets, customers, recommendations, compliance, and the dialogue's actions."""

from core.transliteration import provide_icu

# Before anything here imports rigour.
provide_icu()
