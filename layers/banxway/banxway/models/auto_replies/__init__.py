"""Shapes of vacation responders and business hours."""

OFFERS = ("business_hours", "vacation")
"""The modules that other areas may import."""

TOUCHES = ("fields", "values")
"""The areas of its layer that it imports."""
