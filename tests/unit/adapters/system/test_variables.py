from __future__ import annotations

import os

import pytest

from checks.adapters.system.variables import job_variables


@pytest.mark.parametrize("arguments", [[], ["run"], ["preview", "--variables-from=3"]])
def test_without_option_variables_are_those_of_our_process(arguments: list[str]) -> None:
    assert job_variables(arguments, {"A": "b"}) == ({"A": "b"}, arguments)


def test_variables_are_read_byte_for_byte_from_descriptor() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"INPUT_PRIVATE-KEY=one\ntwo\n\0A=b=c\0EMPTY=\0NO_VARIABLE\0BYTES=\xff\xc3\xa9\0")
    os.close(writer)
    variables, arguments = job_variables([f"--variables-from={reader}", "run"], {"PATH": "/bin"})
    assert variables == {"INPUT_PRIVATE-KEY": "one\ntwo\n", "A": "b=c", "EMPTY": "", "BYTES": "\udcffé"}
    assert os.fsencode(variables["BYTES"]) == b"\xff\xc3\xa9"
    assert arguments == ["run"]
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.close(reader)
