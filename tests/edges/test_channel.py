from __future__ import annotations

from pathlib import Path

from checks.edges.channel import Channel

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
    lines = [line for _ in range(5) for line in channel.lines()]
    assert [lines[0], lines[-1]] == [b"1", b"2"]
    assert len(lines) == 3
    assert len(lines[1]) < 4 * MEBIBYTE


def test_a_channel_that_is_taken_away_has_no_lines(tmp_path: Path) -> None:
    path = tmp_path / "channel"
    path.write_bytes(b"1\n")
    channel = Channel(path)
    assert list(channel.lines()) == [b"1"]
    path.unlink()
    assert list(channel.lines()) == []
    path.mkdir()
    assert list(channel.lines()) == []
