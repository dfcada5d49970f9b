"""Routes, a file per part of the contract."""
