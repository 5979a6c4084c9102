"""Reads the audit trail, verifies that nothing was changed, anchors it and archives old entries."""

OFFERS = ("anchors", "archive", "trail", "verification")
"""The modules that other areas may import."""

TOUCHES = ("status",)
"""The areas of its layer that it imports."""
