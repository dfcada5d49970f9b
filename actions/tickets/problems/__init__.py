"""Why tickets come: groups by meaning, surges, problems with their corrective actions and what these achieved."""
