"""Encrypted content by name, written as a whole or not at all, and how browsers upload and download it."""

OFFERS = ("downloads", "files", "store", "transfers")
"""The modules that other areas may import."""

TOUCHES = ()
"""The areas of its layer that it imports."""
