"""Payment at the till."""

VAT_PER_CENT = {"tea": 0, "biscuits": 0, "chocolate biscuits": 20, "teapot": 20}


class PaymentError(Exception):
    """The customer has not paid."""


def vat(item: str, pence: int) -> int:
    """Return the tax contained in a price."""
    return pence * VAT_PER_CENT.get(item, 0) // (100 + VAT_PER_CENT.get(item, 0))


def read_card(number: str) -> list[int]:
    """Return the digits of a card number."""
    return [int(digit) for digit in number.replace(" ", "")]


def pay(number: str, pence: int) -> str:
    """Charge a card."""
    try:
        digits = read_card(number)
    except ValueError as error:
        raise PaymentError(f"the card was not read, {pence} pence are still owed") from error
    return f"{pence} pence from the card ending in {digits[-4:]}"


def check_order(order: dict[str, int]) -> None:
    """Report all mistakes of an order at once."""
    problems: list[Exception] = []
    for tea, grams in order.items():
        if grams <= 0:
            problems.append(ValueError(f"{tea}: {grams} g cannot be sold"))
        if tea not in ("Assam", "Darjeeling", "Keemun"):
            problems.append(KeyError(tea))
    if problems:
        raise ExceptionGroup("the order cannot be taken", problems)
