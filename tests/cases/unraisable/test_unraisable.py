import gc


class Resource:
    def __del__(self):
        raise RuntimeError("not closed")


def test_a():
    resource = Resource()
    del resource
    gc.collect()
