from softly import expect

pytest_plugins = ["softly"]


def test_a():
    number = 3
    expect(number == 4, "four")
    raise ValueError("hard")
