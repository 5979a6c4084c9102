"""Answers for people who are away, and guards everything that leaves without a person.

Every automatic mail goes through `automatic_mail`, and `budget` decides whether it may leave.
"""

OFFERS = ("automatic_mail", "budget", "responders", "unattended", "vacation")
"""What other rooms may import of it."""

TOUCHES = ("email_sync", "messages", "threads")
"""The areas of its layer that it imports."""
