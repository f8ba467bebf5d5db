"""Test the built image as the Actions runner runs it; needs ``IMAGE`` and ``RUN_ACTION`` (.ci/run)."""
