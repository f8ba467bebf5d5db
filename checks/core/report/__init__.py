"""A `Session` -> what people read.

Annotations (`annotations.Annotator`), summary and text (`summary`). Conclusion and title are in `verdict`, the limits
of requests in `github`.
"""
