"""Split the job's variables into those that the tests get and those that the action uses."""

from __future__ import annotations

from collections.abc import Collection, Mapping

#: The action's inputs and saved state, the runner's service tokens, and settings outside a workflow.
_WITHHELD_PREFIXES = ("INPUT_", "STATE_", "ACTIONS_", "CHECKS_")
#: Files that a step writes for the runner; the action does not use these two.
_UNUSED_FILES = frozenset({"GITHUB_ENV", "GITHUB_PATH"})
_WITHHELD = frozenset({"GITHUB_OUTPUT", "GITHUB_STATE"}) | _UNUSED_FILES
#: The action's secrets, which not even `pass-env` exposes.
_SECRET_VARIABLES = frozenset(
    prefix + name
    for name in ("PRIVATE-KEY", "PRIVATE_KEY", "GITHUB-TOKEN", "GITHUB_TOKEN", "WEBHOOK-SECRET", "WEBHOOK_SECRET")
    for prefix in ("INPUT_", "CHECKS_")
)
_STEP_SUMMARY = "GITHUB_STEP_SUMMARY"
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
#: A file, or a folder, of trusted certificates.
CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
#: What `requests` uses to reach GitHub through a proxy.
NETWORK = (*_PROXIES, *map(str.lower, _PROXIES), *CERTIFICATES)
#: What `execvp` searches without a PATH.
_DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"


def user_environment(environ: Mapping[str, str], *, pass_env: Collection[str] = ()) -> dict[str, str]:
    """Return the variables for the tests; `pass_env` names withheld variables to include."""
    return {name: value for name, value in environ.items() if _is_given(name, pass_env)}


def network_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for the proxies and certificates of the action's own requests."""
    return {name: environ[name] for name in NETWORK if environ.get(name)}


def runner_files(environ: Mapping[str, str], *, pass_env: Collection[str] = ()) -> tuple[list[str], list[str]]:
    """Return the paths of the runner's file commands, and those of them that the tests may write.

    These are the job summary, and the files whose variables `pass_env` names.
    """
    files = {name: environ[name] for name in (*sorted(_WITHHELD), _STEP_SUMMARY) if environ.get(name)}
    return [*files.values()], [path for name, path in files.items() if name == _STEP_SUMMARY or name in pass_env]


def unused_file_variables(pass_env: Collection[str]) -> frozenset[str]:
    """Return the variables of files that must stay empty: neither the action nor the tests may write them."""
    return _UNUSED_FILES - set(pass_env)


def child_environment(user_environ: Mapping[str, str], *, bin_folder: str, venv: str = "") -> dict[str, str]:
    """Return the environment of the tests' process.

    Args:
        user_environ: from `user_environment`.
        bin_folder: of the test environment; its ``python``, ``pip`` and ``uv`` come first on PATH.
        venv: the test environment's folder if it is a virtual environment, else empty.
    """
    search_path = f"{bin_folder}:{user_environ.get('PATH') or _DEFAULT_PATH}"
    # Another VIRTUAL_ENV would mislead `uv pip`.
    kept_variables = {name: value for name, value in user_environ.items() if name not in ("PATH", "VIRTUAL_ENV")}
    return {**kept_variables, "PATH": search_path, **({"VIRTUAL_ENV": venv} if venv else {})}


def _is_given(name: str, pass_env: Collection[str]) -> bool:
    if name in _SECRET_VARIABLES:
        return False
    return name in pass_env or not (name.startswith(_WITHHELD_PREFIXES) or name in _WITHHELD)
