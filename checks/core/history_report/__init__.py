"""What the program `history` prints: the results of tests over the last commits of a branch.

`found.Found` is what was read. `one_test` answers what a test did, `flaky_tests` and `slow_tests` list tests, each as
text for a terminal and as JSON; `export` has every result. What is concluded from records does not belong here
(`core.history`).
"""
