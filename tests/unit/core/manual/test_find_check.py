"""Which manual check a person at a terminal means, by name or category."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.github.external_id import fit_category
from checks.core.manual.find_check import find_check
from checks.core.model.check_run import RemoteCheckRun
from checks.core.model.errors import CheckError
from checks.core.model.identity import Identity, RunKind
from tests.unit.core.manual.manual_runs import COMMIT, PASSED, manual_remote

LONG = "a category of a name with more than forty-eight characters in it"


def run(number: int, name: str, category: str = "", kind: RunKind = RunKind.MANUAL) -> RemoteCheckRun:
    identity = Identity(workflow="manual.yml", category=category, kind=kind)
    return manual_remote(id=str(number), name=name, identity=identity)


DEVICE, PAGE = run(1, "pytest (device)", "device"), run(2, "pytest (page)", "page")
UNIT = run(3, "pytest (unit)", "unit", RunKind.COMPLETE)
NAMESAKE = run(4, "device", "other")
SECOND = run(5, "On a desk", "device")


@pytest.mark.parametrize(
    ("name", "runs", "found"),
    [
        ("pytest (device)", [DEVICE, PAGE, UNIT], "1"),
        ("device", [DEVICE, PAGE, UNIT], "1"),
        ("device", [DEVICE, NAMESAKE], "4"),
        ("device", [DEVICE, replace(DEVICE, id="9"), PAGE], "9"),
        ("unit", [UNIT, run(6, "By hand", "unit")], "6"),
        (LONG, [run(7, "x", fit_category(LONG))], "7"),
        ("On a desk", [DEVICE, SECOND], "5"),
    ],
)
def test_check_is_found_by_name_then_by_category(name: str, runs: list[RemoteCheckRun], found: str) -> None:
    assert find_check(name, COMMIT, runs).id == found


@pytest.mark.parametrize(
    ("name", "runs", "message"),
    [
        ("devise", [DEVICE, PAGE], 'has no manual check "devise". The nearest names: device.'),
        ("zzz", [DEVICE, PAGE], 'no manual check "zzz". Its manual checks: pytest (device), pytest (page).'),
        ("device", [UNIT], 'no manual check "device". Check the commit and the repository'),
        ("device", [], "no manual check of this App is there."),
        ("pytest (unit)", [DEVICE, UNIT], '"pytest (unit)" is decided by its tests. Re-run the tests,'),
        ("device", [DEVICE, SECOND], 'have the category "device": On a desk, pytest (device). Set it to the name'),
        ("x\ny", [DEVICE], 'no manual check "x y"'),
        ("pytest (device)", [DEVICE, replace(DEVICE, id="9", identity=UNIT.identity)], "is decided by its tests"),
        ("lint", [manual_remote(PASSED, name="lint", identity=None)], "no manual check of this App is there."),
    ],
)
def test_other_names_are_errors_with_a_remedy(name: str, runs: list[RemoteCheckRun], message: str) -> None:
    with pytest.raises(CheckError) as error:
        find_check(name, COMMIT, runs)
    assert message in str(error.value)
