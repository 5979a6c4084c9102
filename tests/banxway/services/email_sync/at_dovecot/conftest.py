"""The product before a real mail server."""

from tests.support.mailboxes.mail_fixtures import account, authority, dovecot, product  # noqa: F401
