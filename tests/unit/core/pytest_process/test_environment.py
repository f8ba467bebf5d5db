from __future__ import annotations

import pytest

from checks.core.pytest_process.environment import (
    NETWORK,
    child_environment,
    network_variables,
    runner_files,
    unused_file_variables,
    user_environment,
)

SECRETS = {
    f"{prefix}{name}": "x"
    for prefix in ("INPUT_", "CHECKS_")
    for name in ("PRIVATE-KEY", "PRIVATE_KEY", "GITHUB-TOKEN", "GITHUB_TOKEN", "WEBHOOK-SECRET", "WEBHOOK_SECRET")
}


@pytest.mark.parametrize(
    ("name", "is_given"),
    [
        *((name, False) for name in SECRETS),
        ("INPUT_PYTEST-ARGS", False),
        ("INPUT_", False),
        ("STATE_run", False),
        ("ACTIONS_RUNTIME_TOKEN", False),
        ("ACTIONS_ID_TOKEN_REQUEST_URL", False),
        ("ACTIONS_STEP_DEBUG", False),
        ("CHECKS_PYTHON", False),
        ("GITHUB_OUTPUT", False),
        ("GITHUB_ENV", False),
        ("GITHUB_PATH", False),
        ("GITHUB_STATE", False),
        ("GITHUB_STEP_SUMMARY", True),
        ("GITHUB_ACTIONS", True),
        ("GITHUB_TOKEN", True),
        ("GH_TOKEN", True),
        ("GITHUB_OUTPUTS", True),
        ("MY_INPUT_X", True),
        ("input_x", True),
        ("STATE", True),
        ("RUNNER_TEMP", True),
        ("CI", True),
        ("PYTHONPATH", True),
        ("PYTEST_ADDOPTS", True),
        ("", True),
    ],
)
def test_variables_meant_for_the_action_are_withheld(name: str, is_given: bool) -> None:
    assert user_environment({name: "value"}) == ({name: "value"} if is_given else {})


@pytest.mark.parametrize("name", ["INPUT_MODE", "ACTIONS_CACHE_URL", "GITHUB_OUTPUT", "CHECKS_PYTHON", "STATE_x"])
def test_pass_env_passes_withheld_variables(name: str) -> None:
    assert user_environment({name: "value", "INPUT_OTHER": ""}, pass_env=["X", name]) == {name: "value"}


@pytest.mark.parametrize("name", SECRETS)
def test_pass_env_never_passes_our_secrets(name: str) -> None:
    assert user_environment(SECRETS, pass_env=[name]) == {}


@pytest.mark.parametrize(
    ("user_environ", "venv", "expected"),
    [
        pytest.param(
            {"PATH": "/bin", "A": "1"}, "/env", {"PATH": "/env/bin:/bin", "VIRTUAL_ENV": "/env", "A": "1"}, id="venv"
        ),
        pytest.param({"PATH": "/bin", "VIRTUAL_ENV": "/other"}, "", {"PATH": "/env/bin:/bin"}, id="no venv"),
        pytest.param({}, "", {"PATH": "/env/bin:/usr/local/bin:/usr/bin:/bin"}, id="no PATH"),
        pytest.param({"PATH": ""}, "", {"PATH": "/env/bin:/usr/local/bin:/usr/bin:/bin"}, id="empty PATH"),
    ],
)
def test_test_environment_comes_first_on_path(
    user_environ: dict[str, str], venv: str, expected: dict[str, str]
) -> None:
    assert child_environment(user_environ, bin_folder="/env/bin", venv=venv) == expected


@pytest.mark.parametrize(
    ("pass_env", "names"),
    [((), {"GITHUB_ENV", "GITHUB_PATH"}), (("GITHUB_ENV", "GITHUB_OUTPUT"), {"GITHUB_PATH"})],
)
def test_unused_file_variables_exclude_those_in_pass_env(pass_env: tuple[str, ...], names: set[str]) -> None:
    assert unused_file_variables(pass_env) == names


@pytest.mark.parametrize("name", NETWORK)
def test_network_variables_have_only_proxies_and_certificates(name: str) -> None:
    environ = {name: "x", "PATH": "/bin", "LD_PRELOAD": "evil.so", "FTP_PROXY": "x", "SSL_CERT_FILE": "x"}
    assert network_variables(environ) == {name: "x"}
    assert network_variables({name: ""}) == {}


@pytest.mark.parametrize(
    ("pass_env", "writable"),
    [((), ["/f/summary"]), (("GITHUB_ENV", "HOME"), ["/f/env", "/f/summary"]), (("GITHUB_PATH",), ["/f/summary"])],
)
def test_only_summary_and_pass_env_files_are_writable(pass_env: tuple[str, ...], writable: list[str]) -> None:
    environ = {"GITHUB_ENV": "/f/env", "GITHUB_OUTPUT": "/f/output", "GITHUB_STEP_SUMMARY": "/f/summary", "HOME": "/h"}
    files, writable_files = runner_files({**environ, "GITHUB_PATH": ""}, pass_env=pass_env)
    assert sorted(files) == ["/f/env", "/f/output", "/f/summary"]
    assert writable_files == writable


def test_runner_files_are_empty_outside_a_workflow() -> None:
    assert runner_files({"HOME": "/h"}) == ([], [])
