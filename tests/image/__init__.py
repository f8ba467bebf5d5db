"""Tests of the built image, run as the Actions runner runs it; they need ``IMAGE`` and ``RUN_ACTION`` (.ci/run)."""
