import version


def test_a():
    assert version.VERSION == 1
