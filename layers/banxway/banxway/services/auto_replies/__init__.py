"""Automatic mail: answers for people who are away, and limits for every mail that leaves without a person.

responders.py      reads and sets the vacation responders of mailboxes
vacation.py        answers mail while a person is away
unattended.py      addresses whose mail nobody reads
budget.py          decides whether an automatic mail may leave
automatic_mail.py  enqueues every automatic mail, marked and counted
"""

OFFERS = ("automatic_mail", "budget", "responders", "unattended", "vacation")
"""The modules that other areas may import."""

TOUCHES = ("email_sync", "messages", "threads")
"""The areas of its layer that it imports."""
