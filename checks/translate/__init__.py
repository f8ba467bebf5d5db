"""Floor 1: pure translators between the words; they open nothing and ask nobody."""
