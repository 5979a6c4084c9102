"""Customers, their addresses and numbers, their merges, and senders that write for others.

customers.py  customers and their addresses
numbers.py    phone numbers and their spellings
relays.py     senders that write for others
suggested.py  authors that forwarded messages name
merges.py     merges, and what it takes to undo each
lists.py      customers as members search for them, see them and change them
"""

OFFERS = ("customers", "lists", "merges", "numbers", "relays", "suggested")
"""The modules that other areas may import."""

TOUCHES = ("database",)
"""The areas of its layer that it imports."""
