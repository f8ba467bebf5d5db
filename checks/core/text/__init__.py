"""Texts by themselves, whatever they say.

Escaping, truncating, ANSI sequences, durations, collapsible Markdown. Nothing here knows a test or a check run.
"""
