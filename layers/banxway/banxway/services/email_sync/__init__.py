"""Inbound mail: how what lies on a mail server becomes messages, whole and once.

    sync.py          EmailSync: which mailboxes fall due, one poll of one mailbox, the comparison of both sides
    idle.py          holding IDLE on a mailbox, so that its news come by themselves
    poll.py          one poll: which folders changed, each of them, what was read, what became of sent mail
    folder.py        one folder: new mail, vanished mail, flags, new numbers for old mail
    intake.py        a batch of mail on its way in: fetched, noted, filed
    fetching.py      batches fetched and made durable, one ahead
    renumbering.py   finding the same mails under another UIDVALIDITY
    lease.py         the right to write about a mailbox, and how far a poll is
    connections.py   connections that stay open between polls
    failures.py      what a failed poll says about a mailbox, and when to try again
    comparison.py    what the server has, against what is stored

A kill at any point loses nothing and files nothing twice: what was noted is filed by the next poll, what was
not noted is fetched by it.
"""

OFFERS = (
    "canaries",
    "failures",
    "filing.automation",
    "filing.filed_mail",
    "filing.filer",
    "filing.reader",
    "runner",
    "sent_evidence",
    "sync",
    "threading.descent",
    "threading.rows",
    "threading.subjects",
    "troubles",
)
"""What other rooms may import of it."""

TOUCHES = ("auto_replies", "customers", "email_accounts", "email_rules", "integrations", "realtime", "status")
"""The areas of its layer that it imports."""
