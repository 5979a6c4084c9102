"""IMAP at the sandbox mailbox, as imaplib sees it over TLS."""

import imaplib
import re
import ssl
from typing import Any

import pytest

from local.sandbox import Sandbox
from tests.support.running.sandbox import SUPPORT, SandboxClient, ask_imap, connect_imap, put_mail

MAIL = (
    b"From: Asha <asha@customer.example>\r\nTo: x@y.z\r\nSubject: Order\r\n folded\r\n\r\nHello\r\nworld\r\n"
)


def test_folders_are_listed_with_their_use_and_status(imap: imaplib.IMAP4_SSL, client: SandboxClient) -> None:
    put_mail(client, MAIL)

    plain = ask_imap(imap, b'LIST "" "*"')
    with_status = ask_imap(imap, b'LIST "" "*" RETURN (STATUS (MESSAGES UIDNEXT UNSEEN))')

    assert plain[:3] == [
        b'* LIST (\\HasNoChildren) "/" "INBOX"',
        b'* LIST (\\HasNoChildren \\Drafts) "/" "Drafts"',
        b'* LIST (\\HasNoChildren \\Sent) "/" "Sent"',
    ]
    assert re.fullmatch(rb'\* STATUS "INBOX" \(MESSAGES 1 UIDNEXT \d+ UNSEEN 1\)', with_status[1])


def test_a_poll_by_uid_ranges_sees_sizes_dates_and_exact_bytes(
    imap: imaplib.IMAP4_SSL, client: SandboxClient
) -> None:
    uids = [put_mail(client, MAIL + b"%d\r\n" % number) for number in range(3)]
    imap.select("INBOX", readonly=True)

    _, sizes = imap.uid("FETCH", f"{uids[1]}:*", "(UID RFC822.SIZE INTERNALDATE)")
    _, parts = imap.uid("FETCH", f"{uids[0]}:{uids[1]}", "(BODY.PEEK[])")

    assert [int(re.search(rb"RFC822.SIZE (\d+)", each)[1]) for each in sizes] == [len(MAIL) + 3] * 2  # type: ignore[index]
    assert all(imaplib.Internaldate2tuple(each) for each in sizes)
    assert [part[1] for part in parts if isinstance(part, tuple)] == [MAIL + b"0\r\n", MAIL + b"1\r\n"]


def test_a_range_beyond_the_end_returns_the_last_message(
    imap: imaplib.IMAP4_SSL, client: SandboxClient
) -> None:
    last = [put_mail(client, MAIL) for _ in range(2)][-1]
    imap.select("INBOX", readonly=True)

    _, found = imap.uid("FETCH", f"{last + 100}:*", "(UID)")

    assert len(found) == 1
    assert f"UID {last}".encode() in found[0]


def test_peeking_leaves_a_mail_unread_and_reading_does_not(
    imap: imaplib.IMAP4_SSL, client: SandboxClient
) -> None:
    uid = str(put_mail(client, MAIL))
    imap.select("INBOX")

    imap.uid("FETCH", uid, "(BODY.PEEK[] BODY.PEEK[HEADER] RFC822.HEADER)")
    peeked = imap.uid("FETCH", uid, "(FLAGS)")[1][0]
    imap.uid("FETCH", uid, "(BODY[TEXT])")
    read = imap.uid("FETCH", uid, "(FLAGS)")[1][0]

    assert (b"\\Seen" in peeked, b"\\Seen" in read) == (False, True)


def test_an_examined_folder_does_not_change(imap: imaplib.IMAP4_SSL, client: SandboxClient) -> None:
    uid = str(put_mail(client, MAIL))
    imap.select("INBOX", readonly=True)

    imap.uid("FETCH", uid, "(BODY[])")
    status, _ = imap.uid("STORE", uid, "+FLAGS", "(\\Deleted)")

    assert status == "NO"
    assert b"FLAGS ()" in imap.uid("FETCH", uid, "(FLAGS)")[1][0]


