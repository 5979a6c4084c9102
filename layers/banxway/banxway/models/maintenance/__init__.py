"""Shapes of rotations and sweeps."""

OFFERS = ("rotations", "sweeps")
"""The modules that other areas may import."""

TOUCHES = ()
"""The areas of its layer that it imports."""
