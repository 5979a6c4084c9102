"""Browsers' open connections, and the changes that are pushed to them.

changes.py      changes, numbered per organization
connections.py  tickets and open WebSockets
pushes.py       how far the changes have been pushed, and by whom
"""

OFFERS = ("changes", "connections", "pushes")
"""The modules that other areas may import."""

TOUCHES = ("database",)
"""The areas of its layer that it imports."""
