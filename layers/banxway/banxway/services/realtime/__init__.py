"""Live changes: tickets and WebSockets, through which browsers follow an organization's changes.

notices.py  enqueues a notice after a change
pushes.py   pushes how far the changes have come
sockets.py  hands out tickets, registers connections, and lists changes
"""

OFFERS = ("notices", "pushes", "sockets")
"""The modules that other areas may import."""

TOUCHES = ()
"""The areas of its layer that it imports."""
