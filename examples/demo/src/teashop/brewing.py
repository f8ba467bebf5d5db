"""How tea is made."""

from threading import Event

MINUTES = {"green": 2.0, "oolong": 3.0, "black": 4.0, "herbal": 7.0}


def minutes(kind: str, cups: int = 1) -> float:
    """Say how long it draws; a larger pot a little longer."""
    return MINUTES[kind] + 0.25 * (cups - 1)


def shared_equally(millilitres: int, cups: int) -> list[int]:
    """Pour a pot so that no cup gets more than a millilitre more than another."""
    first, rest = divmod(millilitres, cups)
    return [first] * (cups - 1) + [first + rest]


def wait_for_kettle(whistle: Event) -> None:
    """Wait until the water boils."""
    whistle.wait()
