"""Runs pytest and reports it, live, as a check run of a GitHub App.

How a run flows:

1. ``translate.settings`` and ``translate.context`` turn the inputs and the event into frozen words.
2. ``programs.run`` puts up the check run, in progress, through a ``Publisher``.
3. ``edges.pytest_child`` starts pytest with ``child/``'s one plugin, which tells every step in a file of JSON lines.
4. ``translate.fold`` folds the lines into a ``Session``; each says what is new.
5. ``translate.annotations`` turns what is new into annotations, which wait in ``translate.outbox``.
6. ``programs.live`` sends them in batches, from a thread of its own, as ``translate.pacing`` allows.
7. At the end ``translate.report`` adds what the stream lost, and ``translate.conclusion`` decides.
8. ``translate.markdown`` writes the verdict down; the check run completes; ``edges.job_files`` keeps a copy.

How a re-run flows:

1. An event comes in: by HTTP (``programs.serve``), from the App's log (``programs.poll``) or in a workflow.
2. ``translate.wishes`` reads what it wishes; ``programs.respond`` looks up what that takes, in a ``Hub``.
3. ``translate.decide`` decides; a queued check run is put up and the workflow started with its input ``rerun``.
4. The action takes the queued run over (``translate.adoption``), with what ``programs.former`` looks up of the earlier
   one; from there a run flows as above.

The floors, where imports go down only:

- 3 ``programs``   what happens, in its order; everything outside comes in as arguments
- 2 ``edges``      one outside thing each
- 1 ``translate``  pure: values in, values out
- 0 ``words``      the frozen words all of them speak
- ``child`` stands beside the house: it runs in the tests' process and imports nothing of ours
"""
