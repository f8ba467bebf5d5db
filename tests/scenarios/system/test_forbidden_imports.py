from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.waits import HANG_SECONDS

ROOT = Path(__file__).parents[3]
FORBIDDING = """
import sys
from checks.adapters.system import imports
imports.forbid()
"""


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("import wave", "No"),
        ("import planted", "No"),
        ("b'x'.decode('cp1251')", "No"),
        ("b'x'.decode('planted')", "No"),
        ("import importlib.machinery", "Yes"),
        ("import _string", "Yes"),
    ],
)
def test_only_loaded_and_builtin_modules_can_be_imported(tmp_path: Path, code: str, result: str) -> None:
    (tmp_path / "planted.py").write_text("")
    script = f"{FORBIDDING}\ntry:\n    {code}\n    print('Yes')\nexcept (ImportError, LookupError):\n    print('No')"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=HANG_SECONDS,
    )
    assert done.stdout.split() == [result]
