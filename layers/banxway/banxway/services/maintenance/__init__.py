"""Maintenance: continues work that stopped half-way, and brings everything under the current key.

sweep.py     the sweeper, once a minute
rotation.py  re-wraps the data keys of everything that is encrypted
"""

OFFERS = ("rotation", "sweep")
"""The modules that other areas may import."""

TOUCHES = ("audit", "messages")
"""The areas of its layer that it imports."""
