"""What a customer wants to buy."""

import warnings
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Line:
    """One kind of tea, in units of 100 grams."""

    tea: str
    price: int
    amount: int = 1

    @property
    def total(self) -> int:
        """Price in pence, with a discount of 10 % for ten units or more."""
        full = self.price * self.amount
        return full - full // 10 if self.amount > 10 else full


@dataclass
class Cart:
    """Lines in the order in which they were added."""

    lines: list[Line] = field(default_factory=list)

    def put(self, tea: str, price: int, amount: int = 1) -> None:
        """Add a line."""
        self.lines.append(Line(tea, price, amount))

    @property
    def subtotal(self) -> int:
        """Price in pence, without delivery."""
        return sum(line.total for line in self.lines)

    def total(self) -> int:
        """Return the subtotal (deprecated name)."""
        warnings.warn("Cart.total() is now Cart.subtotal", DeprecationWarning, stacklevel=2)
        return self.subtotal

    def receipt(self) -> dict[str, object]:
        """Return what the till prints."""
        return {
            "lines": [{"tea": line.tea, "amount": line.amount, "pence": line.total} for line in self.lines],
            "delivery": 0 if self.subtotal >= 2000 else 350,
            "subtotal": self.subtotal,
        }
