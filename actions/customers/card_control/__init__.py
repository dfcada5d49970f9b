"""Blocking and unblocking cards in the core banking system: the port, its adapters, the requests and their delivery."""
