"""The audit trail: its rows, its chain of hashes, and which parts of it are archived.

trail.py     appends and lists entries
chain.py     the entries as a chain of hashes, and how far it is anchored
archives.py  which stretches are archived, and in which blob
meanwhile.py refuses a change that is based on what somebody else has changed
"""

OFFERS = ("archives", "chain", "meanwhile", "trail")
"""The modules that other areas may import."""

TOUCHES = ("database", "storable_text")
"""The areas of its layer that it imports."""
