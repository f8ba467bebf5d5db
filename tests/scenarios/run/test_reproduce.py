"""The command in the summary, run by a shell at the root of the repository, runs just the failed tests again."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from checks.core.results.causes import failures
from tests.support.environments import python_with
from tests.support.github.server import GithubServer
from tests.support.json_reports import session_of
from tests.support.rules import rule
from tests.support.runner.jobs import Job, JobOf

KINDS = {
    "pyproject.toml": '[tool.pytest.ini_options]\naddopts = ["-m", "not slow"]\nmarkers = ["slow"]\n',
    "tests/test_ids.py": r"""
import pytest, unittest

TEXTS = ["it's", 'a "b"  c', "$(false) `x` $HOME", "a\\b", "ü", "x[::]y", "-k", "a; b & #", ""]

@pytest.mark.parametrize("text", TEXTS)
def test_text(text): assert text == "fine"

def test_fine(): pass

class TestOuter:
    class TestInner:
        def test_method(self): assert 0
        def test_other(self): pass

class Case(unittest.TestCase):
    def test_case(self):
        for number in range(3):
            with self.subTest("even", number=number):
                self.assertEqual(number % 2, 0)

def test_subtests(subtests):
    for number in range(3):
        with subtests.test("even", number=number):
            assert number % 2 == 0

@pytest.fixture
def broken(): raise RuntimeError

def test_setup(broken): pass

@pytest.mark.slow
def test_slow(): assert 0
""",
    "tests/a folder/test_a b.py": "def test_a(): assert 0\ndef test_b(): pass\n",
    "tests/test_unimportable.py": "import nowhere\n",
    "src/shop.py": '"""\n>>> 1 + 1\n3\n"""\n\ndef f():\n    """\n    >>> 1\n    1\n    """\n',
    "docs/guide.txt": ">>> 1 + 1\n3\n",
}
KINDS_ARGUMENTS = (
    "tests src docs -m 'slow or not slow' --doctest-modules --doctest-glob=*.txt --continue-on-collection-errors -q "
    "--maxfail 50 --tb short"
)
#: Those of a subtest, of doctests, of a module that cannot be collected, and of parametrized tests.
KINDS_LINES = (
    *("tests/test_ids.py::Case::test_case", "tests/test_ids.py::test_subtests", "src/shop.py::shop"),
    *("docs/guide.txt::guide.txt", "tests/test_unimportable.py", "'tests/a folder/test_a b.py::test_a'"),
    *("'tests/test_ids.py::test_text[$(false) `x` $HOME]'", "'tests/test_ids.py::test_text[]'"),
)
SMALL = "def test_a(): assert 0\ndef test_b(): pass\n"
RANDOM = """
import random
def test_chance(): assert random.random() < 0, random.random()
"""

#: By name: the files, the inputs, and the beginning of the command.
LAYOUTS = {
    "ids of every kind": (
        KINDS,
        {"pytest_args": KINDS_ARGUMENTS},
        "pytest -m 'slow or not slow' --doctest-modules '--doctest-glob=*.txt' --continue-on-collection-errors",
    ),
    "working-directory with a rootdir of its own": (
        {"examples/demo/pytest.ini": "[pytest]\n", "examples/demo/tests/unit/test_a.py": SMALL},
        {"working_directory": "examples/demo", "pytest_args": "--maxfail=5 tests/unit"},
        "cd examples/demo && pytest tests/unit/test_a.py::test_a",
    ),
    "working-directory below the rootdir": (
        {"pytest.ini": "[pytest]\n", "my demo/tests/test_a.py": SMALL},
        {"working_directory": "my demo"},
        "cd 'my demo' && pytest tests/test_a.py::test_a",
    ),
    "a rootdir elsewhere": (
        {"conf/pytest.ini": "[pytest]\naddopts = --strict-markers\n", "tests/unit/test_a.py": SMALL},
        {"pytest_args": "-c conf/pytest.ini tests"},
        "pytest -c conf/pytest.ini tests/unit/test_a.py::test_a",
    ),
    "a rootdir elsewhere, and the path of a file": (
        {"conf/pytest.ini": "[pytest]\n", "tests/unit/test_a.py": SMALL},
        {"pytest_args": "--rootdir conf tests/unit/test_a.py"},
        "pytest --rootdir conf tests/unit/test_a.py::test_a",
    ),
    "a configuration nearer to the failed tests": (
        {
            "pytest.ini": "[pytest]\npython_functions = check\n",
            "packages/one/pytest.ini": "[pytest]\n",
            "packages/one/test_a.py": "def check_a(): assert 0\n",
            "packages/two/test_b.py": "def check_b(): pass\n",
        },
        {"pytest_args": "packages/one packages/two"},
        "pytest -c pytest.ini packages/one/test_a.py::check_a",
    ),
    "collection errors among other failures": (
        {"test_a.py": SMALL, "test_broken.py": "import nowhere\n"},
        {"workers": "1"},
        "pytest --continue-on-collection-errors",
    ),
}


#: Others are much like them, and the unit tests have their commands.
SLOW = {
    "working-directory below the rootdir",
    "a rootdir elsewhere, and the path of a file",
    "a configuration nearer to the failed tests",
    "a rootdir elsewhere",
    "collection errors among other failures",
}


def command_in(summary: str) -> str:
    (command,) = re.findall(r"^### Reproduce\n\n```sh\n(.*?)\n```", summary, re.DOTALL | re.MULTILINE)
    return str(command)


def names(nodeids: Iterable[str]) -> set[str]:
    """Return the ids without files, which pytest names by its arguments if they are outside of its rootdir."""
    return {nodeid.partition("::")[2] or nodeid for nodeid in nodeids}


def run_again(job: Job, command: str, python: Path) -> Path:
    """Run the command as a user who has the tests' environment; return its JSON report."""
    report = job.folder / "again.json"
    environ = {
        "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(job.folder),
        "PYTEST_ADDOPTS": f"-p pytest_jsonreport --json-report --json-report-file={report}",
    }
    subprocess.run(["sh", "-c", command], cwd=job.checkout, env=environ, check=False, stdin=subprocess.DEVNULL)
    return report


