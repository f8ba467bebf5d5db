"""A check run from report files that are there already.

`publish.publish` is the way in; nothing is run.
"""
