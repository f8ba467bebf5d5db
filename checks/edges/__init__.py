"""Floor 2: the edges; each touches exactly one outside thing."""
