"""The page that shows a check run like GitHub does, as HTML and as Markdown.

Start at `page.html` and `page.markdown`. Writing files is in `adapters/preview`.
"""
