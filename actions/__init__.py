"""What the assistant can do for somebody: tickets, customers, recommendations, compliance, and the dialogue's actions."""