@rule("The command that reproduces failures: ten failures, each as pytest names it")
@rule("The command that reproduces failures: a subtest, a doctest, a module that cannot be collected")
@pytest.mark.parametrize(
    ("files", "inputs", "start"),
    [
        pytest.param(*layout, id=name, marks=[pytest.mark.slow] if name in SLOW else [])
        for name, layout in LAYOUTS.items()
    ],
)
def test_command_runs_just_the_failed_tests_again(
    job_of: JobOf, github: GithubServer, files: dict[str, str], inputs: dict[str, str], start: str
) -> None:
    job = job_of(files)
    result = job.run(**inputs)
    first = session_of(json.loads((job.workspace / result.outputs["report"]).read_text()))
    assert len(first.items) > len(first.failed_items)
    command = command_in(github.run["output"]["summary"])
    assert command.startswith(start)
    assert files is not KINDS or {*KINDS_LINES} < {line.strip(" \\") for line in command.splitlines()}
    again = json.loads(run_again(job, command, Path(sys.executable)).read_text())
    results = [entry for entry in again.get("collectors", ()) if entry["outcome"] == "failed"] + again["tests"]
    assert names(result["nodeid"] for result in results) == names(failure.nodeid for failure in failures(first))
    passed = names(result["nodeid"] for result in results if result["outcome"] not in ("failed", "error"))
    assert passed <= {"Case::test_case"}  # pytest-json-report does not see its failed subtest


def test_command_repeats_the_seed_of_pytest_randomly(job_of: JobOf, github: GithubServer) -> None:
    python = python_with("randomly")
    job = job_of({"test_a.py": RANDOM}, env={"CHECKS_PYTHON": str(python)})
    job.run()
    (annotation,) = github.annotations()
    command = command_in(github.run["output"]["summary"])
    assert re.fullmatch(r"pytest --randomly-seed=\d+ test_a.py::test_chance", command)
    (again,) = json.loads(run_again(job, command, python).read_text())["tests"]
    assert again["call"]["crash"]["message"].partition("\n")[0] == annotation["message"].removesuffix("\n")
