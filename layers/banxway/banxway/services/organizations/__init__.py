"""Organizations: how one is created with its first admin, and its name.

creation.py  creates an organization, as the owner of the tables
account.py   shows and changes the organization of the signed-in user
"""

OFFERS = ("account", "creation")
"""The modules that other areas may import."""

TOUCHES = ("team",)
"""The areas of its layer that it imports."""
