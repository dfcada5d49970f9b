"""Where customers' data come from: connectors, loads that can be repeated, and what each source's data are worth."""