@pytest.mark.parametrize(
    ("section", "content"),
    [
        ("HEADER", MAIL.partition(b"Hello")[0]),
        ("TEXT", b"Hello\r\nworld\r\n"),
        ("HEADER.FIELDS (Subject)", b"Subject: Order\r\n folded\r\n\r\n"),
        ("HEADER.FIELDS.NOT (From To)", b"Subject: Order\r\n folded\r\n\r\n"),
    ],
)
def test_parts_of_a_mail_can_be_fetched(
    imap: imaplib.IMAP4_SSL, client: SandboxClient, section: str, content: bytes
) -> None:
    uid = str(put_mail(client, MAIL))
    imap.select("INBOX")

    whole: Any = imap.uid("FETCH", uid, f"(BODY.PEEK[{section}])")[1][0]
    piece: Any = imap.uid("FETCH", uid, f"(BODY.PEEK[{section}]<2.5>)")[1][0]

    assert (whole[1], piece[1]) == (content, content[2:7])


def test_searches_find_by_flag_uid_age_header_and_their_combinations(
    imap: imaplib.IMAP4_SSL, client: SandboxClient
) -> None:
    first, second, third = (put_mail(client, MAIL.replace(b"Order", b"Order %d" % each)) for each in range(3))
    imap.select("INBOX")
    imap.uid("STORE", str(second), "+FLAGS", "(\\Seen)")

    def found(*keys: str) -> list[int]:
        return [int(each) for each in imap.uid("SEARCH", *keys)[1][0].split()]

    assert found("UNSEEN") == [first, third]
    assert found("UID", f"{second}:*") == [second, third]
    assert found("SUBJECT", '"Order 1"') == [second]
    assert found("OR", "SEEN", f"(UID {first})") == [first, second]
    assert found("NOT", "SINCE", "1-Jan-2020") == []
    assert found("YOUNGER", "86400", "SMALLER", "1000") == [first, second, third]


def test_a_search_can_answer_with_a_compact_set(imap: imaplib.IMAP4_SSL, client: SandboxClient) -> None:
    uids = [put_mail(client, MAIL) for _ in range(3)]
    imap.select("INBOX")

    line = ask_imap(imap, b"UID SEARCH RETURN (ALL COUNT) 1:*")[0]

    assert line == f'* ESEARCH (TAG "T1") UID ALL {uids[0]}:{uids[2]} COUNT 3'.encode()


def test_changed_flags_are_found_by_modseq(imap: imaplib.IMAP4_SSL, client: SandboxClient) -> None:
    first, second = put_mail(client, MAIL), put_mail(client, MAIL)
    imap.select("INBOX")
    _, before = imap.status("INBOX", "(HIGHESTMODSEQ)")
    modseq = int(re.search(rb"HIGHESTMODSEQ (\d+)", before[0])[1])  # type: ignore[index]
    imap.uid("STORE", str(second), "+FLAGS", "(\\Flagged)")

    lines = ask_imap(imap, b"UID FETCH 1:* (FLAGS) (CHANGEDSINCE %d)" % modseq)

    assert lines[:-1] == [b"* 2 FETCH (UID %d FLAGS (\\Flagged) MODSEQ (%d))" % (second, modseq + 1)]
    assert first < second


def test_mail_can_be_moved_copied_and_expunged(imap: imaplib.IMAP4_SSL, client: SandboxClient) -> None:
    moved, deleted = put_mail(client, MAIL), put_mail(client, MAIL)
    imap.select("INBOX")

    lines = ask_imap(imap, b"UID MOVE %d Trash" % moved)
    imap.uid("COPY", str(deleted), "Spam")
    imap.uid("STORE", str(deleted), "+FLAGS", "(\\Deleted)")
    imap.expunge()

    folders = client.control("GET", "/mail/mailboxes")["mailboxes"][0]["folders"]
    assert lines[0].startswith(b"* OK [COPYUID ")
    assert lines[1] == b"* 1 EXPUNGE"
    assert folders == {"INBOX": 0, "Drafts": 0, "Sent": 0, "Spam": 1, "Trash": 1}


