"""The quarantine through the whole action: which file counts, and what its tests do to the check."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.github.server import Fault, GithubServer
from tests.support.rules import rule
from tests.support.runner.jobs import Job, JobOf
from tests.support.runner.merges import merged

PATH = "tests/quarantine.toml"
ENTRY = """
[[quarantine]]
test = "test_a.py::test_unstable"
until = 9999-12-31
reason = "Rounding differs"
"""
REASON = "Quarantined until 9999-12-31: Rounding differs."
FILES = {
    PATH: ENTRY,
    "test_a.py": """
import pytest

@pytest.fixture
def unclean():
    yield
    raise OSError("unclean")

def test_unstable(unclean): assert 1 == 2
def test_fine(): pass
""",
}


@pytest.fixture(autouse=True)
def granted(github: GithubServer) -> None:
    github.installation.permissions["contents"] = "read"


@rule("Quarantine: a quarantined test fails")
def test_quarantined_failure_is_a_warning(job_of: JobOf, github: GithubServer) -> None:
    result = job_of(FILES).run(quarantine=PATH, compare="none", passing="none")
    run = github.run
    assert (result.exit_status, run["conclusion"]) == (0, "success")
    assert run["output"]["title"].startswith("1 passed, 2 quarantined")
    assert [(note["annotation_level"], note["title"], note["message"]) for note in github.annotations()] == [
        (
            "warning",
            "test_a.py::test_unstable",
            "Quarantined until 9999-12-31: Rounding differs. AssertionError: assert 1 == 2",
        ),
        ("warning", "test_a.py::test_unstable", "Quarantined until 9999-12-31: Rounding differs. OSError: unclean"),
    ]
    assert "These quarantined tests failed:" in run["output"]["summary"]
    assert (result.outputs["quarantined"], result.outputs["failed"], result.outputs["failed-tests"]) == ("1", "0", "[]")


@rule("Quarantine: a pull request adds an entry")
def test_entry_of_a_pull_request_takes_effect_after_the_merge(job_of: JobOf, github: GithubServer) -> None:
    job = job_of(FILES)
    base, _ = merged(job)
    github.world.files_at[base] = {PATH: ""}
    result = job.run(quarantine=PATH, compare="none")
    assert (result.exit_status, github.run["conclusion"]) == (1, "failure")
    summary = github.run["output"]["summary"]
    assert "Takes effect after merge" in summary
    assert "would cover test_a.py::test_unstable" in summary
    (request,) = [request for request in github.reads if "/contents/" in request.path]
    assert (request.path.endswith(PATH), request.query) == (True, {"ref": base})


@rule("Quarantine: the file of the base has the entry")
def test_entry_of_the_base_counts_in_a_pull_request(job_of: JobOf, github: GithubServer) -> None:
    job = job_of({**FILES, PATH: "# The change removes the entry.\n"})
    base, _ = merged(job)
    github.world.files_at[base] = {PATH: ENTRY}
    result = job.run(quarantine=PATH, compare="none")
    assert (result.exit_status, github.run["conclusion"], result.outputs["quarantined"]) == (0, "success", "1")


def _without_permission(github: GithubServer, base: str) -> None:
    del base
    del github.installation.permissions["contents"]


def _invalid(github: GithubServer, base: str) -> None:
    github.world.files_at[base] = {PATH: "[[quarantine]]"}


def _silent(github: GithubServer, base: str) -> None:
    del base
    github.fault(Fault(path="/contents/", how="drop"))


@rule("Quarantine: the file of the base cannot be read")
@pytest.mark.parametrize(
    "prepare", [_invalid, *(pytest.param(each, marks=pytest.mark.slow) for each in (_without_permission, _silent))]
)
def test_nothing_is_quarantined_if_the_base_cannot_be_read(
    job_of: JobOf, github: GithubServer, prepare: Callable[[GithubServer, str], None]
) -> None:
    job = job_of(FILES)
    base, _ = merged(job)
    github.world.files_at[base] = {PATH: ENTRY}
    prepare(github, base)
    result = job.run(quarantine=PATH, compare="none")
    assert (result.exit_status, github.run["conclusion"]) == (1, "failure")
    assert (
        "Nothing was quarantined, because the file of the base commit cannot be used" in github.run["output"]["summary"]
    )


@rule("Quarantine: the file is missing or wrong")
def test_wrong_file_is_an_error_before_any_test(job_of: JobOf, github: GithubServer) -> None:
    job = job_of({**FILES, PATH: ENTRY + "\n[[quarantine]]\ntest = '*'\n"})
    result = job.run(quarantine=PATH)
    assert (result.exit_status, github.run["conclusion"]) == (2, "action_required")
    for mistake in ("line 7: `until` is missing", "line 7: `reason` is missing", "line 7: `test` matches every test"):
        assert mistake in result.log
    assert "== test session starts" not in result.log


@pytest.mark.parametrize("path", [pytest.param("tests/other.toml", marks=pytest.mark.slow), "../secret.toml"])
def test_path_outside_the_tracked_files_is_an_error(job_of: JobOf, github: GithubServer, path: str) -> None:
    result = job_of(FILES).run(quarantine=path)
    assert (result.exit_status, github.run["conclusion"]) == (2, "action_required")
    assert "Input `quarantine`" in result.log


@rule("Quarantine: something else than a test fails")
@pytest.mark.parametrize(
    ("code", "conclusion"),
    [
        ("import missing", "action_required"),
        ("import os\ndef test_unstable(): os._exit(3)\n", "failure"),
        ("def test_unstable(): assert 0\ndef test_other(): assert 0\n", "failure"),
    ],
)
def test_quarantine_hides_nothing_else(job_of: JobOf, github: GithubServer, code: str, conclusion: str) -> None:
    entry = ENTRY.replace("test_a.py::test_unstable", "test_a.py::test_unst*")
    job: Job = job_of({PATH: entry, "test_a.py": code})
    assert job.run(quarantine=PATH, compare="none").exit_status == 1
    assert github.run["conclusion"] == conclusion
