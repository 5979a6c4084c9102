"""Shapes of mail rules and of what they did."""

OFFERS = ("rules", "traces")
"""What other rooms may import of it."""

TOUCHES = ("auto_replies", "changes", "fields", "mail", "values")
"""The areas of its layer that it imports."""
