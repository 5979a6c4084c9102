"""Encrypted content by name, written as a whole or not at all, and how browsers upload and download it.

store.py      the blob store: a bucket, or a folder on one machine
files.py      atomic writes to that folder
transfers.py  URLs for uploads and downloads
downloads.py  the type and name that a file is served with
"""

OFFERS = ("downloads", "files", "store", "transfers")
"""The modules that other areas may import."""

TOUCHES = ()
"""The areas of its layer that it imports."""
