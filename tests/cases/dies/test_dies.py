def test_first():
    assert 1 == 2


def test_breaks_pytest(monkeypatch):
    monkeypatch.setattr("_pytest._code.code.ExceptionInfo.getrepr", None)
    assert [] == [0]


def test_never_run():
    pass
