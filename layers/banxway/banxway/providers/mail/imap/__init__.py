"""Our IMAP client: limits bytes and time, sends one command at a time, and changes nothing by reading.

mailbox.py     ImapMailbox: the commands that a poll needs
connection.py  keeps one connection, with one folder open
session.py     connects, secures the connection by TLS, and logs in
stream.py      sends commands and reads answers, within limits
wire.py        the syntax of IMAP
folders.py     lists folders with their roles and counters
fetching.py    fetches many mails in batches
modifying.py   marks and deletes messages
answers.py     parses what the server answers
errors.py      maps failures to provider errors
"""

OFFERS = ("mailbox",)
"""The modules that other areas may import."""

TOUCHES = ("mixups", "server_words", "transport")
"""The areas of its layer that it imports."""
