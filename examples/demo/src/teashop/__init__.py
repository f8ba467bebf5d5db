"""A tea shop: what it sells, what it costs, and how to brew it."""
