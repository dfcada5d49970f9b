"""How a ticket comes to be: opened, by mail, by a call, from a row of a file."""
