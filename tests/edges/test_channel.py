from __future__ import annotations

from pathlib import Path

from checks.edges.channel import Channel
from tests import needs

MEBIBYTE = 1024 * 1024


def test_a_call_reads_at_most_4_mebibytes(tmp_path: Path) -> None:
    path = tmp_path / "channel"
    path.write_bytes((b"x" * 1023 + b"\n") * 10 * 1024)
    channel = Channel(path)
    counts = [len(list(channel.lines())) for _ in range(4)]
    assert counts == [4096, 4096, 2048, 0]


def test_a_line_longer_than_that_spoils_itself_only(tmp_path: Path) -> None:
    path = tmp_path / "channel"
    path.write_bytes(b"1\n" + b"x" * (9 * MEBIBYTE) + b"\n2\n")
    channel = Channel(path)
    lines = [line for _ in range(3) for line in channel.lines()]
    assert [lines[0], lines[-1]] == [b"1", b"2"]
    assert len(lines) == 3
    assert len(lines[1]) < 4 * MEBIBYTE


def test_a_channel_that_is_taken_away_has_no_more_lines(tmp_path: Path) -> None:
    path = tmp_path / "channel"
    path.write_bytes(b"1\n")
    channel = Channel(path)
    assert list(channel.lines()) == [b"1"]
    path.unlink()
    assert list(channel.lines()) == []
    path.mkdir()
    assert list(channel.lines()) == []
    assert list(channel.all_lines()) == [b"1"]


def test_all_lines_can_be_read_again_while_others_come(tmp_path: Path) -> None:
    path = tmp_path / "channel"
    channel = Channel(path)
    with path.open("ab", buffering=0) as file:
        file.write(b"1\n\n2\n")
        assert list(channel.lines()) == [b"1", b"2"]
        file.write(b"3\n4")
        assert list(channel.all_lines()) == [b"1", b"2", b"3"]
        assert list(channel.lines()) == [b"3"]


def test_room_is_kept_for_the_channel_that_its_size_does_not_show(tmp_path: Path) -> None:
    needs.linux()
    path = tmp_path / "channel"
    Channel(path)
    status = path.stat()
    assert status.st_size == 0
    assert status.st_blocks * 512 >= 8 * MEBIBYTE
