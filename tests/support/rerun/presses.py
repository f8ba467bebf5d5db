"""Many clicks at once, delivered to the App's webhook."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.support.github.server import GithubServer, HookDelivery


def press_all(github: GithubServer, runs: Sequence[int]) -> list[HookDelivery]:
    """Click the button of each run, all of them before the first answer."""
    with ThreadPoolExecutor(len(runs)) as pool:
        return list(pool.map(lambda run: github.deliver("check_run", github.press(run, "rerun-failed")), runs))
