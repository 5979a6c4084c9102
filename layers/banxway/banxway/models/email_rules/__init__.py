"""Shapes of mail rules and of what they did."""

OFFERS = ("rules", "traces")
"""The modules that other areas may import."""

TOUCHES = ("auto_replies", "changes", "fields", "mail", "values")
"""The areas of its layer that it imports."""
