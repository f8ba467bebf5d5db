TRIES = []


def test_net(subtests):
    TRIES.append(1)
    with subtests.test('first'):
        assert len(TRIES) == 2
    with subtests.test('never'):
        assert not TRIES
