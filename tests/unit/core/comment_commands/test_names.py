"""The check that a command names, and when it names none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.comment_commands.command import Verb
from checks.core.comment_commands.names import (
    AmbiguousName,
    KnownCheck,
    NamedCheck,
    UnknownName,
    known_checks,
    mentioned_commit,
    resolve,
)
from checks.core.comment_commands.parse import parse_comment
from checks.core.github.external_id import fit_category
from checks.core.model.identity import Identity
from tests.unit.core.manual.manual_runs import manual_remote


def check(name: str, category: str = "") -> KnownCheck:
    return KnownCheck(name=name, category=category, is_manual=True)


DEVICE, UNIT = check("pytest (device)", "device"), check("pytest (unit)", "unit")
PYTEST, SLOW = check("pytest"), check("unit slow", "slow")
PATTERN, SPACES = check("a.*b"), check("on  a\u00a0desk")
SAME, OTHER_SAME = check("lab one", "lab"), check("lab two", "lab")
LAB, LAB_2 = check("lab"), check("lab-2")
UPPER, LOWER = check("Desk"), check("desk")
NAMED_AS_CATEGORY = check("device", "other")
LONG = "on the device in the laboratory, with the new firmware"
LONG_CHECK = check("pytest (laboratory)", fit_category(LONG))
ALL = (DEVICE, UNIT)


def named(found: KnownCheck, rest: str = "", commit: str = "") -> NamedCheck:
    return NamedCheck(check=found, rest=rest, commit=commit)


def ambiguous(*checks: KnownCheck, needs_quotes: bool = True) -> AmbiguousName:
    return AmbiguousName(names=tuple(check.name for check in checks), needs_quotes=needs_quotes)


NAMES: list[tuple[str, str, tuple[KnownCheck, ...], object]] = [
    ("name", "pytest (device)", ALL, named(DEVICE)),
    ("category", "device", ALL, named(DEVICE)),
    ("any case", "PyTest (DEVICE) Seen", ALL, named(DEVICE, "Seen")),
    ("case beyond ASCII", "STRASSE", (check("straße"),), named(check("straße"))),
    ("accent of its own", "cafe\u0301 fine", (check("café"),), named(check("café"), "fine")),
    ("accent of its own in the check's name", "café", (check("cafe\u0301"),), named(check("cafe\u0301"))),
    ("reason", "device looks  fine", ALL, named(DEVICE, "looks fine")),
    ("blanks", "pytest   (device)", ALL, named(DEVICE)),
    ("blanks in the check's name", "on a desk yes", (SPACES,), named(SPACES, "yes")),
    ("invisible characters", "de\u200bv\u202eice\u2060 fine", ALL, named(DEVICE, "fine")),
    ("invisible characters in the check's name", "ab", (check("a\u200bb"),), named(check("a\u200bb"))),
    ("an invisible word", "\u200b device", ALL, named(DEVICE)),
    ("quoted", "'pytest (device)' seen", ALL, named(DEVICE, "seen")),
    ("quoted category", "'device' seen", ALL, named(DEVICE, "seen")),
    ("quoted and longer", "'device seen'", ALL, UnknownName(nearest=(DEVICE.name,))),
    ("part of a word", "devices", ALL, UnknownName(nearest=(DEVICE.name,))),
    ("with punctuation", "device: seen", ALL, UnknownName(nearest=(DEVICE.name,))),
    ("misspelt", "devcie seen", ALL, UnknownName(nearest=(DEVICE.name,))),
    ("misspelt, quoted", "'pytest (devcie)'", ALL, UnknownName(nearest=(DEVICE.name, UNIT.name))),
    ("nothing like it", "zzzzzzz", ALL, UnknownName()),
    ("no checks", "device", (), UnknownName()),
    ("the longest name", "unit slow", (UNIT, SLOW), named(SLOW)),
    ("the longest name and text", "unit slow ok", (UNIT, SLOW), named(SLOW, "ok")),
    ("a name that begins another", "pytest", (PYTEST, DEVICE), named(PYTEST)),
    ("a name that begins another, and text", "pytest (devcie)", (PYTEST, DEVICE), ambiguous(PYTEST, DEVICE)),
    ("the same, quoted", "'pytest' (devcie)", (PYTEST, DEVICE), named(PYTEST, "(devcie)")),
    ("the same with a commit alone", "pytest @c0ffee1", (PYTEST, DEVICE), named(PYTEST, commit="c0ffee1")),
    ("a longer name without a blank", "lab seen", (LAB, LAB_2), ambiguous(LAB, LAB_2)),
    ("a long category", f"'{LONG}' seen", (LONG_CHECK,), named(LONG_CHECK, "seen")),
    ("name and category of one check", "lab x", (check("lab", "lab"),), named(check("lab", "lab"), "x")),
    ("a longer name of the same check", "lab x", (check("lab of x2", "lab"),), named(check("lab of x2", "lab"), "x")),
    ("a name counts more than a category", "device", (DEVICE, NAMED_AS_CATEGORY), named(NAMED_AS_CATEGORY)),
    ("two with a category", "lab", (SAME, OTHER_SAME), ambiguous(SAME, OTHER_SAME, needs_quotes=False)),
    ("one of them by name", "lab two", (SAME, OTHER_SAME), named(OTHER_SAME)),
    ("two that differ in case", "desk", (UPPER, LOWER), named(LOWER)),
    ("neither of them exactly", "DESK", (UPPER, LOWER), ambiguous(UPPER, LOWER, needs_quotes=False)),
    ("a regular expression is text", "pytest.*", ALL, UnknownName(nearest=())),
    ("a name that is one", "a.*b yes", (PATTERN, check("axxb")), named(PATTERN, "yes")),
    ("a name that it would match", "axxb", (PATTERN,), UnknownName()),
    ("commit", "device @c0ffee1 seen", ALL, named(DEVICE, "seen", "c0ffee1")),
    ("commit in upper case, with a comma", "device @C0FFEE1, seen", ALL, named(DEVICE, "seen", "c0ffee1")),
    ("commit as code", "device `@c0ffee1` seen", ALL, named(DEVICE, "seen", "c0ffee1")),
    ("whole commit", f"device @{'a' * 40}", ALL, named(DEVICE, commit="a" * 40)),
    ("six digits are no commit", "device @c0ffee", ALL, named(DEVICE, "@c0ffee")),
    ("41 digits are no commit", f"device @{'a' * 41}", ALL, named(DEVICE, f"@{'a' * 41}")),
    ("a person is no commit", "device @octocat said so", ALL, named(DEVICE, "@octocat said so")),
    ("a commit later in the text", "device as in @c0ffee1", ALL, named(DEVICE, "as in @c0ffee1")),
    ("quoted with a commit", "'device' @c0ffee1 ok", ALL, named(DEVICE, "ok", "c0ffee1")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "checks", "expected"), [row[1:] for row in NAMES], ids=[row[0] for row in NAMES])
def test_text_names_a_check(text: str, checks: tuple[KnownCheck, ...], expected: object) -> None:
    (command,) = parse_comment(f"/check pass {text}").commands
    assert resolve(command, checks) == expected


def test_scope_of_a_rerun_is_no_part_of_a_longer_name() -> None:
    (command,) = parse_comment("/check rerun pytest All").commands
    assert command.verb is Verb.RERUN
    assert resolve(command, (PYTEST, DEVICE)) == named(PYTEST, "All")


@pytest.mark.parametrize(
    ("text", "commit"), [("a b @c0ffee1 d @c0ffee2", "c0ffee1"), ("a @octocat", ""), ("'a' @C0FFEE1.", "c0ffee1")]
)
def test_first_commit_of_a_command_is_found(text: str, commit: str) -> None:
    assert mentioned_commit(parse_comment(f"/check pass {text}").commands[0]) == commit


def test_newest_run_of_a_name_says_what_the_check_is() -> None:
    manual = manual_remote()
    tests = replace(manual, id="12", identity=Identity(category="device"))
    assert known_checks([manual, tests]) == (replace(DEVICE, is_manual=False),)
    assert known_checks([tests, manual]) == (DEVICE,)
    assert known_checks([replace(manual, identity=None)]) == ()
