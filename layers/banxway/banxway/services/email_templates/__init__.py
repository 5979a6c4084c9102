"""Manages mail templates and fills them; a value is escaped for the context that it is inserted in."""

OFFERS = ("templates",)
"""The modules that other areas may import."""

TOUCHES = ()
"""The areas of its layer that it imports."""
