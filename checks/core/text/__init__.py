"""Functions on texts: escaping, truncation, ANSI sequences, durations, collapsible Markdown.

Nothing about tests or check runs belongs here.
"""
