"""The webhook receiver over HTTP.

`app.application` returns the WSGI application, and `server.WebServer` serves it. What a request means belongs in
`core/events`, and how it is handled in `programs/events`.
"""
