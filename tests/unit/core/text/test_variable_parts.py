import pytest

from checks.core.text.variable_parts import without_numbers, without_values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("took 1.5 s", "took # s"),
        ("assert -1 == 2e-07", "assert # == #"),
        ("1,000 of 2_000 at 12:30:01", "# of # at #"),
        ("<A object at 0x7f3A>", "<A object at #>"),
        ("on 2026-11-27T10:30:00.5+01:00", "on #"),
        ("id 6f1c2d9e-0000-4b11-8c6c-c0ffee000001", "id #"),
        ("commit c0ffee1234", "commit #"),
        ("assert [1, 2] == [1, 2, 3]", "assert [#] == [#]"),
        ("{1: 2, 3: 4}", "{#}"),
        ("defaced 'a' facade", "defaced 'a' facade"),
        ("none", "none"),
        ("", ""),
    ],
)
def test_numbers_addresses_and_times_are_replaced(text: str, expected: str) -> None:
    assert without_numbers(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("KeyError: 'price'", "KeyError: #"),
        ("assert 'it\\'s' == \"b\"", "assert # == #"),
        ("can't find 'a' or \"b\"", "can't find # or #"),
        ("{'a': 1, 'b': [2, 3]}", "{#: [#]}"),
        ("unclosed 'quotation", "unclosed 'quotation"),
    ],
)
def test_quoted_values_are_replaced_too(text: str, expected: str) -> None:
    assert without_values(text) == expected
