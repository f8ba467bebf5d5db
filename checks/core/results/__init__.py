"""Build a `Session` from the plugin's stream and from pytest-json-report's entries.

The way in is `session_builder.SessionBuilder`. What a session means is decided in `verdict` and written in `report`.
"""
