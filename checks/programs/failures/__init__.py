"""The program `failures`: prints failure reports, of this folder, of a file, or of check runs on GitHub.

The way in is `failures.failures`.
"""
