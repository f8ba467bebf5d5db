from __future__ import annotations

import pytest

from checks.core.model.item import Details
from checks.core.report.evidence import markdown, render, table
from checks.core.text.collapsible import details
from tests.support.bodies import ATTACKS
from tests.support.rendered import Page
from tests.support.rules import rule


def test_values_of_the_plain_table_are_aligned() -> None:
    properties = [("page", "https://ci.test"), ("steps", "open\nclose"), ("name" * 20, "long")]
    assert table(properties).splitlines() == [
        "page                            https://ci.test",
        "steps                           open",
        "                                close",
        "name" * 20 + "  long",
    ]


def test_table_follows_the_traceback() -> None:
    page = Page(render(Details(properties=(("build", "4711"),)))("E   boom"))
    assert page.code == ["-E   boom\n", "build", "4711"]
    assert page.tags[-6:] == ["table", "tr", "td", "code", "td", "code"]


def test_failure_without_properties_has_no_table() -> None:
    assert "table" not in Page(render(Details())("E   boom")).tags


@pytest.mark.parametrize(
    ("value", "links"),
    [
        ("https://ci.test/1?a=b&c=(d)#e", ["https://ci.test/1?a=b&c=(d)#e"]),
        ("http://ci.test/1", []),
        ("javascript:alert(1)", []),
        ("see https://ci.test", []),
        ("https://ci.test/1\nhttps://ci.test/2", []),
        ('https://ci.test/"onclick=x', []),
        ("https://ci.test/\x1b[31m", []),
        ("https://" + "x" * 3_000, []),
    ],
)
def test_only_a_whole_https_address_is_a_link(value: str, links: list[str]) -> None:
    assert Page(markdown([("page", value)])).links == links


@rule("Characters: Markdown and the like in properties that a test recorded")
@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_properties_are_shown_only_as_code(attack: str) -> None:
    page = Page(details("head", markdown([(attack, f"no link {attack}"), ("a|b", "c|d")])))
    assert page.tags == ["details", "summary", "table", *["tr", "td", "code", "td", "code"] * 2]
    assert page.code[2:] == ["a|b", "c|d"]
    assert page.links == []
    assert page.is_balanced
