import pytest

from checks.core.model.job import Repository
from checks.core.report.code_owners import owners_by_file
from checks.core.report.owners import FailureOwners, owners_text
from checks.core.results.causes import Failure
from tests.support.rules import rule
from tests.support.sessions import collector, failed, item

TRACKED = frozenset({"src/app.py", "src/free.py", "tests/test_a.py"})
CODE_OWNERS = "/src/ @org/app\n/src/free.py\n/tests/ @org/tests\n"
OWNERS = FailureOwners(
    owners_of=owners_by_file(CODE_OWNERS), repository=Repository(root="/repo", tracked=TRACKED), root="/repo"
)
TEST = item("tests/test_a.py::test_x")


@rule("Owners: a failure")
@pytest.mark.parametrize(
    ("failure", "raised_at", "owners"),
    [
        (Failure.of_stage(TEST, failed()), ("src/app.py", 3), ("@org/app",)),
        (Failure.of_stage(TEST, failed()), ("src/free.py", 3), ("@org/tests",)),
        (Failure.of_stage(TEST, failed()), None, ("@org/tests",)),
        (Failure.of_stage(item("/elsewhere/test_a.py::test_x"), failed()), None, ()),
        (Failure.of_collector(collector("tests/test_a.py")), None, ("@org/tests",)),
        (Failure.of_collector(collector("tests/test_a.py")), ("src/app.py", 1), ("@org/app",)),
    ],
)
def test_place_then_test_has_owners(
    failure: Failure, raised_at: tuple[str, int] | None, owners: tuple[str, ...]
) -> None:
    assert OWNERS.find(failure, raised_at) == owners


def test_many_owners_are_truncated() -> None:
    assert owners_text(["@octo"] * 1_000).endswith(" @octo…")
