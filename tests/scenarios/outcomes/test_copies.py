"""Failures in code that does not run from where git tracks it: moved byte code, installed packages, build folders."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.environments import ROOT, python_with
from tests.support.github.server import GithubServer
from tests.support.runner.jobs import Job, JobOf

SHOP = {
    "pytest.ini": "[pytest]\n",
    "src/shop/__init__.py": "",
    "src/shop/cart.py": "def total(prices):\n    return sum(prices) / len(prices)\n",
    "src/shop/tests/__init__.py": "",
    "src/shop/tests/test_cart.py": "from shop.cart import total\n\n\ndef test_total():\n    assert total([]) == 0\n\n\n"
    "def test_sum():\n    assert total([1]) == 1\n",
}


def places(github: GithubServer) -> list[str]:
    return sorted(f"{a['annotation_level']} {a['path']}:{a['start_line']}" for a in github.annotations())


def test_byte_code_of_a_moved_folder_keeps_its_lines(tmp_path: Path, github: GithubServer) -> None:
    old = tmp_path / "old"
    shutil.copytree(ROOT / "tests" / "cases" / "pycmove", old)
    python = python_with("pytest8")
    environ = {name: text for name, text in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
    subprocess.run([python, "-m", "pytest", "-q"], cwd=old, env=environ, check=False, capture_output=True)
    job = Job(github=github, folder=tmp_path, project=str(old), env={"CHECKS_PYTHON": str(python)})
    shutil.copytree(old / "tests" / "__pycache__", job.workspace / "tests" / "__pycache__")
    shutil.rmtree(old)
    job.run()
    assert places(github) == ["failure tests/test_m.py:13", "failure tests/test_m.py:7", "notice tests/test_m.py:20"]
    details = "\n".join(annotation.get("raw_details", "") for annotation in github.annotations())
    assert "  > " in details
    assert "a = 1" in details
    assert str(old) not in details


@pytest.mark.parametrize(
    "folder", ["venv/lib/python3.11/site-packages", pytest.param("workspace/build/lib", marks=pytest.mark.slow)]
)
def test_installed_and_built_copies_are_located_in_their_source(
    folder: str, tmp_path: Path, github: GithubServer, job_of: JobOf
) -> None:
    job = job_of(SHOP, env={"PYTHONPATH": str(tmp_path / folder)})
    shutil.copytree(job.workspace / "src", tmp_path / folder)
    job.run(pytest_args="--pyargs shop")
    assert places(github) == ["failure src/shop/cart.py:2", "notice src/shop/tests/test_cart.py:8"]
