"""Floor 3: the programs; each puts edges and translators in order."""
