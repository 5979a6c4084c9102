"""Our SMTP client: hands over one mail and reports whether it was accepted, refused, or has an unknown outcome.

sender.py   SmtpMailSender: submits one mail
compose/    writes the mail as bytes
session.py  one connection: TLS, login, bounded replies
answers.py  maps refusals to errors
"""

OFFERS = ("sender",)
"""The modules that other areas may import."""

TOUCHES = ("mixups", "server_words", "transport")
"""The areas of its layer that it imports."""
