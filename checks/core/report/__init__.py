"""The annotations, summary and text of a check run, from a `Session`.

Start at `annotations.Annotator` and at `summary`. The conclusion and the title are in `core/verdict`, the limits of
requests in `core/github`.
"""
