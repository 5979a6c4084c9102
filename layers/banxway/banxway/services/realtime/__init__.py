"""Live changes: `notices` wakes the browsers after a change, `sockets` gives them tickets and pushes frames."""

OFFERS = ("notices", "sockets")
"""What other rooms may import of it."""

TOUCHES = ()
"""The areas of its layer that it imports."""
