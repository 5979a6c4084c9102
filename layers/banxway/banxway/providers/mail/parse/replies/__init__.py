"""Tells what was written from what was quoted; hides nothing when unsure."""
