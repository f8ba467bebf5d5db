from flaky import flaky

TRIES = []


@flaky(max_runs=3)
def test_third():
    TRIES.append(1)
    assert len(TRIES) == 3


@flaky
def test_never():
    assert 0


def test_plain():
    pass
