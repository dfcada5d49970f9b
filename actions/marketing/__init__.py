"""Segments, campaigns and offers that compliance and the moment allow; leads from the first word to a signed contract."""
