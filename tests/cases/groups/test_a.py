import pytest


@pytest.mark.xdist_group('a@b')
@pytest.mark.parametrize('mail', ['x@y.z', 'a::b'])
def test_mail(mail):
    assert 0


@pytest.mark.parametrize('mail', ['x@y.z'])
def test_alone(mail):
    assert 0
