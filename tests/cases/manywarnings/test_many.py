import threading
import warnings

import pytest


@pytest.mark.parametrize("number", range(40))
def test_many(number):
    warnings.warn("took %d ms at 0x%x" % (number * 7, number))


def worker():
    raise ValueError("in a thread")


@pytest.mark.filterwarnings("default")
def test_thread():
    thread = threading.Thread(target=worker)
    thread.start()
    thread.join()
