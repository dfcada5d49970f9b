"""What the bank sells: the catalogue, its terms as rules read them, and a copy of it in this process."""
