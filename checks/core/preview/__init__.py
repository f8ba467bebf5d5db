"""The HTML page that shows a check run as GitHub does.

`page` renders it. Writing it to a folder is in `adapters/preview`.
"""
