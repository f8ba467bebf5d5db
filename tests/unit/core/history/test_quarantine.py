from datetime import date

import pytest

from checks.core.history.quarantine import Quarantine, QuarantineEntry, parse_quarantine, quarantined
from checks.core.model.errors import FileError
from checks.core.model.item import Item, Outcome, StageName
from tests.support.sessions import error, failed, item, passed, stage

FILE = """
# Known to be unstable.
[[quarantine]]
test = "tests/test_cart.py::test_total[eur*]"
until = 2027-01-31
reason = "Rounding differs on arm64"
owner = "@octo/shop"

[[quarantine]]
test = "tests/test_login.py::*"
until = 2026-12-01
reason = "The identity provider's sandbox is down"
"""
TODAY = date(2026, 11, 27)


def entry(test: str, until: date = TODAY) -> QuarantineEntry:
    return QuarantineEntry(test=test, until=until, reason="r")


def problems(text: str) -> list[str]:
    with pytest.raises(FileError) as raised:
        parse_quarantine(text, "q.toml")
    return [str(problem) for problem in raised.value.problems]


def test_file_is_parsed_with_the_lines_of_its_entries() -> None:
    assert parse_quarantine(FILE, "q.toml").entries == (
        QuarantineEntry(
            test="tests/test_cart.py::test_total[eur*]",
            until=date(2027, 1, 31),
            reason="Rounding differs on arm64",
            owner="@octo/shop",
            line=3,
        ),
        QuarantineEntry(
            test="tests/test_login.py::*",
            until=date(2026, 12, 1),
            reason="The identity provider's sandbox is down",
            line=9,
        ),
    )


@pytest.mark.parametrize("text", ["", "# Nothing is quarantined.\n", "quarantine = []\n"])
def test_empty_file_is_an_empty_quarantine(text: str) -> None:
    assert parse_quarantine(text, "q.toml") == Quarantine()


@pytest.mark.parametrize(
    ("pattern", "nodeid", "matches"),
    [
        ("a.py::b", "a.py::b", True),
        ("a.py::b", "a.py::b[1]", False),
        ("a.py::b[*]", "a.py::b[1-[x]]", True),
        ("a.py::b[1]", "a.py::b1", False),  # brackets are no set of characters
        ("a.py::b?", "a.py::bc", False),
        ("a.py::*", "a.py::", True),
        ("a.py::*", "b/a.py::c", False),
        ("*::b", "x/a.py::B::b", True),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("a*b*c", "a-c-b-c", True),
        ("a*b*c", "acb", False),
        ("a*bc*c", "abc", False),
        ("a**c", "abc", True),
        ("a.py::b c", "a.py::b c", True),
        ("a.py::ü*", "a.py::über", True),
    ],
)
def test_asterisk_stands_for_any_text(pattern: str, nodeid: str, matches: bool) -> None:
    assert entry(pattern).matches(nodeid) is matches


def test_hostile_pattern_takes_linear_time() -> None:
    assert not entry("*a" * 5_000 + "b").matches("a" * 100_000)


@pytest.mark.parametrize(
    ("today", "covered"),
    [(date(2026, 11, 26), True), (date(2026, 11, 27), True), (date(2026, 11, 28), False)],
)
def test_entry_holds_until_the_end_of_its_day(today: date, covered: bool) -> None:
    assert (Quarantine((entry("a.py::*", until=TODAY),)).entry_for("a.py::b", today) is not None) is covered


def test_last_date_of_several_entries_counts() -> None:
    first, second = entry("a.py::*", until=date(2026, 12, 1)), entry("a.py::b", until=date(2026, 12, 24))
    assert Quarantine((second, first)).entry_for("a.py::b", TODAY) == second


def test_entries_without_tests_are_found() -> None:
    entries = entry("a.py::*"), entry("a.py::renamed"), entry("b.py::c")
    assert Quarantine(entries).unmatched(["a.py::b", "b.py::c"]) == (entries[1],)


@pytest.mark.parametrize(
    ("until", "expires"),
    [
        (date(2026, 11, 26), False),
        (date(2026, 11, 27), True),
        (date(2026, 12, 4), True),
        (date(2026, 12, 5), False),
    ],
)
def test_entries_of_the_next_seven_days_expire_soon(until: date, expires: bool) -> None:
    assert bool(Quarantine((entry("a.py::b", until=until),)).expiring(TODAY)) is expires


@pytest.mark.parametrize(
    ("own", "takes_effect_later"),
    [
        (entry("a.py::b"), False),
        (entry("a.py::b", until=date(2026, 11, 1)), False),  # shortened
        (entry("a.py::b", until=date(2026, 12, 1)), True),  # extended
        (entry("a.py::*"), True),  # widened
        (entry("a.py::c"), True),  # added
    ],
)
def test_what_a_change_excuses_takes_effect_after_the_merge(own: QuarantineEntry, takes_effect_later: bool) -> None:
    base = Quarantine((entry("a.py::b"),))
    assert bool(Quarantine((own,)).beyond(base)) is takes_effect_later


