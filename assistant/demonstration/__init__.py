"""The demonstration bank, made by seeded generators: the same people, products and lists at every installation."""
