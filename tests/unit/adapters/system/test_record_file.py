from __future__ import annotations

import pytest

from checks.adapters.system.record_file import RecordFile
from tests.support.disks import files_end_at


def record(number: int, size: int = 0) -> bytes:
    return b"%d %s" % (number, b"x" * size)


@pytest.mark.parametrize("size", [0, 1_000, 100_000])
def test_records_are_returned_unchanged_in_any_order(size: int) -> None:
    file = RecordFile()
    keys = [file.put(record(number, size)) for number in range(200)]
    assert [file.get(key) for key in reversed(keys)] == [record(number, size) for number in reversed(range(200))]
    assert b"".join(file.blocks()) == b"".join(record(number, size) + b"\n" for number in range(200))
    keys.append(file.put(record(200)))
    assert (file.get(keys[-1]), file.missing) == (record(200), 0)
    file.close()


def test_records_that_the_disk_has_no_room_for_are_counted() -> None:
    file = RecordFile()
    with files_end_at(200_000):
        keys = [file.put(record(number, 30_000)) for number in range(20)]
    keys.append(file.put(record(20)))
    stored = b"".join(file.blocks()).splitlines()
    assert 0 < len(stored) == 21 - file.missing < 20
    assert [file.get(key) for key in keys] == [*stored, *[None] * file.missing]
    file.close()
