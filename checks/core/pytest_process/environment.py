"""The job's variables -> what of them the tests get, and what of them our own requests and programs go by."""

from __future__ import annotations

from collections.abc import Collection, Mapping

#: Our inputs, our saved state, the tokens of the runner's own services, and our settings outside a workflow.
_WITHHELD_PREFIXES = ("INPUT_", "STATE_", "ACTIONS_", "CHECKS_")
#: Files through which a step speaks to the runner; here that step is us, and of two of them we make no use.
_UNUSED_FILES = frozenset({"GITHUB_ENV", "GITHUB_PATH"})
_WITHHELD = frozenset({"GITHUB_OUTPUT", "GITHUB_STATE"}) | _UNUSED_FILES
#: Our secrets, which even `pass-env` gives to nobody.
_SECRET_VARIABLES = frozenset(
    prefix + name
    for name in ("PRIVATE-KEY", "PRIVATE_KEY", "GITHUB-TOKEN", "GITHUB_TOKEN", "WEBHOOK-SECRET", "WEBHOOK_SECRET")
    for prefix in ("INPUT_", "CHECKS_")
)
_STEP_SUMMARY = "GITHUB_STEP_SUMMARY"
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
#: The name of a file, or of a folder, of certificates to trust.
CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
#: What `requests` goes by, so that it finds GitHub from behind a proxy.
NETWORK = (*_PROXIES, *map(str.lower, _PROXIES), *CERTIFICATES)
#: What `execvp` searches where there is no PATH.
_DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"


def user_environment(environ: Mapping[str, str], *, pass_env: Collection[str] = ()) -> dict[str, str]:
    """What of our environment is the user's; `pass_env` names what is given although it is withheld by default."""
    return {name: value for name, value in environ.items() if _is_given(name, pass_env)}


def network_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables by which our own requests find proxies and certificates."""
    return {name: environ[name] for name in NETWORK if environ.get(name)}


def runner_files(environ: Mapping[str, str], *, pass_env: Collection[str] = ()) -> tuple[list[str], list[str]]:
    """Return the paths of the runner's file commands, and of these the ones that the tests may write.

    These are the job summary, and the files whose variables `pass_env` names.
    """
    files = {name: environ[name] for name in (*sorted(_WITHHELD), _STEP_SUMMARY) if environ.get(name)}
    return [*files.values()], [path for name, path in files.items() if name == _STEP_SUMMARY or name in pass_env]


def unused_file_variables(pass_env: Collection[str]) -> frozenset[str]:
    """The variables of files in which nothing may stand: we write nothing there, and the tests were not asked to."""
    return _UNUSED_FILES - set(pass_env)


def child_environment(user_environ: Mapping[str, str], *, bin_folder: str, venv: str = "") -> dict[str, str]:
    """The user's environment, made that of the tests.

    Args:
        user_environ: from `user_environment`.
        bin_folder: of the test environment; its ``python``, ``pip`` and ``uv`` are found first.
        venv: the test environment's folder when it is a virtual environment, else empty.
    """
    search_path = f"{bin_folder}:{user_environ.get('PATH') or _DEFAULT_PATH}"
    # Another one's VIRTUAL_ENV would lead `uv pip` elsewhere.
    kept_variables = {name: value for name, value in user_environ.items() if name not in ("PATH", "VIRTUAL_ENV")}
    return {**kept_variables, "PATH": search_path, **({"VIRTUAL_ENV": venv} if venv else {})}


def _is_given(name: str, pass_env: Collection[str]) -> bool:
    if name in _SECRET_VARIABLES:
        return False
    return name in pass_env or not (name.startswith(_WITHHELD_PREFIXES) or name in _WITHHELD)
