"""How to brew tea."""

from threading import Event

MINUTES = {"green": 2.0, "oolong": 3.0, "black": 4.0, "herbal": 7.0}


def minutes(kind: str, cups: int = 1) -> float:
    """Return how long to brew; a larger pot takes a little longer."""
    return MINUTES[kind] + 0.25 * (cups - 1)


def shared_equally(millilitres: int, cups: int) -> list[int]:
    """Divide a pot so that no two cups differ by more than a millilitre."""
    first, rest = divmod(millilitres, cups)
    return [first] * (cups - 1) + [first + rest]


def wait_for_kettle(whistle: Event) -> None:
    """Wait until the water boils."""
    whistle.wait()
