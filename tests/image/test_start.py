"""Test the image's start: variables reach the action only as data, and the tests get all of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.image.job import ROOT, ImageJob
from tests.image.traps import CERTIFICATES, SWITCHES, TRAPS, values, watched, write_traps
from tests.support.github.server import GithubServer
from tests.support.proxy import PROXIES, Proxy
from tests.support.rules import rule
from tests.support.runner.jobs import KILLS_US

Start = Callable[[dict[str, str]], ImageJob]

INSIDE = "/github/home/traps"
REPORT = (ROOT / "tests" / "golden" / "pluggy" / "report.json").read_text()
GIVEN = {
    "LD_BIND_NOW": "1",
    "PYTHONHASHSEED": "7",
    "GIT_AUTHOR_NAME": "Mona",
    "OF-DASHES": "with-dashes",
    "LINES": "one\n two\n\n",
    "EMPTY": "",
    "LETTERS": 'é "quoted" \\ $HOME `x` =',
}
KEEPS = """import os


def test_a():
    open("variables", "wb").write(b"\\0".join(b"%b=%b" % pair for pair in os.environb.items()))
"""
SCRIPT = "cat > written <<'END'\na-b  'quoted' \"é\" \\n $HOME\n\ttab \n\nlast\nEND\n"

#: Programs that trigger a trap, to prove that it is one.
FALLING = {
    "LD_PRELOAD": ["/bin/true"],
    "LD_AUDIT": ["/bin/true"],
    "LD_LIBRARY_PATH": ["/bin/true"],
    "LD_DEBUG_OUTPUT": ["/bin/true"],
    "GCONV_PATH": ["/usr/bin/iconv", "-l"],
    "TZ": ["/bin/date"],
    "LOCPATH": ["/usr/bin/locale"],
    "HOSTALIASES": [sys.executable, "-c", "import socket; socket.gethostbyname('x')"],
    "OPENSSL_CONF": [sys.executable, "-c", "import ssl"],
    "SSL_CERT_FILE": [sys.executable, "-c", "import ssl; ssl.create_default_context()"],
    "SSLKEYLOGFILE": [sys.executable, "-c", "import ssl; ssl.create_default_context()"],
    "PYTHONPATH": [sys.executable, "-c", ""],
    "NETRC": [sys.executable, "-c", "import requests.utils; requests.utils.get_netrc_auth('http://x')"],
    "BASH_ENV": ["/bin/bash", "-c", "true"],
    "PATH": ["/bin/sh", "-c", "git"],
    "GIT_TRACE": ["/usr/bin/git", "version"],
    "GIT_TRACE2_EVENT": ["/usr/bin/git", "version"],
    "GIT_CONFIG_GLOBAL": ["/usr/bin/git", "config", "--list"],
    "HOME": ["/usr/bin/git", "config", "--list"],
    "TMPDIR": [sys.executable, "-c", "import tempfile; tempfile.TemporaryFile()"],
    "REQUESTS_CA_BUNDLE": [sys.executable, "-c", "import requests; requests.get('https://127.0.0.1:1')"],
}


def options(variables: dict[str, str]) -> list[str]:
    return [f"--env={name}={value}" for name, value in variables.items()]


def traps(job: ImageJob) -> Path:
    folder = job.folder / "out" / "home" / "traps"
    write_traps(folder)
    return folder


@rule("Reaching later steps: all of these variables, with other programs")
@pytest.mark.parametrize(("name", "command"), FALLING.items(), ids=FALLING)
def test_trap_takes_effect_without_our_protection(name: str, command: list[str], tmp_path: Path) -> None:
    write_traps(tmp_path)
    given = values(str(tmp_path), {name: (TRAPS | CERTIFICATES)[name]})
    environ = {"PATH": os.environ["PATH"], **SWITCHES, **given, "PYTHONINSPECT": ""}
    with watched(tmp_path) as touched:
        subprocess.run(command, cwd=tmp_path, env=environ, check=False, capture_output=True, timeout=60)
    assert touched


@rule("Reaching later steps: more than 50 variables with which")
def test_hostile_variables_do_not_affect_the_main_step(job: Start, github: GithubServer) -> None:
    assert len(TRAPS) >= 40
    started = job({"report.json": REPORT})
    hostile = values(INSIDE, TRAPS) | SWITCHES
    with watched(traps(started)) as touched:
        result = started.run(*options(hostile), program="publish", report="report.json")
    assert touched == set()
    assert (github.run["status"], github.run["head_sha"]) == ("completed", started.sha)
    assert result.outputs["check-run-id"] == str(github.run["id"])


@rule("Reaching later steps: the same variables, with proxies and certificates, in the post step")
def test_hostile_variables_do_not_affect_the_post_step(job: Start, github: GithubServer) -> None:
    started = job({"test_a.py": KILLS_US})
    started.run()
    assert github.run["status"] == "in_progress"
    hostile = values(INSIDE, TRAPS | CERTIFICATES) | SWITCHES
    with Proxy() as proxy, watched(traps(started)) as touched:
        started.run(*options({**hostile, **dict.fromkeys(PROXIES, proxy.url)}), stages="post")
        assert proxy.requested == []
    assert touched == set()
    assert github.run["status"] == "completed"


def test_main_step_uses_the_proxy(job: Start, github: GithubServer) -> None:
    with Proxy() as proxy:
        job({"test_a.py": "def test_a(): pass\n"}).run(*options({"HTTP_PROXY": proxy.url}))
        assert len(proxy.requested) == len(github.requests)
    assert github.run["conclusion"] == "success"


def test_tests_get_all_variables_and_inputs_arrive_unchanged(job: Start, github: GithubServer) -> None:
    started = job({"test_a.py": KEEPS})
    started.run(*options(GIVEN), install=SCRIPT)
    assert github.run["conclusion"] == "success"
    got = dict(entry.split(b"=", 1) for entry in (started.workspace / "variables").read_bytes().split(b"\0"))
    assert {name: got.get(name.encode(), b"missing").decode() for name in GIVEN} == GIVEN
    assert (started.workspace / "written").read_text() == SCRIPT.partition("\n")[2].removesuffix("END\n")
