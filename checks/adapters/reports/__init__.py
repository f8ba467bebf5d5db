"""Read, find and save report files.

Their content is parsed in `core/results`.
"""
