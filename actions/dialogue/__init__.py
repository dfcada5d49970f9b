"""The dialogue's actions: what Rasa decides is done here, by the same services that REST uses, in one transaction."""
