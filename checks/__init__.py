"""Run pytest and report it, live, as a check run of a GitHub App.

The modules that a run passes through:

1. ``core.inputs.settings`` and ``core.inputs.context`` parse the inputs and the event into `Settings` and `Context`.
2. ``programs.run.run`` creates the check run through a ``Publisher``: in progress, or completed if the tests end first.
3. ``adapters.pytest_process.process`` starts pytest with the plugin, which writes events to a file of JSON lines.
4. ``core.results.session_builder`` builds a `Session` from the lines and returns what each line adds.
5. ``core.report.annotations`` turns that into annotations, which wait in ``core.github.annotation_queue``.
6. ``programs.run.sender`` sends them in batches, from its own thread, as fast as ``core.github.rate_limit`` allows.
7. At the end the builder adds from the report what the stream lost, and ``core.verdict.conclusion`` concludes.
8. ``core.report.summary`` writes the summary, the check run completes, and ``adapters.runner.job_files`` gets a copy.

A re-run:

1. An event arrives: by HTTP (``programs.events.serve``), from the App's delivery log (``programs.events.poll``) or in a
   workflow (``programs.events.steps``).
2. ``core.events.intents`` parses the intent; ``programs.events.respond`` looks up the repository's state.
3. ``core.rerun.decide`` decides. A queued check run is created, and the workflow is started with the input ``rerun``.
4. The action claims the queued run (``core.rerun.claim``); ``programs.rerun.previous_run`` looks up the previous run.
   From there on it is a run as above.

A click on a manual check arrives as that on a re-run button. ``core.manual.decide_event`` decides, and
``programs.manual.write`` creates a check run.

Imports go down only: ``programs`` -> ``adapters`` -> ``core`` -> ``core.model``. ``plugin`` runs in the tests' process
and imports none of the other packages.
"""

__version__ = "0.1.0"
