"""Tests are found again although memory addresses, UUIDs and timestamps in their ids differ."""

from __future__ import annotations

import pytest

from checks.core.history.test_key import key, keys, stable_id, variant_key
from tests.support.rules import rule

VARIABLE = {
    "an address of a library on amd64": ("t[0x7f3a2b4c5d6e]", "t[#]"),
    "an address of the heap on amd64": ("t[0x55d0c0ffee00]", "t[#]"),
    "an address on arm64": ("t[a-0xffff9c5e3d30-b]", "t[a-#-b]"),
    "an object": ("t[<a.Cart object at 0x1f0a2b0>]", "t[<a.Cart object at #>]"),
    "a function": ("t[<function f at 0x7f3a2b4c5d6e>]", "t[<function f at #>]"),
    "two addresses": ("t[0x7f3a2b4c5d6e-0x7f3a2b4c5d6f]", "t[#-#]"),
    "an address behind an underscore": ("test_0x7f3a2b4c5d6e", "test_#"),
    "a UUID": ("t[0d9b4a1e-7f3c-4c58-9c1a-2f6b8e0d7a31]", "t[#]"),
    "a UUID in capitals": ("t[user-0D9B4A1E-7F3C-4C58-9C1A-2F6B8E0D7A31-x]", "t[user-#-x]"),
    "a timestamp": ("t[2026-11-27T13:43:31]", "t[#]"),
    "a timestamp with fraction and zone": ("t[2026-11-27T13:43:31.123456+00:00-x]", "t[#-x]"),
    "a timestamp in UTC": ("t[2026-11-27T13:43Z]", "t[#]"),
    "a timestamp with a blank": ("t[2026-11-27 13:43:31,5]", "t[#]"),
}
STABLE = (
    "tests/test_a.py::test_x",
    "t[1]",
    "t[-1-2-3]",
    "test_0x10",
    "t[0xdeadbeef]",
    "t[0x123456789abc]",
    "t[0x7f3a2b4c5d6e7]",
    "t[deadbeef]",
    "t[0d9b4a1e7f3c4c589c1a2f6b8e0d7a31]",
    "t[0d9b4a1e-7f3c-4c58-9c1a-2f6b8e0d7a31f]",
    "t[0d9b4a1e-7f3c-4c58-9c1a]",
    "t[2026-11-27]",
    "t[13:43:31]",
    "t[2026-11-27T13]",
    "t[127.0.0.1:8080]",
    "t[v1.2.3-4-5]",
    "t[2-٣-٤ ٥:٦]",
)


@rule("Record: an ID with a memory address, a UUID or a timestamp")
@pytest.mark.parametrize(("nodeid", "stable"), VARIABLE.values(), ids=VARIABLE)
def test_parts_that_differ_from_run_to_run_are_replaced(nodeid: str, stable: str) -> None:
    assert stable_id(nodeid) == stable


@rule("Record: an ID with other numbers")
@pytest.mark.parametrize("nodeid", STABLE)
def test_other_numbers_and_words_stay_different(nodeid: str) -> None:
    assert stable_id(nodeid) == nodeid


def test_key_has_48_bits_and_never_changes() -> None:
    assert key("tests/test_a.py::test_x") == 0x0894DDEFB7BB
    assert {key(f"t[{number}]").bit_length() <= 48 for number in range(1_000)} == {True}


def test_keys_are_in_the_order_of_the_tests() -> None:
    assert [*keys(["b", "a", "c"])] == [key("b"), key("a"), key("c")]


def test_tests_that_differ_only_in_addresses_keep_their_number() -> None:
    addresses = ["t[0x7f0000000003]", "t[0x7f0000000001]", "u", "t[0x7f0000000002]"]
    first = key("t[#]")
    assert [*keys(addresses)] == [variant_key(first, 2), first, key("u"), variant_key(first, 1)]
    others = ["t[0x7f0000000007]", "t[0x7f0000000008]", "u", "t[0x7f0000000009]"]
    assert {*keys(others)} == {*keys(addresses)}


def test_copies_of_one_test_have_a_key_each() -> None:
    assert [*keys(["t", "t", "u"])] == [key("t"), variant_key(key("t"), 1), key("u")]


def test_lone_surrogates_have_keys() -> None:
    assert len({*keys(["t[\ud800]", "t[\udfff]"])}) == 2
