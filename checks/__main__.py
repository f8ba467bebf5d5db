"""The command ``pytest-check-runs`` of the installed package, and ``python -m pytest_check_runs``."""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    """Run a program and exit with its status."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until a program has its own handler, without a traceback
    from .programs.cli import command  # noqa: PLC0415 - imports take a while

    sys.exit(command(sys.argv[1:], os.environ, "pytest-check-runs"))


if __name__ == "__main__":
    main()
