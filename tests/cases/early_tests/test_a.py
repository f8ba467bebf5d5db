import os


def test_0():
    os._exit(7)


def test_1():
    pass
