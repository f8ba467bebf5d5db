"""Programs put core and adapters in order, and read like a table of contents.

`cli` leads from a command line to one of them, `action` from a step of a workflow.
"""
