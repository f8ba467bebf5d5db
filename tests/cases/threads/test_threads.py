import threading


def first():
    raise ValueError("first")


def second():
    raise OSError("second")


def test_a():
    for target in (first, second):
        thread = threading.Thread(target=target)
        thread.start()
        thread.join()
