"""Frozen dataclasses and enums in the words of pytest and GitHub.

Here too are GitHub's limits with their sources, and the ports (`ports`), which say what programs ask of the outside.
Standard library only; what computes belongs in another package.
"""
