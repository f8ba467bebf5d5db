"""Measure the cost of reporting: ``make bench`` writes the table of ``docs/benchmarks.md``.

It takes a quarter of an hour on two cores that should otherwise be idle. ``make bench QUICK=1`` checks in two minutes,
with small suites, that everything works; its figures are meaningless and not saved. ``python -m bench NAME ...``
measures some of the rows.

How a figure is measured (`plan` lists the figures, and how often each is measured):

1. `suites` writes a suite; `jobs` checks it out, and runs the action there with a server of its own.
2. `processes` starts what is measured, and reads its resource usage from the kernel.
3. `tests_process`, `our_process`, `latency`, `publish`, `peers` and `image` measure. Compared commands run in turn,
   A B B A, and a ratio or a difference is that of a pair, which had the same disturbances.
4. `table` writes medians with their ranges next to the targets.
"""
