"""A `Session` and how its process ended -> conclusion and title.

`conclusion.conclude` is the way in. What the summary says beyond that is in `report`.
"""
