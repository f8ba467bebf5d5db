"""GitHub's limits with their sources; mostly applied by `core/github/payload`."""

# https://docs.github.com/rest/checks/runs#update-a-check-run
ANNOTATIONS_PER_REQUEST = 50
TITLE_CHARACTERS = 255
#: "64 KB" for `message` and `raw_details`; counted in bytes, and one less, because the column may hold 65,535.
ANNOTATION_TEXT_BYTES = 65_535
#: "Maximum length: 65535 characters" for `summary` and `text`; counted in bytes to be safe.
OUTPUT_TEXT_BYTES = 65_535
ACTIONS_PER_RUN = 3
ACTION_LABEL_CHARACTERS = 20
ACTION_DESCRIPTION_CHARACTERS = 40
ACTION_IDENTIFIER_CHARACTERS = 20
#: The limit is not documented; database columns of this kind hold 255.
EXTERNAL_ID_CHARACTERS = 255

# https://docs.github.com/rest/commits/statuses#create-a-commit-status: checked by GitHub, not documented there.
STATUS_DESCRIPTION_CHARACTERS = 140

# https://docs.github.com/rest/issues/comments: checked by GitHub, not documented there. Counted in bytes to be safe.
COMMENT_CHARACTERS = 65_536

# https://docs.github.com/actions/reference/workflow-commands-for-github-actions
JOB_SUMMARY_BYTES = 1024 * 1024
COMMAND_MESSAGE_CHARACTERS = 4_096
ERROR_COMMANDS_PER_STEP = 10

# https://docs.github.com/actions/reference/actions-limits
JOB_OUTPUT_BYTES = 1024 * 1024

# https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners#codeowners-file-size
CODE_OWNERS_BYTES = 3 * 1024 * 1024

# https://docs.github.com/rest/actions/workflows#create-a-workflow-dispatch-event
# "The maximum payload for inputs is 65,535 characters."
DISPATCH_INPUT_CHARACTERS = 65_535

# https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
# "in general, no more than 80 content-generating requests per minute and 500 per hour". Whether check runs
# count is not documented, so one job stays well below.
WRITES_PER_BURST = 10
SECONDS_BETWEEN_WRITES = 1.0
WRITES_PER_HOUR = 400
#: While other jobs of the installation send this much in a second, live updates nearly stop: GitHub's hourly limit.
BUSY_REQUESTS_PER_SECOND = 500 / 3600
#: If they send this much in an hour, only verdicts and failures have room. In the simulation (docs/rate-limits.md), 400
#: get more requests refused at 200 jobs an hour.
BUSY_REQUESTS_PER_HOUR = 300
#: How rare live updates become. Each also shows whether the others are still busy.
SECONDS_BESIDE_BUSY_JOBS = 600.0
#: How long annotations after the verdict make room for other jobs, since the runner is paid for meanwhile.
SECONDS_FOR_OTHERS = 120.0
#: For all that is sent after the tests, for the same reason: five minutes, with ten seconds for the last answer.
SECONDS_AFTER_TESTS = 300.0 - 10.0
#: For starting re-runs, which writes rarely and to several check runs at once: 80 in the first minute with the burst.
RERUN_WRITES_PER_BURST = 60
RERUN_SECONDS_BETWEEN_WRITES = 3.0
#: For one poll, which does not know the earlier ones: six per hour stay below the hourly limit.
WRITES_PER_POLL = 80

#: Our own limit: further failures are counted per file in the summary.
FAILURES_ANNOTATED = 5_000
#: The most of them that are annotated nevertheless, because each is the first of its cause.
CAUSES_ANNOTATED_BEYOND = 100

# https://docs.github.com/webhooks/webhook-events-and-payloads#payload-cap
#: Our own limit: GitHub sends up to 25 MB, but the events that we handle are shorter. The longest contain a check run,
#: whose summary and text have 65,535 bytes each, and JSON makes at most six characters of one byte. A comment and the
#: description of its pull request have 65,536 characters each, of at most four bytes.
DELIVERY_BYTES = 1024 * 1024
