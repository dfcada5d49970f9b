"""How the product is installed and run elsewhere."""
