"""Runs threads one at a time, in a random order that a seed decides: every run with that seed is the same."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence

from tests.support.waits import HANG_SECONDS


class Schedule:
    """Runs `tasks`, which call `pause` before each of their steps. `before_step` is called before each step."""

    def __init__(self, seed: int, before_step: Callable[[random.Random], object] = lambda _: None) -> None:
        self.random = random.Random(seed)
        self._before_step = before_step
        self._stopped = threading.Semaphore(0)
        self._turns: dict[threading.Thread, threading.Semaphore] = {}
        self._errors: list[BaseException] = []

    def run(self, tasks: Sequence[Callable[[], object]]) -> None:
        """Run all tasks to their end. Raises the first error of one."""
        waiting = [threading.Thread(target=self._task, args=(task,), daemon=True) for task in tasks]
        for thread in waiting:
            self._turns[thread] = threading.Semaphore(0)
            thread.start()
            self._wait_for_step()
        while waiting:
            thread = self.random.choice(waiting)
            self._before_step(self.random)
            self._turns[thread].release()
            self._wait_for_step()
            waiting = [thread for thread in waiting if thread in self._turns]
        for error in self._errors:
            raise error

    def pause(self) -> None:
        """Let another task go on."""
        self._stopped.release()
        self._turns[threading.current_thread()].acquire()

    def _task(self, task: Callable[[], object]) -> None:
        try:
            self.pause()
            task()
        except BaseException as error:  # noqa: BLE001 - raised again in `run`
            self._errors.append(error)
        finally:
            del self._turns[threading.current_thread()]
            self._stopped.release()

    def _wait_for_step(self) -> None:
        assert self._stopped.acquire(timeout=HANG_SECONDS)
