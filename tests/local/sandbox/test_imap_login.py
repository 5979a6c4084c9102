"""Logging in by IMAP: what Zoho says, and how many may."""

import imaplib
import re
import ssl

import pytest

from local.sandbox import Sandbox
from tests.support.running.sandbox import SALES, SUPPORT, ask_imap, connect_imap

ZOHO = (
    "IMAP4REV1 UNSELECT CHILDREN XLIST NAMESPACE IDLE MOVE ID AUTH=PLAIN SASL-IR UIDPLUS ESEARCH LIST-EXTENDED "
    "LIST-STATUS WITHIN LITERAL- ACL CONDSTORE"
)


def test_it_greets_and_announces_what_zoho_does(imap: imaplib.IMAP4_SSL) -> None:
    assert imap.welcome == b"* OK svwall.zoho.com IMAP4 Server (Zoho Mail IMAP4rev1 Server version 1.0)"
    assert imap.capabilities == tuple(ZOHO.split())


@pytest.mark.parametrize("way", ["login", "authenticate"])
def test_a_wrong_password_is_answered_as_zoho_does(
    running: Sandbox, trusted: ssl.SSLContext, way: str
) -> None:
    connection = connect_imap(running, trusted)

    with pytest.raises(
        imaplib.IMAP4.error, match=re.escape("[AUTHENTICATIONFAILED] Invalid credentials(Failure)")
    ):
        if way == "login":
            connection.login(SUPPORT[0], "wrong")
        else:
            connection.authenticate("PLAIN", lambda _: b"\0support@banxway.local\0wrong")

    connection.shutdown()


@pytest.mark.parametrize(
    "line",
    [
        b"AUTHENTICATE PLAIN AHN1cHBvcnRAYmFueHdheS5sb2NhbABzYW5kYm94c3VwcG9ydA==",
        b'LOGIN "support@banxway.local" sandboxsupport',
        b"LOGIN {21+}\r\nsupport@banxway.local {14+}\r\nsandboxsupport",
    ],
    ids=["initial response", "quoted", "literals"],
)
def test_logging_in_tells_the_capabilities_before_the_answer(
    running: Sandbox, trusted: ssl.SSLContext, line: bytes
) -> None:
    connection = connect_imap(running, trusted)

    lines = ask_imap(connection, line)

    assert lines[0].startswith(b"* CAPABILITY IMAP4rev1 ")
    assert lines[1] == b"T1 OK Success"
    connection.shutdown()


def test_commands_before_login_or_selection_are_refused(running: Sandbox, trusted: ssl.SSLContext) -> None:
    connection = connect_imap(running, trusted)
    early = ask_imap(connection, b"SELECT INBOX")[-1]
    connection.login(*SUPPORT)

    unselected = ask_imap(connection, b"UID FETCH 1 FLAGS")[-1]

    assert (early, unselected) == (b"T1 BAD log in first", b"T1 BAD select a folder first")
    connection.shutdown()


def test_a_sixth_connection_is_refused(running: Sandbox, trusted: ssl.SSLContext) -> None:
    """Of a mailbox that no other test logs in to: a server notices the end of a connection when it may."""
    connections = [connect_imap(running, trusted) for _ in range(6)]
    for connection in connections[:5]:
        connection.login(*SALES)

    with pytest.raises(imaplib.IMAP4.error, match="LIMIT"):
        connections[5].login(*SALES)

    for connection in connections:
        connection.shutdown()
