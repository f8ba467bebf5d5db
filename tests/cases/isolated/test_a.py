import os


def test_bad():
    os._exit(3)


def test_good():
    pass
