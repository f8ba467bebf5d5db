"""Run a program as people do in a shell."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile

from tests.support.runner.preloaded import ROOT, PreloadedProcess, is_like_new


def run_in_shell(folder: Path, program: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the program in a folder, which is also the home, with these variables alone."""
    variables = {"PATH": os.environ["PATH"], "HOME": str(folder), **environ}
    command = [program, *arguments]
    if not is_like_new(variables):
        return subprocess.run(
            [sys.executable, str(ROOT / "entrypoint.py"), *command],
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    with TemporaryFile("w+") as errors:
        process = PreloadedProcess(command, folder, variables, errors.fileno())
        output, _ = process.communicate()
        errors.seek(0)
        return subprocess.CompletedProcess(command, process.wait(), output, errors.read())
