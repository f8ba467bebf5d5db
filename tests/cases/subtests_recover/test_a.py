import pytest

TRIES = []


@pytest.mark.flaky(reruns=2)
def test_many(subtests):
    TRIES.append(1)
    for number in range(3):
        with subtests.test(number=number):
            assert len(TRIES) == 2
