"""Answers for people who are away, and limits every mail that leaves without a person.

Every automatic mail goes through `automatic_mail`, and `budget` decides whether it may leave.
"""

OFFERS = ("automatic_mail", "budget", "responders", "unattended", "vacation")
"""The modules that other areas may import."""

TOUCHES = ("email_sync", "messages", "threads")
"""The areas of its layer that it imports."""
