"""A tea shop: what it sells, what that costs, and how it is brewed."""
