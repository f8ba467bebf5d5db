from __future__ import annotations

from checks.adapters.system.spool import FileSpool
from checks.core.model.check_run import Annotation, AnnotationLevel
from checks.core.model.history import BaseState
from tests.support.disks import files_end_at


def remark(number: int, details: str = "") -> Annotation:
    level = [*AnnotationLevel][number % 3]
    return Annotation(
        path="a.py",
        line=number,
        level=level,
        title=f"\ud800 {number}",
        message="é",
        raw_details=f"{details} é \udc80",
        cause=number,
        owners=("@org/a", "@b")[: number % 3],
        base=[*BaseState, ""][number % 4],
    )


def test_spool_returns_annotations_unchanged_in_any_order() -> None:
    spool = FileSpool()
    keys = [spool.put(remark(number, "x" * number)) for number in range(200)]
    assert [spool.get(key) for key in reversed(keys)] == [remark(n, "x" * n) for n in reversed(range(200))]
    spool.close()


def test_spool_keeps_in_memory_what_the_disk_has_no_room_for() -> None:
    spool = FileSpool()
    with files_end_at(100_000):
        keys = [spool.put(remark(number, "x" * 30_000)) for number in range(6)]
    last_key = spool.put(remark(6))
    assert [spool.get(key) for key in [*keys, last_key]] == [*(remark(n, "x" * 30_000) for n in range(6)), remark(6)]
    spool.close()
