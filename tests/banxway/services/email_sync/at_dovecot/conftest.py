"""The product before a real mail server."""

from tests.support.mail_fixtures import account, authority, dovecot, product  # noqa: F401
