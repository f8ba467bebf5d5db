import os

import pytest


@pytest.mark.parametrize('number', [1, 2, 3])
def test_number(number):
    if number == 2:
        os._exit(0)
