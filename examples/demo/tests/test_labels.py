"""A module that is skipped because the printer's driver is missing."""

import pytest

printer = pytest.importorskip("teashop_label_printer", reason="no label printer is installed")


def test_a_label_is_printed() -> None:
    assert printer.print_label("Assam")
