"""The program `history`: prints the results of tests over the last commits of a branch, from check runs on GitHub.

The way in is `history.history`.
"""
