"""Settings -> the commands of the tests' process: what installs, and what runs pytest."""

from __future__ import annotations

from collections.abc import Sequence

from ..model.settings import Settings


def pytest_command(
    settings: Settings,
    *,
    launcher: Sequence[str],
    folder: str,
    in_colour: bool = False,
) -> tuple[str, ...]:
    """pytest, with our launcher and plugin.

    Our options are one word each, but for ``-p``: while pytest looks for its rootdir it does not know them yet, and
    would take a second word for a path.

    Args:
        settings: the user's; an option in `pytest_args` comes before the input for the same.
        launcher: a Python and the child's file, which is launcher and plugin in one.
        folder: private to us; there the plugin tells each step, and leaves the JSON report.
        in_colour: whether who reads pytest's output sees colours, although it is no terminal.
    """
    arguments, workers = settings.pytest_args, settings.workers
    # pytest takes the last of an option that is given twice. What the user may have otherwise stands first; what
    # we need stands last, but before a `--`, behind which all are paths.
    overridable = ["-p", "xdist", f"--numprocesses={workers}"] if workers else []
    required = ["-p", "pytest_check_runs_child", f"--check-runs-folder={folder}"]
    required += ["--check-runs-locals"] if settings.show_locals else []
    required += ["--check-runs-color"] if in_colour else []
    required += ["-p", "pytest_jsonreport"]
    separator_index = arguments.index("--") if "--" in arguments else len(arguments)
    return (*launcher, *overridable, *arguments[:separator_index], *required, *arguments[separator_index:])


def install_command(script: str, *, shell: str) -> tuple[str, ...]:
    """`install`, ending at its first failure as a workflow's ``run`` step does; `shell` is the path of a bash or sh."""
    options = ["-eo", "pipefail"] if shell.endswith("bash") else ["-e"]
    return (shell, *options, "-c", script)


def environment_commands(version: str, *, uv: str, folder: str, requirements: str) -> tuple[tuple[str, ...], ...]:
    """What makes a virtual environment for `python-version` in `folder`, with pytest and its plugins as locked."""
    # The project's own configuration of uv is not for these; the runner's cache is often on another file system.
    common_options = ["--no-config", "--no-progress"]
    return (
        (uv, "venv", *common_options, "--no-project", "--seed", "--link-mode=copy", "--python", version, folder),
        (
            uv,
            "pip",
            "install",
            *common_options,
            "--link-mode=copy",
            "--python",
            folder,
            "--require-hashes",
            "-r",
            requirements,
        ),
    )
