"""Runs what members want done with new mail: matches conditions, then tags, assigns, forwards or closes."""

OFFERS = ("dry_run", "forward", "rules", "run")
"""What other rooms may import of it."""

TOUCHES = ("auto_replies", "email_sync")
"""The areas of its layer that it imports."""
