"""Tell pytest which tests to run first, while it starts and collects.

`checks/plugin/pytest_check_runs_order.py` waits for the file.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from ...core.model.history import TestKey

#: How long pytest waits for the file, from its start or that of the input `install`.
WAIT_SECONDS = 3.0


def hand_over(keys: Collection[TestKey], folder: Path) -> bool:
    """Write the file; return whether it is in time, which it is not if pytest gave up. It appears at once, whole.

    Tests can write in the folder: nothing that exists is written to, and no link is followed.
    """
    written, path = folder / "first.json.written", folder / "first.json"
    try:
        with written.open("xb") as file:
            file.write(json.dumps(sorted(keys)).encode())
        path.hardlink_to(written)
    except OSError:
        return False
    return True
