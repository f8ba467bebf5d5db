"""The inputs about what a check says and concludes: a part of the `table`."""

from __future__ import annotations

from ..model.check_run import Conclusion
from ..model.settings import CommentMode, FailOn, JobSummary, Passing
from . import values
from .input import Group, Input

REPORT_INPUTS = (
    Input(
        name="passing",
        group=Group.CONTENT,
        description="How passed tests are annotated - a notice for `each`, one notice per `file`, or `none`.",
        details="`none` shows them in the counts and the text only.",
        default="each",
        parse=values.choice(*Passing),
        field="passing",
    ),
    Input(
        name="max-annotations",
        group=Group.CONTENT,
        description="Maximum number of notices and warnings. If `each` passed test would exceed it, there is one "
        "notice per `file`; if that would exceed it, too, passed tests are in the text alone. Failures have a limit of "
        "their own.",
        details="See [what a job writes to GitHub](rate-limits.md).",
        default="200",
        parse=values.whole_number,
        field="max_annotations",
    ),
    Input(
        name="show-locals",
        group=Group.CONTENT,
        description="Whether tracebacks show local variables and argument values.",
        default="true",
        parse=values.boolean,
        field="show_locals",
    ),
    Input(
        name="redact",
        group=Group.CONTENT,
        description="Regular expressions, one per line. What they match is redacted, as known secrets always are.",
        details="Python's `re`. See [redaction](#redaction).",
        parse=values.patterns,
        field="redact",
    ),
    Input(
        name="live-interval",
        group=Group.CONTENT,
        description="Minimum number of seconds between two updates of the running check. The first failure is sent "
        "at once.",
        details="At least 1. Beside busy jobs of the same App [it is longer](rate-limits.md). `preview`, which has "
        "no such limits, takes 2 by default.",
        default="10",
        parse=values.interval_seconds,
        field="live_interval_seconds",
    ),
    Input(
        name="job-summary",
        group=Group.CONTENT,
        description="When the results are also written to the job summary - `always`, for `failures` (of any kind), or "
        "`off`.",
        details="Results that are not all in the check run are written in any case: without a check run, with one that "
        "was not completed or lacks annotations, and after a bug in this action. So are invalid inputs.",
        default="always",
        parse=values.choice(*JobSummary),
        field="job_summary",
    ),
    Input(
        name="compare",
        group=Group.CONTENT,
        description="What the results are compared with - the `base` that the tested code was built on, the commit "
        "where it branched off a branch (its name), or `none`.",
        details="See [comparing with the base](compare.md). A branch that is called `base` or `none` is "
        "`refs/heads/base`.",
        default="base",
        parse=values.compare,
        field="compare",
    ),
    Input(
        name="no-tests",
        group=Group.VERDICT,
        description="Conclusion if no test was collected or selected - `failure`, `neutral` or `success`.",
        details="If every test was skipped, the check is `neutral`, or `failure` if this is set to `failure`.",
        default="failure",
        is_default_declared=False,
        parse=values.choice(Conclusion.FAILURE, Conclusion.NEUTRAL, Conclusion.SUCCESS),
        field="no_tests",
    ),
    Input(
        name="fail-on",
        group=Group.VERDICT,
        description="Which failing tests fail the check - `any`, those that are `new` since the base, or `none`.",
        details="If all failures are forgiven, the check is `neutral`. See [which failures count](rules.md#fail-on).",
        default="any",
        parse=values.choice(*FailOn),
        field="fail_on",
    ),
    Input(
        name="fail-on-flaky",
        group=Group.VERDICT,
        description="Whether a test that failed first and passed in the end fails the check.",
        default="false",
        parse=values.boolean,
        field="fail_on_flaky",
    ),
    Input(
        name="quarantine",
        group=Group.VERDICT,
        description="A checked-in file of tests whose failures are warnings until a date.",
        details="See [quarantine](quarantine.md). On pull requests and in merge queues the file of the base commit "
        "counts, which needs *Contents: read*.",
        parse=values.file_inside,
        field="quarantine",
    ),
    Input(
        name="fail-job",
        group=Group.VERDICT,
        description="Whether the step fails if the check does not pass.",
        details="If the check run could not be created or completed, the step fails with the tests, even if this is "
        "`false`. Invalid inputs fail the step in any case.",
        default="true",
        parse=values.boolean,
        field="fail_job",
    ),
    Input(
        name="commit-status",
        group=Group.VERDICT,
        description="Whether a commit status named `status:` and the check's name repeats the state of the check.",
        details="Needs the permission *Commit statuses: write*. See [commit status](rules.md#commit-status).",
        default="false",
        parse=values.boolean,
        field="commit_status",
    ),
    Input(
        name="comment",
        group=Group.VERDICT,
        description="When the pull request gets one comment about all its checks - for `failures`, `always`, or `off`.",
        details="Needs the permission *Pull requests: write*. See [comment](rules.md#comment).",
        default="off",
        parse=values.choice(*CommentMode),
        field="comment",
    ),
)
