"""The one door: reads the command line and the environment, and ends the process."""

from __future__ import annotations

import os
import sys

from checks.programs.command import command


def main(arguments: list[str]) -> None:
    """Run a program and exit with its status."""
    sys.exit(command(arguments, os.environ, sys.stdout.buffer))


if __name__ == "__main__":
    main(sys.argv[1:])
