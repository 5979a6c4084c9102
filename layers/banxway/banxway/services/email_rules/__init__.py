"""Runs the organization's rules on new mail: matches conditions, then tags, assigns, forwards or marks as spam."""

OFFERS = ("dry_run", "forward", "rules", "run")
"""The modules that other areas may import."""

TOUCHES = ("auto_replies", "email_sync")
"""The areas of its layer that it imports."""
