"""Reads the job's variables and the command line, runs a program, and exits with its status."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication  # which no other program loads either


def main() -> None:
    """Run a program and exit with its status."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT, signal.SIGTERM])  # which `bin/start` has blocked
    from checks.adapters.system.variables import job_variables  # noqa: PLC0415 - after the handlers: imports take a while
    from checks.programs.cli import command  # noqa: PLC0415

    variables, arguments = job_variables(sys.argv[1:], os.environ)
    os._exit(command(arguments, variables))  # streams are flushed; freeing each object takes 30 ms


def application() -> WSGIApplication:
    """Return the webhook receiver for any WSGI server, such as ``gunicorn 'entrypoint:application()'``."""
    from checks.programs.cli import wsgi_application  # noqa: PLC0415

    return wsgi_application(os.environ, sys.stdout.buffer)


def _leave(number: int, _: FrameType | None) -> None:
    os.write(1, b"Interrupted before the start.\n")
    os._exit(128 + number)


if __name__ == "__main__":
    main()
