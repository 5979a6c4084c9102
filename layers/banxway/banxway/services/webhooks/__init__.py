"""Callbacks from providers: enqueues them durably, then applies each part once.

urls.py    makes callback URLs
intake.py  puts a callback into the queue, within milliseconds
apply.py   stores callbacks and applies them
"""

OFFERS = ("apply", "intake", "urls")
"""The modules that other areas may import."""

TOUCHES = ("customers", "integrations", "messages", "realtime")
"""The areas of its layer that it imports."""
