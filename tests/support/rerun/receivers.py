"""The program `serve` as a process that receives deliveries from the fake GitHub server."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

from tests.support.github.server import GithubServer
from tests.support.runner.preloaded import ROOT, PreloadedProcess
from tests.support.waits import HANG_SECONDS


class ReceiverProcess:
    """Receives deliveries at `url` until it is stopped or killed."""

    def __init__(self, github: GithubServer, **env: str) -> None:
        assert github.world.hook is not None
        settings = {
            "PATH": os.environ["PATH"],
            "CHECKS_APP_ID": github.app.client_id,
            "CHECKS_PRIVATE_KEY": github.app.private_key,
            "CHECKS_WEBHOOK_SECRET": github.world.hook.secret,
            "GITHUB_API_URL": github.url,
        }
        command = ["serve", "--port", "0"]
        self._process = PreloadedProcess(command, ROOT, {**settings, **env}, stderr=2)
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.url = json.loads(self._lines.get(timeout=HANG_SECONDS))["url"]
        github.world.hook.url = f"{self.url}/webhook"

    def _read(self) -> None:
        """Read the output, as a full pipe would block the process."""
        with self._process.stdout as log:
            for line in log:
                self._lines.put(line)

    def stop(self) -> list[dict[str, Any]]:
        """Stop the process with SIGTERM. Return the lines of its log."""
        self._process.terminate()
        self._end()
        return [json.loads(self._lines.get()) for _ in range(self._lines.qsize())]

    def kill(self) -> None:
        """Kill the process."""
        self._process.kill()
        self._end()

    def _end(self) -> None:
        self._process.wait(timeout=HANG_SECONDS)
        self._reader.join()

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None


@contextmanager
def receiving(github: GithubServer, **env: str) -> Iterator[ReceiverProcess]:
    """Run a receiver at the URL of the App's webhook."""
    receiver = ReceiverProcess(github, **env)
    try:
        yield receiver
    finally:
        if receiver.is_running:
            receiver.kill()
