"""Errors in fixtures, with captured output."""

from collections.abc import Iterator

import pytest

from teashop.stock import Warehouse


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    warehouse = Warehouse()
    warehouse.connect()
    warehouse.store("Assam", 500)
    yield warehouse
    warehouse.close()


@pytest.fixture
def remote_warehouse() -> Warehouse:
    warehouse = Warehouse("north.warehouse.invalid")
    warehouse.connect()
    return warehouse


def test_what_is_taken_is_gone(warehouse: Warehouse) -> None:
    assert warehouse.take("Assam", 200) == 300


def test_the_last_gram_can_be_sold(warehouse: Warehouse) -> None:
    assert warehouse.take("Assam", 500) == 0


def test_error_in_setup(remote_warehouse: Warehouse) -> None:
    assert remote_warehouse.grams == {}


def test_error_in_teardown(warehouse: Warehouse) -> None:
    warehouse.take("Assam", 501)


def test_failed_in_call_and_teardown(warehouse: Warehouse) -> None:
    left = warehouse.take("Assam", 800)
    assert left >= 0, "more was sold than was there"
