TRIES = []


def test_second():
    TRIES.append(1)
    assert len(TRIES) != 2
