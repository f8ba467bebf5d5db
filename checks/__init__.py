"""Runs pytest and reports it, live, as a check run of a GitHub App.

A run, by the modules that it passes through:

1. ``core.inputs.settings`` and ``core.inputs.context`` turn the inputs and the event into `Settings` and `Context`.
2. ``programs.run.run`` creates the check run, in progress, through a ``Publisher``.
3. ``adapters.pytest_process.process`` starts pytest with the plugin, which writes each step to a file of JSON lines.
4. ``core.results.session_builder`` builds a `Session` from the lines and says what each line adds.
5. ``core.report.annotations`` turns that into annotations, which wait in ``core.github.annotation_queue``.
6. ``programs.run.sender`` sends them in batches, from a thread of its own, as ``core.github.rate_limit`` allows.
7. At the end ``core.results.json_report`` adds what the stream lost, and ``core.verdict.conclusion`` concludes.
8. ``core.report.summary`` writes the summary; the check run completes; ``adapters.runner.job_files`` keeps a copy.

A re-run:

1. An event arrives: by HTTP (``programs.events.serve``), from the App's delivery log (``programs.events.poll``) or in a
   workflow (``programs.events.steps``).
2. ``core.events.intents`` reads what it asks for; ``programs.events.respond`` looks up the repository's state.
3. ``core.rerun.decide`` decides; a queued check run is created and the workflow started with its input ``rerun``.
4. The action claims the queued run (``core.rerun.claim``), with what ``programs.rerun.previous_run`` looks up of the
   previous one; from there it is a run as above.

Imports go down only: ``programs`` -> ``adapters`` -> ``core`` -> ``core.model``. ``plugin`` runs in the tests' process
and imports none of the other packages.
"""
