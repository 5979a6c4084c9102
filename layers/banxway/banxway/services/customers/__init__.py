"""Knows who customers are: their addresses, who writes for others, merges, and what they do to messages."""

OFFERS = ("correspondents", "events", "own_addresses", "read", "relays", "update", "whatsapp_lines")
"""What other rooms may import of it."""

TOUCHES = ("auto_replies", "email_sync", "integrations", "realtime")
"""The areas of its layer that it imports."""
