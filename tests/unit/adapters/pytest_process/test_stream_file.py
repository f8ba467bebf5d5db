from __future__ import annotations

import os
from pathlib import Path

import pytest

from checks.adapters.pytest_process.stream_file import SKIPPED, StreamFile
from tests.support import needs

MEBIBYTE = 1024 * 1024


def read_calls(stream: StreamFile) -> list[list[bytes]]:
    """Return what each call returns, until everything is read."""
    batches = [[*stream.lines()]]
    while stream.has_unread_lines:
        batches.append([*stream.lines()])
    return batches


def test_call_reads_at_most_256_kibibytes(tmp_path: Path) -> None:
    path = tmp_path / "channel"
    path.write_bytes((b"x" * 1023 + b"\n") * 640)
    assert [len(lines) for lines in read_calls(StreamFile(path))] == [256, 256, 128]


def test_call_reads_at_most_8_000_lines(tmp_path: Path) -> None:
    path = tmp_path / "channel"
    path.write_bytes(b"1\n" * 20_000)
    assert [len(lines) for lines in read_calls(StreamFile(path))] == [8_000, 8_000, 4_000]


def test_empty_lines_count_towards_the_limit_of_a_call(tmp_path: Path) -> None:
    path = tmp_path / "channel"
    path.write_bytes(b"\n" * 20_000 + b"1\n")
    assert read_calls(StreamFile(path)) == [[], [], [b"1"]]


def test_line_of_four_mebibytes_is_read_completely(tmp_path: Path) -> None:
    path = tmp_path / "channel"
    path.write_bytes(b"1\n" + b"x" * (4 * MEBIBYTE - 1) + b"\n2\n")
    assert [[len(line) for line in lines] for lines in read_calls(StreamFile(path))] == [[1], [4 * MEBIBYTE - 1], [1]]


def test_longer_line_does_not_affect_other_lines(tmp_path: Path) -> None:
    path = tmp_path / "channel"
    path.write_bytes(b"1\n" + b"x" * (9 * MEBIBYTE) + b"\n2\n")
    first, *spoiled, last = [line for lines in read_calls(StreamFile(path)) for line in lines]
    assert (first, last) == (b"1", b"2")
    assert all(len(line) < 2 * MEBIBYTE for line in spoiled)
    assert len(spoiled) <= 4


@pytest.mark.parametrize("before", [b"", b"1\n", b"1\nhalf"], ids=repr)
@pytest.mark.parametrize("size", [1 << 43, (1 << 43) + 5])
def test_hole_is_skipped_at_once(tmp_path: Path, before: bytes, size: int) -> None:
    path = tmp_path / "channel"
    path.write_bytes(before)
    stream = StreamFile(path)
    try:
        os.truncate(path, size)
    except OSError:
        needs.missing("the file system has no files of that size")
    with path.open("ab") as file:
        file.write(b"\n2\n")
    for lines in (read_calls(stream), [[*stream.all_lines()]]):
        all_lines = [line for batch in lines for line in batch]
        assert [line for line in all_lines if line != SKIPPED] == [b"1", b"2"][not before :]
        assert 1 <= all_lines.count(SKIPPED) <= 40  # reserved space may be read as data


def test_hole_at_the_end_is_skipped_at_once(tmp_path: Path) -> None:
    path = tmp_path / "channel"
    stream = StreamFile(path)
    os.truncate(path, 1 << 40)
    assert len(read_calls(stream)) <= 40
    assert {*stream.all_lines()} == {SKIPPED}


def test_written_nul_bytes_are_skipped_like_a_hole(tmp_path: Path) -> None:
    path = tmp_path / "channel"
    path.write_bytes(b"\0" * 5000 + b"\n1\n")
    assert read_calls(StreamFile(path)) == [[SKIPPED], [b"1"]]


def test_sealed_stream_ignores_appended_lines(tmp_path: Path) -> None:
    path = tmp_path / "channel"
    stream = StreamFile(path)
    path.write_bytes(b"1\n2")
    stream.seal()
    with path.open("ab") as file:
        file.write(b"3\n4\n")
    assert read_calls(stream) == [[b"1"]]
    assert [*stream.all_lines()] == [b"1"]


def test_removed_stream_file_yields_no_more_lines(tmp_path: Path) -> None:
    path = tmp_path / "channel"
    path.write_bytes(b"1\n")
    stream = StreamFile(path)
    assert list(stream.lines()) == [b"1"]
    path.unlink()
    assert list(stream.lines()) == []
    path.mkdir()
    assert list(stream.lines()) == []
    assert list(stream.all_lines()) == [b"1"]


def test_all_lines_can_be_read_while_lines_are_added(tmp_path: Path) -> None:
    path = tmp_path / "channel"
    stream = StreamFile(path)
    with path.open("ab", buffering=0) as file:
        file.write(b"1\n\n2\n")
        assert list(stream.lines()) == [b"1", b"2"]
        file.write(b"3\n4")
        assert list(stream.all_lines()) == [b"1", b"2", b"3"]
        assert list(stream.lines()) == [b"3"]


def test_stream_file_reserves_disk_space_without_growing(tmp_path: Path) -> None:
    needs.linux()
    path = tmp_path / "channel"
    StreamFile(path)
    status = path.stat()
    assert status.st_size == 0
    assert status.st_blocks * 512 >= 8 * MEBIBYTE
