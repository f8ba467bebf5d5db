"""Build the commands of the tests' process from the settings."""

from __future__ import annotations

from collections.abc import Sequence

from ..model.settings import Settings


def pytest_command(  # noqa: PLR0913 - callers use keywords
    settings: Settings,
    *,
    launcher: Sequence[str],
    folder: str,
    in_colour: bool = False,
    has_whole_diffs: bool = False,
    failed_until: float | None = None,
) -> tuple[str, ...]:
    """Return the pytest command with the launcher and the plugin.

    The plugin's options are single words: pytest does not know them yet when it determines its rootdir, and would take
    a second word for a path.

    Args:
        settings: the user's; an option in `pytest_args` comes before the input for the same.
        launcher: a Python and the plugin's file, which is launcher and plugin in one.
        folder: a private folder in which the plugin writes its stream and the JSON report.
        in_colour: whether pytest's output is displayed in colour although it is not a terminal.
        has_whole_diffs: whether pytest does not shorten diffs, as it does without the variable ``CI``.
        failed_until: how long pytest waits for the names of the tests to run first, on the monotonic clock.
    """
    arguments, workers = settings.pytest_args, settings.workers
    # pytest uses the last of repeated options. Options that the user may override come first; required ones come last,
    # but before a `--`, after which everything is a path.
    overridable = ["-p", "xdist", f"--numprocesses={workers}"] if workers else []
    required = ["-p", "pytest_check_runs_child", f"--check-runs-folder={folder}"]
    required += ["--check-runs-locals"] if settings.show_locals else []
    required += ["--check-runs-color"] if in_colour else []
    required += ["--check-runs-whole-diffs"] if has_whole_diffs else []
    required += [] if failed_until is None else [f"--check-runs-failed-first={failed_until:.3f}"]
    required += ["-p", "pytest_jsonreport"]
    separator_index = arguments.index("--") if "--" in arguments else len(arguments)
    return (*launcher, *overridable, *arguments[:separator_index], *required, *arguments[separator_index:])


def install_command(script: str, *, shell: str) -> tuple[str, ...]:
    """Return the `install` command; like a ``run`` step, it stops at the first failure. `shell` is bash or sh."""
    options = ["-eo", "pipefail"] if shell.endswith("bash") else ["-e"]
    return (shell, *options, "-c", script)


def environment_commands(version: str, *, uv: str, folder: str, requirements: str) -> tuple[tuple[str, ...], ...]:
    """Return the commands that create a `python-version` environment in `folder`, with the locked requirements."""
    # Do not use the project's uv configuration. The runner's cache is often on another file system.
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
