async def test_async():
    pass


def test_hidden():
    __tracebackhide__ = True
    assert 1 == 2


def test_own():
    pass
