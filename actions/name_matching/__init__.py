"""Names of people and organisations: read in any script, compared, indexed. Pure rules."""
