"""Keeps e-mail templates and fills them; a value is escaped for the place that it is inserted in."""

OFFERS = ("templates",)
"""What other rooms may import of it."""

TOUCHES = ()
"""The areas of its layer that it imports."""
