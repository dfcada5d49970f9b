"""Products that are suitable for a customer, with reasons; what is not is listed with its rule."""
