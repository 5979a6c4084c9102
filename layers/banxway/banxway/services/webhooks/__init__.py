"""Callbacks from providers: enqueues them durably, then applies each part once.

urls.py     makes callback URLs
intake.py   puts a callback into the queue, within milliseconds
pieces.py   reads callbacks, and cuts them into sets that one transaction applies
apply.py    stores callbacks and applies them
folding.py  folds delivery reports into their messages
"""

OFFERS = ("apply", "intake", "log", "pieces", "replay", "trial", "urls")
"""The modules that other areas may import."""

TOUCHES = ("customers", "integrations", "messages", "realtime")
"""The areas of its layer that it imports."""
