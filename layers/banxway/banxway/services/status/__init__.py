"""Status: what is configured, what is wrong, and what needs a person.

configuration.py  reports which channels are configured, and what they lack
overview.py       shows whether each channel works, and what is left to set up
diagnosis/        finds the causes of what does not work
reviews.py        the daily review
silence.py        judges whether a silence is unusually long
inbound_watch.py  watches mailboxes and channels for silence
notifications.py  opens and closes the notifications for admins
"""

OFFERS = (
    "configuration",
    "diagnosis.catalogue",
    "diagnosis.deployment",
    "diagnosis.explanations",
    "diagnosis.mail.causes",
    "diagnosis.runner",
    "inbound_watch",
    "notifications",
    "overview",
    "reviews",
)
"""The modules that other areas may import."""

TOUCHES = ("email_sync", "integrations")
"""The areas of its layer that it imports."""
