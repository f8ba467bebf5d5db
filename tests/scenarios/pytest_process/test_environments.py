from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from checks.adapters.pytest_process import environments
from checks.core.model.errors import CheckError
from tests.support import needs


def test_without_a_setting_it_is_the_python_that_runs_us() -> None:
    assert environments.existing({}).python == Path(sys.executable)
    assert environments.existing({"CHECKS_PYTHON": ""}).commands == ()


def test_a_virtual_environment_stays_one_although_its_python_is_a_link(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    found = environments.existing({"CHECKS_PYTHON": str(tmp_path / "env" / "bin" / "python")})
    assert found.python == tmp_path / "env" / "bin" / "python"
    assert found.venv == str(tmp_path / "env")


def test_another_python_is_no_virtual_environment(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "mypython").symlink_to(sys.executable)
    found = environments.existing({"CHECKS_PYTHON": "mypython", "PATH": str(tmp_path / "bin")})
    assert (found.python, found.venv) == (tmp_path / "bin" / "mypython", "")


@pytest.mark.parametrize("named", ["/nowhere/python", "no-such-python", "/usr"])
def test_a_python_that_is_not_there_is_named(named: str) -> None:
    with pytest.raises(CheckError, match=f"CHECKS_PYTHON is '{named}'"):
        environments.existing({"CHECKS_PYTHON": named, "PATH": "/usr/bin"})


def test_another_cpython_is_made_by_the_uv_on_path(tmp_path: Path) -> None:
    uv = tmp_path / "uv"
    uv.symlink_to(sys.executable)
    planned = environments.planned("3.9", folder=Path("/made"), environ={"PATH": str(tmp_path)})
    assert (planned.python, planned.venv) == (Path("/made/bin/python"), "/made")
    assert [command[:2] for command in planned.commands] == [(str(uv), "venv"), (str(uv), "pip")]
    assert Path(planned.commands[1][-1]).name == "tests.txt"
    assert Path(planned.commands[1][-1]).is_file()


def test_uv_beside_our_python_will_do() -> None:
    needs.uv()
    planned = environments.planned("3.9", folder=Path("/made"), environ={"PATH": "/nowhere"})
    assert planned.commands[0][0] == str(Path(sys.executable).with_name("uv"))
