"""Our SMTP client: hands over one mail and tells accepted, refused and unknown apart."""

OFFERS = ("sender",)
"""What other rooms may import of it."""

TOUCHES = ("mixups", "transport")
"""The areas of its layer that it imports."""
