"""From GitHub's webhook deliveries to intents.

`webhook` reads a request, `signature` verifies it, and `intents.read` says what an event asks for. What is done about
it is decided in `rerun`.
"""
