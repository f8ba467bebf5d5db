"""Run a program as people do in a shell."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.runner.jobs import ROOT


def run_in_shell(folder: Path, program: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the program in a folder, which is also the home, with these variables alone."""
    return subprocess.run(
        [sys.executable, str(ROOT / "entrypoint.py"), program, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
