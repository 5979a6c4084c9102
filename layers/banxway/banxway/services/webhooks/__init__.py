"""Receives callbacks from providers: enqueues them durably, then applies them in pieces."""

OFFERS = ("apply", "intake", "urls")
"""The modules that other areas may import."""

TOUCHES = ("customers", "integrations", "messages", "realtime")
"""The areas of its layer that it imports."""
