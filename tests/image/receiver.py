"""Run the receiver in a container of the built image that shares this machine's network."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue

from tests.image.job import IMAGE, buildah
from tests.support.github.server import GithubServer

_START_SECONDS = 60


@contextmanager
def receiving(github: GithubServer) -> Iterator[None]:
    """Run ``docker run IMAGE serve``, with the App's webhook deliveries sent to it."""
    assert github.world.hook is not None
    settings = {
        "CHECKS_APP_ID": github.app.client_id,
        "CHECKS_PRIVATE_KEY": github.app.private_key.replace("\n", r"\n"),
        "CHECKS_WEBHOOK_SECRET": github.world.hook.secret,
        "GITHUB_API_URL": github.url,
    }
    container = buildah("from", "--pull=never", IMAGE)
    entry = json.loads(buildah("inspect", "--type", "image", IMAGE))["OCIv1"]["config"]["Entrypoint"]
    env = [f"--env={name}={value}" for name, value in settings.items()]
    command = ["buildah", "run", *env, container, "--", *entry, "serve", "--port", "0"]
    try:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
            lines: SimpleQueue[str] = SimpleQueue()
            reader = threading.Thread(target=_read, args=(process, lines))
            reader.start()
            github.world.hook.url = json.loads(lines.get(timeout=_START_SECONDS))["url"] + "/webhook"
            try:
                yield
            finally:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(timeout=_START_SECONDS)
                reader.join()
    finally:
        buildah("rm", container)


def _read(process: subprocess.Popen[str], lines: SimpleQueue[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)
