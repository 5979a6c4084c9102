"""Our SMTP client: hands over one mail and reports whether it was accepted, refused, or has an unknown outcome."""

OFFERS = ("sender",)
"""What other rooms may import of it."""

TOUCHES = ("mixups", "server_words", "transport")
"""The areas of its layer that it imports."""
