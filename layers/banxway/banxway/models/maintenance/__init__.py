"""Shapes of rotations and sweeps."""

OFFERS = ("rotations", "sweeps")
"""What other rooms may import of it."""

TOUCHES = ()
"""The areas of its layer that it imports."""