@pytest.mark.parametrize(
    ("table", "mistake"),
    [
        ('until = 2027-01-31\nreason = "r"', "`test` is missing; set it to a node id in quotes."),
        ('test = "a.py::b"\nreason = "r"', "`until` is missing; set it to a date such as 2027-01-31."),
        ('test = "a.py::b"\nuntil = 2027-01-31', "`reason` is missing; set it to a text in quotes."),
        ('test = "a.py::b"\nuntil = "2027-01-31"\nreason = "r"', "`until` is not a date such as 2027-01-31."),
        ('test = "a.py::b"\nuntil = 2027-01-31T12:00:00\nreason = "r"', "`until` is not a date such as 2027-01-31."),
        ('test = 1\nuntil = 2027-01-31\nreason = "r"', "`test` is not a node id in quotes."),
        ('test = " "\nuntil = 2027-01-31\nreason = "r"', "`test` is empty; set it to a node id in quotes."),
        ('test = "a.py::b"\nuntil = 2027-01-31\nreason = ""', "`reason` is empty; set it to a text in quotes."),
        (
            'test = "a.py::b"\nuntil = 2027-01-31\nreason = "r"\nexpires = 1',
            "`expires` is not known; an entry has `test`, `until`, `reason`, `owner`.",
        ),
        ('test = "*"\nuntil = 2027-01-31\nreason = "r"', "`test` matches every test; name a file or a test."),
        ('test = "*::test_*"\nuntil = 2027-01-31\nreason = "r"', "`test` matches every test; name a file or a test."),
    ],
)
def test_mistake_names_the_line_of_its_entry(table: str, mistake: str) -> None:
    (problem,) = problems(f"\n[[quarantine]]\n{table}\n")
    assert problem == (
        f"Input `quarantine`: `q.toml`, line 2: {mistake} Correct the file. See docs/quarantine.md for its format."
    )


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("test = 1 = 2", "it is not valid TOML: Expected newline or end of document"),
        ("[[quarantined]]\n", "`quarantined` is not known. Entries begin with `[[quarantine]]`"),
        ("[quarantine]\n", "`quarantine` is not a list"),
        ("quarantine = [1]\n", "`quarantine` is not a list"),
        ("a = " + "[" * 10_000, "it is not valid TOML"),
    ],
)
def test_other_files_are_refused(text: str, part: str) -> None:
    (problem,) = problems(text)
    assert part in problem


def test_all_mistakes_are_named_at_once() -> None:
    mistakes = problems('other = 1\n[[quarantine]]\ntest = "a.py::b"\n[[quarantine]]\nuntil = 2027-01-31\n')
    assert [mistake.partition(": `q.toml`")[2][:9] for mistake in mistakes] == [
        ": `other`", ", line 2:", ", line 2:", ", line 4:", ", line 4:",
    ]  # fmt: skip


def test_entries_in_another_notation_have_no_lines() -> None:
    text = 'quarantine = [{test = "a.py::b", until = 2027-01-31, reason = "r"}]'
    assert parse_quarantine(text, "q.toml").entries[0].line == 0


def test_failures_of_a_quarantined_test_do_not_count() -> None:
    known = QuarantineEntry(test="*", until=date(2027, 1, 31), reason="The sandbox is down.")
    test = quarantined(item("a.py::b", call=failed("assert 1 == 2"), teardown=error("OSError")), known)
    message = "Quarantined until 2027-01-31: The sandbox is down. "
    assert [(stage.outcome, stage.details and stage.details.message) for stage in test.stages] == [
        (Outcome.PASSED, None),
        (Outcome.QUARANTINED, f"{message}assert 1 == 2"),
        (Outcome.QUARANTINED, f"{message}OSError"),
    ]
    assert (test.is_failure, test.passed, test.is_quarantined) == (False, False, True)


def test_death_of_the_process_counts_in_quarantine() -> None:
    crashed = Item(nodeid="a.py::b", stages=(stage(Outcome.FAILED, "worker crashed", name=StageName.CRASHED),))
    assert quarantined(crashed, entry("*")).is_failure


def test_quarantined_test_that_passed_is_not_flaky() -> None:
    stages = stage(Outcome.RERUN), passed(), stage(Outcome.PASSED, name=StageName.TEARDOWN)
    flaky = Item(nodeid="a.py::b", stages=stages)
    assert (flaky.is_flaky, quarantined(flaky, entry("*")).is_flaky) == (True, False)
    assert quarantined(flaky, entry("*")).passed
