"""Customers: their addresses, senders that write for others, merges, and reactions to messages."""

OFFERS = ("correspondents", "events", "own_addresses", "read", "relays", "update", "whatsapp_lines")
"""The modules that other areas may import."""

TOUCHES = ("auto_replies", "email_sync", "integrations", "realtime")
"""The areas of its layer that it imports."""
