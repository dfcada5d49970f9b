"""What an agent does at the desk: many tickets at once, related ones, saved filters, an article from what was solved."""
