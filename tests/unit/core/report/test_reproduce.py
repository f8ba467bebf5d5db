from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.model.job import Repository
from checks.core.model.session import Invocation
from checks.core.report.reproduce import Reproduction
from tests.support.any_session import TEXTS
from tests.support.rendered import Page
from tests.support.rules import rule

TRACKED = frozenset({"tests/test_a.py", "examples/demo/tests/test_a.py", "a.py"})
AT_ROOT = Reproduction(
    invocation=Invocation(folder="/repo"), root="/repo", repository=Repository(root="/repo", tracked=TRACKED)
)
IN_DEMO = replace(AT_ROOT, invocation=Invocation(folder="/repo/examples/demo"))


def test_command_names_the_failed_tests() -> None:
    (command,) = Page(AT_ROOT.section(["b.py", "a.py::test_x", "b.py", "a.py::test_y[it's `$(rm)`]"])).code
    lines = ["pytest --continue-on-collection-errors", "b.py", "a.py::test_x", """'a.py::test_y[it'"'"'s `$(rm)`]'\n"""]
    assert command == " \\\n  ".join(lines)


#: How pytest was started; the command of the whole session.
STARTED = {
    "pytest -n 4 'tests/a b' -k 'x or y'": replace(AT_ROOT, arguments=["-n", "4", "tests/a b", "-k", "x or y"]),
    "cd examples/demo && pytest": IN_DEMO,
    "pytest -x --randomly-seed=3": replace(AT_ROOT, arguments=["-x"], invocation=replace(AT_ROOT.invocation, seed=3)),
    "": replace(AT_ROOT, arguments=["-x"], invocation=Invocation()),
}


@pytest.mark.parametrize(("command", "reproduction"), STARTED.items(), ids=STARTED)
def test_all_tests_run_again_as_they_were_started(command: str, reproduction: Reproduction) -> None:
    assert reproduction.all_tests() == command


@rule("Limits: tests in the command that reproduces the failures")
def test_command_has_twenty_tests_and_their_number_is_given() -> None:
    text = AT_ROOT.section([f"a.py::test_{number}" for number in range(3_000)])
    assert "a.py::test_19\n" in text
    assert "Showing 20 of 3,000 node IDs." in text


def test_ids_that_are_too_long_are_left_out() -> None:
    text = AT_ROOT.section([f"a.py::test[{'x' * 5_000}]", "a.py::test_x", "a.py::test_x"])
    assert Page(text).code == ["pytest a.py::test_x\n"]
    assert "Showing 1 of 2 node IDs." in text


@pytest.mark.parametrize("nodeids", [[], [""], ["x" * 5_000]])
def test_no_command_without_a_test(nodeids: Sequence[str]) -> None:
    assert AT_ROOT.section(nodeids) == ""


@rule("The command that reproduces failures: pytest was not started at the repository's root")
@pytest.mark.parametrize(
    ("reproduction", "nodeid", "command"),
    [
        pytest.param(AT_ROOT, "a.py::test_x", "pytest a.py::test_x", id="everything at the root"),
        pytest.param(
            replace(IN_DEMO, root="/repo/examples/demo"),
            "tests/test_a.py::test_x",
            "cd examples/demo && pytest tests/test_a.py::test_x",
            id="rootdir and folder below",
        ),
        pytest.param(
            IN_DEMO,
            "examples/demo/tests/test_a.py::test_x",
            "cd examples/demo && pytest tests/test_a.py::test_x",
            id="rootdir above the folder",
        ),
        pytest.param(
            replace(AT_ROOT, root="/repo/examples/demo"),
            "tests/test_a.py::test_x",
            "pytest examples/demo/tests/test_a.py::test_x",
            id="rootdir below the folder",
        ),
        pytest.param(
            replace(AT_ROOT, root="/repo/conf", invocation=Invocation(folder="/repo", paths=("tests",))),
            "test_a.py::test_x",
            "pytest tests/test_a.py::test_x",
            id="rootdir elsewhere, path of a folder",
        ),
        pytest.param(
            replace(AT_ROOT, root="/repo/conf", invocation=Invocation(folder="/repo", paths=("a.py::test_x",))),
            "::test_x",
            "pytest a.py::test_x",
            id="rootdir elsewhere, path of a file",
        ),
        pytest.param(
            replace(AT_ROOT, root="/repo/conf"), "a.py::test_x", "pytest a.py::test_x", id="rootdir elsewhere, no path"
        ),
        pytest.param(
            replace(AT_ROOT, root="/repo/examples/demo", invocation=Invocation()),
            "tests/test_a.py::test_x",
            "cd examples/demo && pytest tests/test_a.py::test_x",
            id="folder unknown",
        ),
        pytest.param(
            replace(AT_ROOT, root="/elsewhere", invocation=Invocation(folder="/elsewhere")),
            "test_a.py::test_x",
            "pytest test_a.py::test_x",
            id="outside of the repository",
        ),
        pytest.param(
            replace(AT_ROOT, root="/repo/a b", invocation=Invocation(folder="/repo/a b")),
            "c d.py::test_x",
            "cd 'a b' && pytest 'c d.py::test_x'",
            id="blanks",
        ),
        pytest.param(AT_ROOT, "-a/b.py::test_x", "pytest ./-a/b.py::test_x", id="path like an option"),
        pytest.param(Reproduction(), "a.py::test_x", "pytest a.py::test_x", id="nothing is known"),
    ],
)
def test_command_works_at_the_root_of_the_repository(reproduction: Reproduction, nodeid: str, command: str) -> None:
    assert reproduction.command([nodeid]) == command


