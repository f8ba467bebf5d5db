"""Create a check run from existing report files, without running anything.

The way in is `publish.publish`.
"""
