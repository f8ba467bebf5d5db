"""The stock of tea."""

import logging
import sys

log = logging.getLogger("teashop.stock")


class Warehouse:
    """Grams of each tea."""

    def __init__(self, address: str = "warehouse.local") -> None:
        self.address = address
        self.grams: dict[str, int] = {}

    def connect(self) -> None:
        """Connect to the warehouse."""
        log.info("connecting to %s", self.address)
        if self.address.endswith(".invalid"):
            raise ConnectionRefusedError(f"no warehouse answers at {self.address}")

    def store(self, tea: str, grams: int) -> None:
        """Add tea to the stock."""
        log.info("storing %d g of %s", grams, tea)
        self.grams[tea] = self.grams.get(tea, 0) + grams

    def take(self, tea: str, grams: int) -> int:
        """Remove tea from the stock; return the rest."""
        print(f"taking {grams} g of {tea}")
        if grams > self.grams.get(tea, 0):
            print(f"the shelf of {tea} is short", file=sys.stderr)
            log.warning("%s is sold out", tea)
        self.grams[tea] = self.grams.get(tea, 0) - grams
        return self.grams[tea]

    def close(self) -> None:
        """Check the stock before closing."""
        for tea, grams in self.grams.items():
            if grams < 0:
                raise RuntimeError(f"{-grams} g of {tea} were sold that never were there")
