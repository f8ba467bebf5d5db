"""Generated suites: what a check run counts, against what pytest counts.

`generate.suite` makes a suite from a seed, and `compare.differences` runs it. ``make differential`` runs many.
"""
