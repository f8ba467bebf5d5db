"""Proxies and certificates: the main step has them from its environment, the post step from what that has signed."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import pytest

from tests.support.github.server import GithubServer
from tests.support.rules import rule
from tests.support.runner.jobs import Job
from tests.support.waits import HANG_SECONDS

#: Ends our process before it can complete the check run.
KILLS = "import os, signal\n\n\ndef test_a(): os.kill(os.getppid(), signal.SIGKILL)\n"
PROXIES = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")


class Proxy:
    """An HTTP proxy that remembers what went through it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
                """Quiet."""

            def pass_on(self) -> None:
                asked.append(f"{self.command} {self.path}")
                address = urlsplit(self.path)
                target = http.client.HTTPConnection(address.netloc, timeout=HANG_SECONDS)
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                target.request(self.command, f"{address.path}?{address.query}", body, dict(self.headers))
                answer = target.getresponse()
                data = answer.read()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                        self.send_header(name, value)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
                target.close()

        for method in ("GET", "POST", "PATCH"):
            setattr(Handler, f"do_{method}", Handler.pass_on)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy() as proxy:
        yield proxy


@pytest.mark.parametrize("name", PROXIES)
def test_the_main_step_goes_through_the_proxy_of_its_environment(
    name: str, github: GithubServer, tmp_path: Path, proxy: Proxy
) -> None:
    job = Job(github=github, folder=tmp_path, files={"test_a.py": "def test_a(): pass\n"}, env={name: proxy.url})
    assert job.run().exit_status == 0
    assert len(proxy.asked) == len(github.requests) > 2


def test_no_proxy_holds(github: GithubServer, tmp_path: Path, proxy: Proxy) -> None:
    env = {"HTTP_PROXY": proxy.url, "NO_PROXY": "127.0.0.1"}
    job = Job(github=github, folder=tmp_path, files={"test_a.py": "def test_a(): pass\n"}, env=env)
    assert job.run().exit_status == 0
    assert proxy.asked == []


@rule("To reach later steps: a proxy in the environment of the post step")
def test_the_post_step_goes_by_the_main_step_s_proxy_alone(github: GithubServer, tmp_path: Path, proxy: Proxy) -> None:
    job = Job(github=github, folder=tmp_path, files={"test_a.py": KILLS}, env={"HTTP_PROXY": proxy.url})
    job.run()
    with Proxy() as forged:
        job.env = dict.fromkeys(PROXIES, forged.url)
        before = len(proxy.asked)
        assert job.run("finish", job_status="failure").exit_status == 0
        assert forged.asked == []
    assert len(proxy.asked) > before
    assert github.run["status"] == "completed"


@pytest.mark.slow
def test_without_a_proxy_in_the_main_step_the_post_step_has_none(github: GithubServer, tmp_path: Path) -> None:
    job = Job(github=github, folder=tmp_path, files={"test_a.py": KILLS})
    job.run()
    with Proxy() as forged:
        job.env = dict.fromkeys(PROXIES, forged.url)
        assert job.run("finish", job_status="failure").exit_status == 0
        assert forged.asked == []
    assert github.run["status"] == "completed"


@rule("To reach later steps: other certificates in the file that the main step trusted")
@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", pytest.param("CURL_CA_BUNDLE", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("changed", "is_refused"), [("", False), ("another certificate", True)], ids=["unchanged", "changed"]
)
def test_the_post_step_uses_certificates_only_if_they_are_the_main_step_s(
    name: str, changed: str, is_refused: bool, github: GithubServer, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("certificates\n")
    job = Job(github=github, folder=tmp_path, files={"test_a.py": KILLS}, env={name: str(bundle)})
    job.run()
    bundle.write_text(changed or bundle.read_text())
    job.env = {}
    ended = job.run("finish", job_status="failure")
    assert ("The certificates" in ended.log) == is_refused
    assert github.run["status"] == "completed"


def test_a_folder_of_certificates_is_not_used_by_the_post_step(github: GithubServer, tmp_path: Path) -> None:
    job = Job(github=github, folder=tmp_path, files={"test_a.py": KILLS}, env={"REQUESTS_CA_BUNDLE": str(tmp_path)})
    job.run()
    assert "The certificates" in job.run("finish", job_status="failure").log
