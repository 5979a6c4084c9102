"""Keeps the audit trail: reads it, proves that nothing was changed, anchors it and archives old parts."""

OFFERS = ("anchors", "archive", "trail", "verification")
"""What other rooms may import of it."""

TOUCHES = ("status",)
"""The areas of its layer that it imports."""
