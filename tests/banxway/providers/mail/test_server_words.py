"""Which reason a mail server's own words stand for, as Dovecot, Zoho and others write them."""

import pytest

from banxway.providers.mail.server_words import (
    reason_of_denial,
    reason_of_farewell,
    reason_of_overload,
    reason_of_refusal,
)
from banxway.reasons import Reason


@pytest.mark.parametrize(
    ("said", "protocol", "reason"),
    [
        ("535 5.7.8 Authentication failed", "smtp", Reason.LOGIN_REFUSED),
        ("[AUTHENTICATIONFAILED] Invalid credentials(Failure)", "imap", Reason.LOGIN_REFUSED),
        ("534 5.7.9 Application-specific password required", "smtp", Reason.APP_PASSWORD_REQUIRED),
        ("Use an app password", "imap", Reason.APP_PASSWORD_REQUIRED),
        ("Two-factor authentication is on", "imap", Reason.APP_PASSWORD_REQUIRED),
        ("You are yet to enable IMAP for your account", "imap", Reason.IMAP_SWITCHED_OFF),
        ("IMAP access is disabled", "imap", Reason.IMAP_SWITCHED_OFF),
        ("IMAP access is disabled", "smtp", Reason.LOGIN_REFUSED),
        ("IMAP access is blocked", "imap", Reason.LOGIN_BLOCKED),
        ("Account temporarily locked", "imap", Reason.LOGIN_BLOCKED),
    ],
)
def test_a_refused_login_has_the_reason_that_its_words_stand_for(said: str, protocol: str, reason: Reason):
    assert reason_of_denial(said, protocol) == reason


@pytest.mark.parametrize(
    ("said", "protocol", "reason"),
    [
        ("[LIMIT] Maximum connections exceeded", "imap", Reason.TOO_MANY_CONNECTIONS),
        ("421 4.7.0 Too many simultaneous connections", "smtp", Reason.TOO_MANY_CONNECTIONS),
        ("450 rate-limited", "smtp", Reason.RATE_LIMITED),
        ("[UNAVAILABLE] Temporary failure", "imap", Reason.SERVER_BUSY),
        ("[INUSE] Mailbox in use", "imap", Reason.FOLDER_BUSY),
        ("[NOPERM] Permission denied", "imap", Reason.FOLDER_DENIED),
        ("[NONEXISTENT] Unknown Mailbox: Corporate", "imap", Reason.SERVER_REFUSED),
        ("Unusual activity on this account", "imap", Reason.ACCOUNT_BLOCKED),
        ("421 4.4.2 timeout exceeded", "smtp", Reason.TIMEOUT),
        # About a recipient, not about us.
        ("550 5.2.1 The recipient's account is locked", "smtp", Reason.SERVER_REFUSED),
        ("554 5.7.1 Relay access denied", "smtp", Reason.SERVER_REFUSED),
    ],
)
def test_a_refused_command_has_the_reason_that_its_words_stand_for(said: str, protocol: str, reason: Reason):
    assert reason_of_refusal(said, protocol) == reason


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("454 4.7.0 Temporary authentication failure", Reason.RATE_LIMITED),
        ("421 come back", Reason.RATE_LIMITED),
        ("451 try again", Reason.SERVER_BUSY),
        ("421 too many connections", Reason.TOO_MANY_CONNECTIONS),
        ("432 4.7.12 a password change", Reason.SERVER_REFUSED),
    ],
)
def test_where_a_refusal_is_for_load_more_words_stand_for_a_limit(said: str, reason: Reason):
    assert reason_of_overload(said, "smtp") == reason


def test_a_farewell_tells_a_block_from_any_other_end():
    assert reason_of_farewell("Account is blocked") == Reason.ACCOUNT_BLOCKED
    assert reason_of_farewell("Idle for too long") == Reason.CONNECTION_CLOSED
    assert reason_of_farewell("") == Reason.CONNECTION_CLOSED
