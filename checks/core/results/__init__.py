"""The plugin's stream and pytest-json-report's entries -> the `Session` so far.

`session_builder` is the way in. What is said about a session is in `verdict` and `report`.
"""
