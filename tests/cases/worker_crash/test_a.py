import os

import pytest


def test_0():
    os._exit(7)
