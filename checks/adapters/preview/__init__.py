"""The two outputs of a preview.

A folder as publisher, and the progress in a terminal. The page itself is in `core/preview`.
"""
