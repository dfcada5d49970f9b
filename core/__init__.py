"""What every other package stands on: settings, database, identity, audit trail, outbox, errors, clock, languages."""
