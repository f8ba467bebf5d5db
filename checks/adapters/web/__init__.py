"""The webhook receiver over HTTP.

Its addresses (`app`) and its server (`server`). What a request means is in `core/events`.
"""
