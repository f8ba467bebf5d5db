"""The table of inputs: what each is called, what it means, how its value is parsed.

The parser (`settings`), the options of the command line, `docs/inputs.md` and `action.yml` follow from it;
`tests/test_contract.py` compares the last two.
"""

from __future__ import annotations

from ..model.settings import Program
from . import values
from .input import Group, Input
from .manual_inputs import MANUAL_INPUTS
from .report_inputs import REPORT_INPUTS

INPUTS = (
    Input(
        name="program",
        group=Group.PROGRAM,
        description="What the step does - `run` pytest, `publish` reports of an earlier job, `respond` to this "
        "workflow's event, or `poll` the App's delivery log.",
        details="See [programs](#programs).",
        default="run",
        parse=values.choice(*Program),
        field="program",
    ),
    Input(
        name="app-id",
        group=Group.CREDENTIALS,
        description="Client ID (or numeric ID) of your GitHub App. Without it the check run is created with "
        "`github-token`.",
        details="A client ID looks like `Iv23li…`. Without `private-key` it is an error, except on events for which "
        "GitHub withholds secrets: `pull_request` of a fork, and all of Dependabot. There `github-token` is used.",
    ),
    Input(
        name="private-key",
        group=Group.CREDENTIALS,
        description="The App's private key, the text of its .pem file. Pass a secret.",
        details="Literal `\\n`, CRLF, blanks instead of newlines, surrounding quotes and base64 are accepted, too.",
    ),
    Input(
        name="installation-id",
        group=Group.CREDENTIALS,
        description="ID of the App's installation. Found from the repository if not set.",
    ),
    Input(
        name="github-token",
        group=Group.CREDENTIALS,
        description="Token for the check run if no App is given. The job needs permission to write checks.",
        details="Give the job `permissions: {checks: write}`. Such a check run belongs to GitHub Actions and has no "
        "buttons.",
        default="${{ github.token }}",
    ),
    Input(
        name="category",
        group=Group.CHECK,
        description="What these tests are, such as `unit`. Names the check `pytest (unit)`. The matrix's values if "
        "not set.",
        details="Matrix values are joined in their order: `unit, 3.12`. Without a matrix the check is `pytest`.",
        parse=values.name,
        field="category",
    ),
    Input(
        name="check-name",
        group=Group.CHECK,
        description="The check's whole name. Made from `category` if not set.",
        details="Names and categories longer than 100 characters are truncated and end with a digest of the whole.",
        parse=values.name,
        field="check_name",
    ),
    Input(
        name="head-sha",
        group=Group.CHECK,
        description="The commit that the check run belongs to. Taken from the event if not set.",
        details="40 hex digits, such as `${{ github.event.workflow_run.head_sha }}`.",
        parse=values.commit,
    ),
    Input(
        name="preview",
        group=Group.CHECK,
        description="Folder for a copy of the check run as HTML, Markdown and JSON. No copy if not set.",
        details="Relative to the workspace, such as `.check-run/preview`, which git ignores.",
        field="preview",
    ),
    Input(
        name="pytest-args",
        group=Group.TESTS,
        description="Arguments for pytest, split as a shell splits words.",
        details="Variables and globs are not expanded.",
        parse=values.words,
        field="pytest_args",
    ),
    Input(
        name="working-directory",
        group=Group.TESTS,
        description="Folder in which pytest starts, relative to the workspace.",
        details="Annotation paths are relative to the root of the repository that contains it. If actions/checkout has "
        "a `path`, this is that folder or one in it.",
        default=".",
        parse=values.folder_inside,
        field="working_directory",
    ),
    Input(
        name="install",
        group=Group.TESTS,
        description="Shell commands to run first in the tests' environment, such as `pip install -e .[test]`.",
        details="`pip`, `uv` and `python` are those of the tests' environment.",
        field="install",
    ),
    Input(
        name="python-version",
        group=Group.TESTS,
        description="CPython version for the tests, such as `3.12`. The image's own if not set.",
        details="From 3.8 on: `3.12`, `3.12.4`, `3.13t`, `3.14rc1`. Quote it: YAML reads `3.10` as 3.1.",
        parse=values.python_version,
        field="python_version",
    ),
    Input(
        name="workers",
        group=Group.TESTS,
        description="Number of pytest-xdist processes, or `auto`. pytest runs without xdist if not set.",
        details="`0` is the same as not setting it.",
        parse=values.workers,
        field="workers",
    ),
    Input(
        name="failed-first",
        group=Group.TESTS,
        description="Whether the tests that failed on the base, or in the run that a re-run follows, run first.",
        details="See [failed tests first](compare.md#failed-tests-first).",
        default="false",
        parse=values.boolean,
        field="failed_first",
    ),
    Input(
        name="timeout-minutes",
        group=Group.TESTS,
        description="Time limit for the whole test session. After it the check is `timed_out`. No limit if not set.",
        details="A number above 0, such as `2.5`.",
        parse=values.minutes,
        field="timeout_minutes",
    ),
    Input(
        name="pass-env",
        group=Group.TESTS,
        description="Names of environment variables that the tests get although they are withheld by default.",
        details="Separated by blanks, commas or newlines.",
        parse=values.variable_names,
        field="pass_env",
    ),
    Input(
        name="sandbox",
        group=Group.TESTS,
        description="Whether the tests are prevented from writing the runner's file commands and below /proc. Use "
        "`false` for tests that need set-user-id programs or write there.",
        details="See [the sandbox](../SECURITY.md#the-sandbox).",
        default="true",
        parse=values.boolean,
        field="sandbox",
    ),
    *REPORT_INPUTS,
    Input(
        name="report",
        group=Group.PUBLISH,
        description="For `publish`, the report files, one path or glob per line, relative to the workspace.",
        details="Reports of pytest-json-report. Reports of several sessions become one check.",
        parse=values.globs,
        field="reports",
    ),
    *MANUAL_INPUTS,
    Input(
        name="queue-at-push",
        group=Group.EVENTS,
        description="For `poll`, whether a pushed commit gets a queued check run for each category of its base.",
        details="See [queued at push](re-runs.md#queued-at-push).",
        default="false",
        parse=values.boolean,
        field="queue_at_push",
    ),
    Input(
        name="job-check-run-id",
        group=Group.HIDDEN,
        description="Set by the action.",
        default="${{ job.check_run_id }}",
    ),
    Input(name="job-status", group=Group.HIDDEN, description="Set by the action.", default="${{ job.status }}"),
    Input(
        name="matrix",
        group=Group.HIDDEN,
        description="Set by the action.",
        default="${{ toJSON(matrix) }}",
        parse=values.category_of_matrix,
    ),
)
