"""The failure report, for people at a terminal and for coding agents: ``failures.md`` and ``failures.json``.

An `entry.Entry` is one failure, made from a test's results or from an annotation on GitHub. A
`recorder.FailureRecorder` stores entries and groups them by cause; `document` and `markdown` render them. How causes
are found does not belong here.
"""
