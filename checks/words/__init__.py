"""Floor 0: frozen words, GitHub's numbers, and the protocols the programs ask for."""