@rule("The command that reproduces failures: options of pytest-args")
@pytest.mark.parametrize(
    ("arguments", "paths", "kept"),
    [
        ("-m 'not slow' -p no:cacheprovider -W error", "", "-m 'not slow' -p no:cacheprovider -W error"),
        ("-c conf/pytest.ini --rootdir=. -o addopts= --import-mode importlib", "", None),
        ("--doctest-modules --strict-markers --runslow --env=test", "", None),
        ("-n 4 --numprocesses=auto -nauto --dist loadfile --maxfail 3 -x --exitfirst", "", ""),
        ("-q -v -vv -xvs -l --tb=short --tb short -rA -r fE --color yes --no-header", "", "-s"),
        ("--cov --cov=src --cov src --cov-report term --cov-fail-under=90 --no-cov --durations=10", "", ""),
        ("--junitxml=a.xml --junit-xml b.xml --html c.html --json-report-omit log streams --json-report", "", ""),
        ("--lf --ff --nf --sw --last-failed --stepwise-skip -k 'a or b' -ka --deselect a.py::x --ignore b.py", "", ""),
        ("--reruns 3 --reruns-delay=1 --only-rerun Timeout -m slow", "", "-m slow"),
        ("--splits 3 --group 2 --num-shards=4 --shard-id 1 --randomly-seed=last", "", ""),
        ("tests -m slow a.py::test_x", "tests a.py::test_x", "-m slow"),
        ("--rootdir tests -s tests", "tests", "--rootdir tests -s"),
        ("tests --rootdir tests", "tests", "--rootdir tests"),
        ("--cov tests --strict-markers tests", "tests", "--strict-markers"),
        ("-m slow -- tests -odd", "tests -odd", "-m slow"),
        ("-sn4 -sm slow", "", "-s -sm slow"),
        ("-m '' -k '' -o addopts=", "", "-m '' -o addopts="),
        ("-", "-", ""),
    ],
)
def test_options_that_matter_are_kept_in_order(arguments: str, paths: str, kept: str | None) -> None:
    invocation = Invocation(folder="/repo", paths=tuple(shlex.split(paths)))
    reproduction = replace(AT_ROOT, arguments=shlex.split(arguments), invocation=invocation)
    expected = ["pytest", *shlex.split(arguments if kept is None else kept), "a.py::x"]
    assert shlex.split(reproduction.command(["a.py::x"])) == expected


@rule("The command that reproduces failures: a configuration nearer to the tests than that of the job")
@pytest.mark.parametrize(
    ("files", "arguments", "words"),
    [
        pytest.param(["pytest.ini", "a/tox.ini"], [], ["-c", "pytest.ini"], id="nearer"),
        pytest.param(["pytest.ini"], [], [], id="none nearer"),
        pytest.param(["pytest.ini", "pyproject.toml"], [], [], id="in the same folder"),
        pytest.param(["pytest.ini", "b/tox.ini"], [], [], id="beside"),
        pytest.param(["pytest.ini", "a/tox.ini"], ["-c", "b.ini"], ["-c", "b.ini"], id="given"),
        pytest.param(["a/tox.ini"], [], [], id="unknown"),
    ],
)
def test_configuration_is_given_if_another_is_nearer(files: list[str], arguments: list[str], words: list[str]) -> None:
    repository = Repository(root="/repo", tracked=frozenset({*files, "a/test_a.py", "a/sub/test_b.py"}))
    invocation = Invocation(folder="/repo", configuration="/repo/pytest.ini")
    reproduction = replace(AT_ROOT, repository=repository, invocation=invocation, arguments=arguments)
    nodeids = ["a/test_a.py::x", "a/sub/test_b.py::x"]
    assert shlex.split(reproduction.command(nodeids).replace("\\\n", "")) == ["pytest", *words, *nodeids]


@rule("The command that reproduces failures: pytest-randomly's seed")
def test_seed_is_given_once() -> None:
    invocation = Invocation(folder="/repo", seed=4711)
    reproduction = replace(AT_ROOT, arguments=["--randomly-seed=last", "-s"], invocation=invocation)
    assert reproduction.command(["a.py::x"]) == "pytest -s --randomly-seed=4711 a.py::x"


@given(
    st.lists(TEXTS, max_size=3),
    st.builds(Invocation, folder=TEXTS, paths=st.lists(TEXTS, max_size=2).map(tuple)),
    TEXTS,
    st.lists(TEXTS, max_size=3),
)
def test_any_session_has_a_command_of_plain_words(
    arguments: list[str], invocation: Invocation, root: str, nodeids: list[str]
) -> None:
    reproduction = replace(AT_ROOT, arguments=arguments, invocation=invocation, root=root)
    words = shlex.split(reproduction.command(nodeids))
    assert words[0 if words[0] != "cd" else 3] == "pytest"
    assert set(Page(reproduction.section(nodeids)).tags) <= {"h3", "pre", "code", "p"}
