"""Shapes of vacation responders and business hours."""

OFFERS = ("business_hours", "vacation")
"""What other rooms may import of it."""

TOUCHES = ("fields",)
"""The areas of its layer that it imports."""
