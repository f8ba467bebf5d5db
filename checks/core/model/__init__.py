"""Frozen dataclasses and enums for the concepts of pytest and GitHub.

GitHub's limits (`limits`) and the protocols of all adapters (`ports`) are here, too. This package imports only the
standard library. Logic belongs in other packages.
"""
