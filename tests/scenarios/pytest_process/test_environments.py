from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from checks.adapters.pytest_process import environments
from checks.core.model.errors import CheckError
from tests.support import needs


def test_default_environment_is_the_running_python() -> None:
    assert environments.existing({}).python == Path(sys.executable)
    assert environments.existing({"CHECKS_PYTHON": ""}).commands == ()


def test_virtual_environment_is_found_by_its_linked_python(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    environment = environments.existing({"CHECKS_PYTHON": str(tmp_path / "env" / "bin" / "python")})
    assert environment.python == tmp_path / "env" / "bin" / "python"
    assert environment.venv == str(tmp_path / "env")


def test_python_outside_a_virtual_environment_has_no_venv(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "mypython").symlink_to(sys.executable)
    environment = environments.existing({"CHECKS_PYTHON": "mypython", "PATH": str(tmp_path / "bin")})
    assert (environment.python, environment.venv) == (tmp_path / "bin" / "mypython", "")


@pytest.mark.parametrize("python_name", ["/nowhere/python", "no-such-python", "/usr"])
def test_missing_python_is_named_in_the_error(python_name: str) -> None:
    with pytest.raises(CheckError, match=f"CHECKS_PYTHON is '{python_name}'"):
        environments.existing({"CHECKS_PYTHON": python_name, "PATH": "/usr/bin"})


def test_planned_environment_is_made_by_uv_on_path(tmp_path: Path) -> None:
    uv = tmp_path / "uv"
    uv.symlink_to(sys.executable)
    environment = environments.planned("3.9", folder=Path("/made"), environ={"PATH": str(tmp_path)})
    assert (environment.python, environment.venv) == (Path("/made/bin/python"), "/made")
    assert [command[:2] for command in environment.commands] == [(str(uv), "venv"), (str(uv), "pip")]
    assert Path(environment.commands[1][-1]).name == "tests.txt"
    assert Path(environment.commands[1][-1]).is_file()


def test_planned_environment_uses_uv_beside_our_python() -> None:
    needs.uv()
    environment = environments.planned("3.9", folder=Path("/made"), environ={"PATH": "/nowhere"})
    assert environment.commands[0][0] == str(Path(sys.executable).with_name("uv"))
