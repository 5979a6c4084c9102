"""The audit trail: lists it, verifies that nothing was changed, anchors it and archives old entries.

trail.py         lists and exports the entries
chain.py         verifies entry by entry, up to the first that was changed
anchors.py       keeps the newest hash of each trail in the blob store
archive.py       copies old entries into the blob store
verification.py  compares a trail with its anchor and its archives
"""

OFFERS = ("anchors", "archive", "trail", "verification")
"""The modules that other areas may import."""

TOUCHES = ("status",)
"""The areas of its layer that it imports."""
