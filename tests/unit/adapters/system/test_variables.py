from __future__ import annotations

import os
from pathlib import Path

import pytest

from checks.adapters.system.variables import job_variables, with_key_from_file
from checks.core.model.errors import CheckError


@pytest.mark.parametrize("arguments", [[], ["run"], ["preview", "--variables-from=3"]])
def test_without_option_variables_are_those_of_our_process(arguments: list[str]) -> None:
    assert job_variables(arguments, {"A": "b"}) == ({"A": "b"}, arguments)


def test_variables_are_read_byte_for_byte_from_descriptor() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"INPUT_PRIVATE-KEY=one\ntwo\n\0A=b=c\0EMPTY=\0NO_VARIABLE\0BYTES=\xff\xc3\xa9\0")
    os.close(writer)
    variables, arguments = job_variables([f"--variables-from={reader}", "run"], {"PATH": "/bin"})
    assert variables == {"INPUT_PRIVATE-KEY": "one\ntwo\n", "A": "b=c", "EMPTY": "", "BYTES": "\udcffé"}
    assert os.fsencode(variables["BYTES"]) == b"\xff\xc3\xa9"
    assert arguments == ["run"]
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.close(reader)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    (tmp_path / "app.pem").write_text("the key\n")
    return tmp_path / "app.pem"


def test_key_is_read_from_the_file_of_the_variable(key_file: Path) -> None:
    environ = {"CHECKS_PRIVATE_KEY_FILE": str(key_file), "A": "b"}
    assert with_key_from_file(environ) == {**environ, "CHECKS_PRIVATE_KEY": "the key"}


def test_key_file_is_ignored_in_actions(key_file: Path) -> None:
    environ = {"CHECKS_PRIVATE_KEY_FILE": str(key_file), "GITHUB_ACTIONS": "true"}
    assert with_key_from_file(environ) == environ


@pytest.mark.parametrize(
    ("name", "key", "why"),
    [
        ("none.pem", "", "the file cannot be read: No such file or directory."),
        ("", "", "the file cannot be read: Is a directory."),
        ("empty.pem", "", "the file is empty."),
        ("app.pem", "the key", "`CHECKS_PRIVATE_KEY` is set, too."),
    ],
)
def test_unusable_key_file_is_an_error(key_file: Path, name: str, key: str, why: str) -> None:
    (key_file.parent / "empty.pem").write_text("\n")
    path = str(key_file.parent / name)
    with pytest.raises(CheckError) as raised:
        with_key_from_file({"CHECKS_PRIVATE_KEY_FILE": path, "CHECKS_PRIVATE_KEY": key})
    (problem,) = raised.value.problems
    assert (problem.what, problem.why) == (f"`CHECKS_PRIVATE_KEY_FILE` is {path!r}", why)


def test_key_file_of_an_unknown_user_is_an_error() -> None:
    with pytest.raises(CheckError, match=r"'~no-such-user/app\.pem': the file cannot be read: no user has this home"):
        with_key_from_file({"CHECKS_PRIVATE_KEY_FILE": "~no-such-user/app.pem"})
