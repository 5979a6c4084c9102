"""Inbound mail: every mail on a mail server becomes a message, whole and once.

sync.py           EmailSync: which mailboxes are due, one poll of one mailbox, the comparison of both sides
idle.py           holds IDLE on a mailbox, so that the server reports new mail at once
runner.py         opens the connection, polls, records the result
poll.py           one poll: folders that changed, what was read in the console, what became of sent mail
poll_services.py  what every step of a poll may use
folder.py         one folder: new mail, vanished mail, flags, new UIDs for old mail
intake.py         a batch of mail: fetched, recorded, filed
fetching.py       fetches batches and stores their bytes, one batch ahead
renumbering.py    finds the same mails under another UIDVALIDITY
lease.py          the right to write about a mailbox, and the progress of a poll
connections.py    connections that stay open between polls
failures.py       the state of a mailbox after a failed poll, and when to try again
troubles.py       folders that cannot be synced, and what an admin should do
canaries.py       hourly test mails that prove that mail arrives
sent_evidence.py  settles unknown mails by the Sent folder
comparison.py     compares what the server has with what is stored
filing/           turns stored bytes into messages
threading/        decides which thread a mail joins

A kill at any point loses nothing and files nothing twice: the next poll files the mails that were recorded, and
fetches those that were not.
"""

OFFERS = (
    "canaries",
    "connections",
    "failures",
    "filing.automation",
    "filing.filed_mail",
    "filing.filer",
    "filing.reader",
    "filing.transaction",
    "poll_services",
    "runner",
    "sent_evidence",
    "sync",
    "threading.descent",
    "threading.rows",
    "threading.subjects",
    "troubles",
)
"""The modules that other areas may import."""

TOUCHES = (
    "auto_replies",
    "customers",
    "email_accounts",
    "email_rules",
    "integrations",
    "messages",
    "realtime",
    "status",
)
"""The areas of its layer that it imports."""
