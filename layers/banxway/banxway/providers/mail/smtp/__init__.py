"""Our SMTP client: hands over one mail and reports whether it was accepted, refused, or has an unknown outcome."""

OFFERS = ("sender",)
"""The modules that other areas may import."""

TOUCHES = ("mixups", "server_words", "transport")
"""The areas of its layer that it imports."""
