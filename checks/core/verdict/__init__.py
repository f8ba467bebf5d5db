"""The conclusion and title of a check run, from a `Session` and its `ProcessExit`.

Start at `conclusion.conclude`. The summary, the text and the annotations are in `core/report`.
"""
