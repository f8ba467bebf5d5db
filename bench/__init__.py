"""What it costs to have the tests reported: ``make bench`` measures it and writes the table of ``docs/benchmarks.md``.

It takes ten minutes on two cores, which nothing else should use meanwhile. ``make bench QUICK=1`` shows in a minute
that all of it works, with small suites; its figures are of no worth, and not kept. ``python -m bench NAME ...``
measures some of the rows.

How a figure comes about (`plan` says which there are, and how often each is measured):

1. `suites` writes a suite; `jobs` makes a checkout of it, and runs ours there with a server of its own.
2. `processes` starts what is measured, and reads from the kernel what it took.
3. `tests_process`, `our_process`, `latency`, `publish`, `start_up` and `image` measure. What is compared runs in turn,
   A B B A: a ratio is that of a pair, which had the same disturbances.
4. `pace` says what GitHub's limits ask for, whatever we do.
5. `table` writes medians, with the least and the most, beside the targets.
"""
