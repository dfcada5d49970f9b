"""What the bank decides about its tickets as data: calendars, promises, routing, the service catalogue, letters, causes."""
