"""Amounts of money, in pence."""


def pounds(pence: int) -> str:
    """Format an amount for people."""
    sign = "-" if pence < 0 else ""
    return f"{sign}£{abs(pence) // 100:,}.{abs(pence) % 100:02}"


def split(pence: int, people: int) -> list[int]:
    """Split a bill so that no penny is lost."""
    return [pence // people] * people


def parse(text: str) -> int:
    """Parse an amount as people write it."""
    digits = text.strip().removeprefix("£").replace(",", "")
    whole, _, fraction = digits.partition(".")
    return int(whole) * 100 + int(fraction.ljust(2, "0") if fraction else 0)
