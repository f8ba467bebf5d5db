"""Webhook deliveries and the intents that they carry.

`webhook.parse_delivery` reads a request, `signature.verify` authenticates it, and `intents.parse_intent` is the way in:
it returns what an event asks for. Deciding what to do about an intent belongs in `core/rerun`.
"""
