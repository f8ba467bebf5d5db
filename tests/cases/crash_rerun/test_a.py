import os
from pathlib import Path


def test_second_time(tmp_path_factory):
    marker = Path(os.environ["PYTEST_XDIST_TESTRUNUID"])
    marker = tmp_path_factory.getbasetemp().parent / marker
    if not marker.exists():
        marker.touch()
        os._exit(5)


def test_passes():
    pass
