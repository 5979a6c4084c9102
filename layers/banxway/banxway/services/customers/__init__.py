"""Customers: who they are, their addresses, merges of two that are one person, and what they do to messages.

read.py            lists and shows customers
update.py          changes their names and addresses, merges and un-merges them
own_addresses.py   our own addresses and numbers, which are never a customer's
correspondents.py  finds the customer of a mail
relays.py          learns which senders write for others
whatsapp_lines.py  finds the customer of a WhatsApp line
events.py          files reactions, edits and WhatsApp's notices
"""

OFFERS = ("correspondents", "events", "own_addresses", "read", "relays", "update", "whatsapp_lines")
"""The modules that other areas may import."""

TOUCHES = ("auto_replies", "email_sync", "integrations", "realtime")
"""The areas of its layer that it imports."""
