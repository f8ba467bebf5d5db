"""Proxies and certificates: the main step uses its environment, the post step only the signed state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.github.server import REPOSITORY, GithubServer
from tests.support.proxy import PROXIES, Proxy
from tests.support.rules import rule
from tests.support.runner.jobs import KILLS_US, Job
from tests.support.tls import certificate


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy() as proxy:
        yield proxy


@pytest.mark.parametrize("name", [PROXIES[0], *(pytest.param(name, marks=pytest.mark.slow) for name in PROXIES[1:])])
def test_main_step_uses_proxy_of_its_environment(name: str, github: GithubServer, tmp_path: Path, proxy: Proxy) -> None:
    job = Job(github=github, folder=tmp_path, files={"test_a.py": "def test_a(): pass\n"}, env={name: proxy.url})
    assert job.run().exit_status == 0
    assert len(proxy.requested) == len(github.requests) > 2


def test_no_proxy_variable_is_respected(github: GithubServer, tmp_path: Path, proxy: Proxy) -> None:
    env = {"HTTP_PROXY": proxy.url, "NO_PROXY": "127.0.0.1"}
    job = Job(github=github, folder=tmp_path, files={"test_a.py": "def test_a(): pass\n"}, env=env)
    assert job.run().exit_status == 0
    assert proxy.requested == []


@rule("Reaching later steps: a proxy in the environment of the post step")
def test_post_step_uses_only_the_main_steps_proxy(github: GithubServer, tmp_path: Path, proxy: Proxy) -> None:
    job = Job(github=github, folder=tmp_path, files={"test_a.py": KILLS_US}, env={"HTTP_PROXY": proxy.url})
    job.run()
    with Proxy() as forged:
        job.env = dict.fromkeys(PROXIES, forged.url)
        earlier_count = len(proxy.requested)
        assert job.run("finish", job_status="failure").exit_status == 0
        assert forged.requested == []
    assert len(proxy.requested) > earlier_count
    assert github.run["status"] == "completed"


@pytest.mark.slow
def test_post_step_uses_no_proxy_if_main_step_had_none(github: GithubServer, tmp_path: Path) -> None:
    job = Job(github=github, folder=tmp_path, files={"test_a.py": KILLS_US})
    job.run()
    with Proxy() as forged:
        job.env = dict.fromkeys(PROXIES, forged.url)
        assert job.run("finish", job_status="failure").exit_status == 0
        assert forged.requested == []
    assert github.run["status"] == "completed"


@rule("Reaching later steps: other certificates in the file that the main step trusted")
@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", pytest.param("CURL_CA_BUNDLE", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("changed", "is_refused"), [("", False), ("another certificate", True)], ids=["unchanged", "changed"]
)
def test_post_step_uses_certificates_only_if_unchanged(
    name: str, changed: str, is_refused: bool, github: GithubServer, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("certificates\n")
    job = Job(github=github, folder=tmp_path, files={"test_a.py": KILLS_US}, env={name: str(bundle)})
    job.run()
    bundle.write_text(changed or bundle.read_text())
    job.env = {}
    result = job.run("finish", job_status="failure")
    assert ("The post step does not use the CA bundle" in result.log) == is_refused
    assert github.run["status"] == "completed"


def test_post_step_does_not_use_a_folder_of_certificates(github: GithubServer, tmp_path: Path) -> None:
    job = Job(github=github, folder=tmp_path, files={"test_a.py": KILLS_US}, env={"REQUESTS_CA_BUNDLE": str(tmp_path)})
    job.run()
    assert "The post step does not use the CA bundle" in job.run("finish", job_status="failure").log


def test_tests_run_at_once_if_github_cannot_be_reached(github: GithubServer, tmp_path: Path) -> None:
    env = {"GITHUB_API_URL": "http://127.0.0.1:9"}
    job = Job(github=github, folder=tmp_path, files={"test_a.py": "def test_a(): pass\n"}, env=env)
    result = job.run(github_token=github.world.actions_token(REPOSITORY))
    assert result.exit_status == 0
    assert result.log.count("::warning::No connection to http://127.0.0.1:9 is possible (Connection refused)") == 1
    assert result.outputs["conclusion"] == "success"


def test_private_certificate_is_reported_or_trusted(tmp_path: Path) -> None:
    path = certificate(tmp_path, "private")
    with GithubServer(certificate=path) as server:
        job = Job(github=server, folder=tmp_path, files={"test_a.py": "def test_a(): pass\n"})
        result = job.run()
        assert (result.exit_status, server.runs) == (0, [])
        assert f"The certificate of {server.url} is not trusted" in result.log
        job.env = {"REQUESTS_CA_BUNDLE": str(path)}
        assert job.run().exit_status == 0
        assert server.run["conclusion"] == "success"