def test_an_appended_mail_keeps_bytes_flags_and_date(imap: imaplib.IMAP4_SSL) -> None:
    raw = bytes(range(256)) * 20
    date = '"01-Feb-2026 10:00:00 +0530"'

    status, answer = imap.append("Drafts", "(\\Draft)", date, raw)

    imap.select("Drafts", readonly=True)
    _, parts = imap.uid("FETCH", "1:*", "(FLAGS INTERNALDATE BODY.PEEK[])")
    head, content = parts[0]
    assert (status, b"APPENDUID" in answer[0]) == ("OK", True)
    assert content.replace(b"\r\n", b"\n") == raw.replace(b"\r\n", b"\n").replace(
        b"\r", b"\n"
    )  # imaplib's own edit
    assert b'FLAGS (\\Draft) INTERNALDATE "01-Feb-2026 04:30:00 +0000"' in head


def test_idle_tells_of_new_mail_at_once(imap: imaplib.IMAP4_SSL, client: SandboxClient) -> None:
    imap.select("INBOX")
    imap.send(b"T2 IDLE\r\n")
    assert imap.readline() == b"+ idling\r\n"

    put_mail(client, MAIL)
    heard = imap.readline()
    imap.send(b"DONE\r\n")

    assert heard == b"* 1 EXISTS\r\n"
    assert imap.readline() == b"T2 OK IDLE terminated\r\n"


def test_noop_tells_of_mail_that_came_and_went(
    imap: imaplib.IMAP4_SSL, running: Sandbox, trusted: ssl.SSLContext, client: SandboxClient
) -> None:
    uid = put_mail(client, MAIL)
    imap.select("INBOX")
    other = connect_imap(running, trusted)
    other.login(*SUPPORT)
    other.select("INBOX")
    other.uid("MOVE", str(uid), "Trash")
    other.shutdown()
    put_mail(client, MAIL)

    assert ask_imap(imap, b"NOOP") == [b"* 1 EXPUNGE", b"* 1 EXISTS", b"T1 OK NOOP completed"]


def test_a_folder_can_be_renumbered(imap: imaplib.IMAP4_SSL, client: SandboxClient) -> None:
    put_mail(client, MAIL)
    _, before = imap.status("INBOX", "(UIDVALIDITY)")

    client.control("POST", "/mail/renumber", {"email": SUPPORT[0], "folder": "INBOX"})

    _, after = imap.status("INBOX", "(UIDVALIDITY UIDNEXT MESSAGES)")
    assert before[0] not in after[0]
    assert b"UIDNEXT 2 MESSAGES 1" in after[0]


@pytest.mark.parametrize(
    "line",
    [b"NONSENSE", b"", b"UID FETCH x FLAGS", b"UID FETCH 1 (BODY[", b"UID FETCH 1 (UNHEARD)", b"SEARCH ) ("],
    ids=["unknown", "empty", "set", "bracket", "item", "parentheses"],
)
def test_nonsense_is_answered_bad_and_the_connection_lives(imap: imaplib.IMAP4_SSL, line: bytes) -> None:
    imap.select("INBOX")
    imap.send(b"T1 " + line + b"\r\n")

    assert b"BAD" in imap.readline()
    assert ask_imap(imap, b"NOOP")[-1] == b"T1 OK NOOP completed"


def test_a_literal_beyond_all_measure_ends_the_connection(imap: imaplib.IMAP4_SSL) -> None:
    imap.send(b"T1 APPEND INBOX {99999999999}\r\n")

    assert imap.readline() == b"* BYE literal too large\r\n"
    assert imap.readline() == b""
