"""Our environment -> that of the tests: the user's as it is, without what the runner gave to us alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping

#: Our inputs, our saved state, the tokens of the runner's own services, and our settings outside a workflow.
_WITHHELD_PREFIXES = ("INPUT_", "STATE_", "ACTIONS_", "CHECKS_")
#: Files through which a step speaks to the runner; here that step is us, and of two of them we make no use.
_UNUSED = frozenset({"GITHUB_ENV", "GITHUB_PATH"})
_WITHHELD = frozenset({"GITHUB_OUTPUT", "GITHUB_STATE"}) | _UNUSED
#: Our secrets, which even `pass-env` gives to nobody.
_SECRET = frozenset(
    prefix + name
    for name in ("PRIVATE-KEY", "PRIVATE_KEY", "GITHUB-TOKEN", "GITHUB_TOKEN", "WEBHOOK-SECRET", "WEBHOOK_SECRET")
    for prefix in ("INPUT_", "CHECKS_")
)
#: What `execvp` searches where there is no PATH.
_DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"


def users_environment(environ: Mapping[str, str], *, pass_env: Collection[str] = ()) -> dict[str, str]:
    """What of our environment is the user's; `pass_env` names what is given although it is withheld by default."""
    return {name: value for name, value in environ.items() if _is_given(name, pass_env)}


def unspoken(pass_env: Collection[str]) -> frozenset[str]:
    """The variables of files in which nothing may stand: we write nothing there, and the tests were not asked to."""
    return _UNUSED - set(pass_env)


def child_environment(users: Mapping[str, str], *, bin_folder: str, venv: str = "") -> dict[str, str]:
    """The user's environment, made that of the tests.

    Args:
        users: from `users_environment`.
        bin_folder: of the test environment; its ``python``, ``pip`` and ``uv`` are found first.
        venv: the test environment's folder when it is a virtual environment, else empty.
    """
    path = f"{bin_folder}:{users.get('PATH') or _DEFAULT_PATH}"
    # Another one's VIRTUAL_ENV would lead `uv pip` elsewhere.
    others = {name: value for name, value in users.items() if name not in ("PATH", "VIRTUAL_ENV")}
    return {**others, "PATH": path, **({"VIRTUAL_ENV": venv} if venv else {})}


def _is_given(name: str, pass_env: Collection[str]) -> bool:
    if name in _SECRET:
        return False
    return name in pass_env or not (name.startswith(_WITHHELD_PREFIXES) or name in _WITHHELD)
