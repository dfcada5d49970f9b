"""Where a ticket goes: the bank's rules first, then a classifier that knows how sure it is, else the general queue."""
