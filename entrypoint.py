"""The one door: reads the command line and the environment, and ends the process."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from checks.programs.command import command, hosted

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication  # which no other program loads either


def main(arguments: list[str]) -> None:
    """Run a program and exit with its status."""
    sys.exit(command(arguments, os.environ, sys.stdout.buffer))


def application() -> WSGIApplication:
    """The webhook receiver for any WSGI server, such as ``gunicorn 'entrypoint:application()'``."""
    return hosted(os.environ, sys.stdout.buffer)


if __name__ == "__main__":
    main(sys.argv[1:])
