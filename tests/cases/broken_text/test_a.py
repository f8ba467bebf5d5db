def test_bad():
    x = 1
    assert x == 2
