"""Lines of the plugin's stream, made up."""

from __future__ import annotations

import json


class Lines:
    """Lines of a session that are fed a few at a time."""

    def __init__(self) -> None:
        self.seq = self.tests = 0

    def _line(self, **fields: object) -> bytes:
        self.seq += 1
        return json.dumps({"seq": self.seq - 1, **fields}).encode()

    def collected(self, number: int) -> list[bytes]:
        return [self._line(event="collected", number=number, deselected=0)]

    def test(self, outcome: str, path: str = "a.py", *, seconds: float = 0.0) -> list[bytes]:
        """Return the lines of a whole test whose call has this outcome, and each of whose stages takes a third."""
        self.tests += 1
        fields = {"test": self.tests, "outcome": "passed", "duration": seconds / 3}
        start_line = self._line(event="test", test=self.tests, nodeid=f"{path}::t{self.tests}", lineno=0)
        stages = [(when, outcome if when == "call" else "passed") for when in ("setup", "call", "teardown")]
        return [start_line, *(self._line(**{**fields, "event": "stage", "when": w, "outcome": o}) for w, o in stages)]

    def warning(self, lineno: int) -> list[bytes]:
        fields = {"category": "UserWarning", "message": "old", "filename": "/repo/a.py", "lineno": lineno}
        return [self._line(event="warning", **fields)]

    def tests_of(self, outcome: str, number: int) -> list[bytes]:
        return [line for _ in range(number) for line in self.test(outcome)]
