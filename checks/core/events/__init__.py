"""Webhook deliveries and the intents that they carry.

`webhook.parse_delivery` reads a request, `signature.verify` authenticates it, and `intents.parse_intent` is the way in:
it returns what an event asks for, one of `model.intents`. Deciding what to do about it belongs in `core/rerun`,
`core/manual` and `core/comment_commands`.
"""
