"""Live changes: `notices` wakes the browsers after a change, `sockets` gives them tickets and pushes frames."""

OFFERS = ("notices", "sockets")
"""The modules that other areas may import."""

TOUCHES = ()
"""The areas of its layer that it imports."""
