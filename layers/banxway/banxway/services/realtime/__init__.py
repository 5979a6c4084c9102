"""Live changes: tickets and WebSockets, through which browsers follow an organization's changes.

notices.py  enqueues a notice after a change
sockets.py  hands out tickets, registers connections, and pushes changes
"""

OFFERS = ("notices", "sockets")
"""The modules that other areas may import."""

TOUCHES = ()
"""The areas of its layer that it imports."""
