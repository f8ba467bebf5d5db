"""The command ``pytest-check-runs`` of the installed package, and ``python -m pytest_check_runs``."""

from __future__ import annotations

import os
import sys

from .programs.cli import command


def main() -> None:
    """Run a program and exit with its status."""
    sys.exit(command(sys.argv[1:], os.environ, sys.stdout.buffer, "pytest-check-runs"))


if __name__ == "__main__":
    main()
