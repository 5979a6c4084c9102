"""Encrypted content by name: written whole or not at all, and how it is transferred and downloaded."""

OFFERS = ("downloads", "files", "store", "transfers")
"""What other rooms may import of it."""

TOUCHES = ()
"""The areas of its layer that it imports."""
