def test_a():
    number = 3
    assert number == 4


def test_b(nowhere):
    pass
