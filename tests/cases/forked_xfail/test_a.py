import os

import pytest


@pytest.mark.xfail(reason="known")
def test_crashes_as_expected():
    os._exit(9)


@pytest.mark.forked
def test_crashes():
    os._exit(9)
