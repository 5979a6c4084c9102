"""Flags, searches and IDLE: changes since the last poll, and waiting for new ones."""

import pytest

from banxway.errors import ProviderError, ProviderRejected, ProviderTimeout, ProviderUnavailable
from banxway.models.mail import MailFlags
from local.sandbox.mailbox.imap.wire import Bad
from tests.support.servers.imap_server import TIGHT_LIMITS, ZOHO_CAPABILITIES
from tests.support.timing.clocks import SetClock

MANY = {uid: b"Subject: %d\r\n\r\n" % uid for uid in range(1, 31)}


@pytest.mark.parametrize(
    ("capabilities", "knows_before", "uids"),
    [
        (ZOHO_CAPABILITIES, True, [2]),
        (ZOHO_CAPABILITIES, False, [1, 2, 3]),
        (ZOHO_CAPABILITIES.replace(" CONDSTORE", ""), True, [1, 2, 3]),
    ],
    ids=["changed", "all", "no_condstore"],
)
def test_flags_are_those_that_changed_or_all(
    start_imap, mailbox_at, capabilities: str, knows_before: bool, uids: list[int]
):
    server = start_imap(mails=MANY, capabilities=capabilities)
    before = server.folder().modseq if knows_before else None
    server.flag(2, "\\Seen", "$Label")
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")

    flags = mailbox.flags(up_to_uid=3, changed_since=before)

    assert [one.uid for one in flags] == uids
    assert MailFlags(2, ("$Label", "\\Seen")) in flags


def test_a_server_that_refuses_to_tell_changes_is_asked_for_all_flags(start_imap, mailbox_at):
    server = start_imap(mails=MANY)
    usual = server.table["UID FETCH"][1]

    async def refuse_changes(session, command) -> None:
        if len(command.arguments) > 2:
            raise Bad("what?")
        await usual(session, command)

    server.table["UID FETCH"] = ("folder", refuse_changes)
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")

    assert len(mailbox.flags(up_to_uid=30, changed_since=4)) == 30


def test_marking_reads_and_writes_and_reading_goes_on_read_only(start_imap, mailbox_at):
    server = start_imap(mails=MANY)
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")

    mailbox.mark_seen("Sent", [3, 1, 2, 9])
    mailbox.uids()

    assert server.asked == [
        'EXAMINE "INBOX"',
        "NOOP",
        'SELECT "Sent"',
        "UID STORE 1:3,9 +FLAGS.SILENT (\\Seen)",
        'EXAMINE "INBOX"',
        "UID SEARCH RETURN (ALL) ALL",
    ]


def test_marking_nothing_asks_nothing(start_imap, mailbox_at):
    server = start_imap()

    mailbox_at(server.port).mark_seen("INBOX", [])

    assert server.commands == []


def test_a_mailbox_that_may_not_be_changed_says_so(start_imap, mailbox_at):
    server = start_imap(says={"UID STORE": b"{tag} NO [READ-ONLY] not permitted\r\n"})

    with pytest.raises(ProviderRejected, match="not permitted"):
        mailbox_at(server.port).mark_seen("INBOX", [3])


def test_many_marks_travel_in_commands_that_servers_accept(start_imap, mailbox_at):
    server = start_imap()

    mailbox_at(server.port).mark_seen("INBOX", range(1, 4001, 2))

    stores = [command for command in server.commands if "STORE" in command]
    assert len(stores) == 4
    assert all(len(command) < 8000 for command in stores)


@pytest.mark.parametrize("capabilities", [ZOHO_CAPABILITIES, ZOHO_CAPABILITIES.replace(" ESEARCH", "")])
def test_uids_come_from_servers_with_and_without_sets(start_imap, mailbox_at, capabilities: str):
    mailbox = mailbox_at(start_imap(mails=MANY, capabilities=capabilities).port)
    mailbox.open("INBOX")

    assert mailbox.uids() == [*range(1, 31)]


@pytest.mark.parametrize(
    ("answer", "uids"),
    [
        (b'* ESEARCH (TAG "A1") UID ALL 1:3,7\r\n{tag} OK\r\n', [1, 2, 3, 7]),
        (b'* ESEARCH (TAG "A1") UID COUNT 2 ALL 9:8 MODSEQ 4\r\n{tag} OK\r\n', [8, 9]),
        (b'* ESEARCH (TAG "A1") UID\r\n{tag} OK\r\n', []),
        (b"* SEARCH 2 1 (MODSEQ 917)\r\n{tag} OK\r\n", [1, 2]),
        (b"* SEARCH\r\n{tag} OK\r\n", []),
    ],
    ids=["set", "more_items", "empty", "plain", "plain_empty"],
)
def test_a_search_is_read_in_every_shape(start_imap, mailbox_at, answer: bytes, uids: list[int]):
    mailbox = mailbox_at(start_imap(says={"UID SEARCH": answer}).port)
    mailbox.open("INBOX")

    assert mailbox.uids() == uids


@pytest.mark.parametrize(
    "answer",
    [
        b"* ESEARCH UID ALL 1:4294967295\r\n{tag} OK\r\n",
        b"* ESEARCH UID ALL 1:900,2000:2900,4000:4900\r\n{tag} OK\r\n",
        b"* ESEARCH UID ALL 1:x\r\n{tag} OK\r\n",
        b"* ESEARCH UID ALL 1:2:3\r\n{tag} OK\r\n",
    ],
    ids=["all_there_can_be", "many_ranges", "no_number", "three_ends"],
)
def test_a_set_that_cannot_be_is_refused_before_it_is_unfolded(start_imap, mailbox_at, answer: bytes):
    mailbox = mailbox_at(start_imap(says={"UID SEARCH": answer}).port)
    mailbox.open("INBOX")

    with pytest.raises(ProviderError):
        mailbox.uids()


@pytest.mark.parametrize(
    ("pieces", "is_news"),
    [
        ((b"* 4 EXISTS\r\n",), True),
        ((b"* 4 EX", b"IS", b"TS\r", b"\n"), True),
        ((b"* 2 EXPUNGE\r\n",), True),
        ((b"* 1 FETCH (FLAGS (\\Seen))\r\n",), True),
        ((b"* VANISHED 3:5\r\n",), True),
        ((b"* OK Still here\r\n", b"* 4 EXISTS\r\n"), True),
        ((b"* 3 EXISTS\r\n* 0 RECENT\r\n",), False),
        ((b"* OK Still here\r\n",), False),
        ((), False),
    ],
    ids=[
        "arrived",
        "in_pieces",
        "expunged",
        "flags",
        "vanished",
        "after_a_word",
        "known",
        "chatter",
        "silence",
    ],
)
def test_news_end_the_waiting_and_chatter_does_not(start_imap, mailbox_at, pieces: tuple, is_news: bool):
    clock = SetClock()
    began = clock.monotonic()
    mailbox = mailbox_at(start_imap(idle_says=pieces).port, clock=clock)
    mailbox.open("INBOX")

    assert mailbox.wait_for_news(seconds=60) == is_news

    assert clock.monotonic() - began == (0 if is_news else 60)


def test_waiting_goes_on_over_one_command_and_other_commands_end_it(start_imap, mailbox_at):
    server = start_imap()
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")

    for _ in range(3):
        mailbox.wait_for_news(seconds=20)
    mailbox.uids()
    mailbox.wait_for_news(seconds=20)
    alive = mailbox.is_alive()

    assert alive
    assert server.asked[1:] == ["IDLE", "DONE", "UID SEARCH RETURN (ALL) ALL", "IDLE", "DONE", "NOOP"]


def test_news_that_came_as_waiting_was_interrupted_are_reported_later(start_imap, mailbox_at):
    server = start_imap()
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")
    assert not mailbox.wait_for_news(seconds=20)

    server.put(b"Subject: news\r\n\r\n")  # reported when IDLE ends, before the answer to DONE
    assert mailbox.is_alive()

    assert mailbox.wait_for_news(seconds=20)


def test_waiting_is_renewed_in_time(start_imap, mailbox_at):
    server = start_imap()
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")

    assert not mailbox.wait_for_news(seconds=600)

    # Long before the 350 seconds after which a gateway drops a silent connection.
    assert server.asked[1:] == ["IDLE", "DONE", "IDLE", "DONE", "IDLE"]


def test_waiting_is_renewed_over_several_calls(start_imap, mailbox_at):
    clock = SetClock()
    server = start_imap()
    mailbox = mailbox_at(server.port, clock=clock)
    mailbox.open("INBOX")

    for passed_s in (0, 239, 2):
        clock.advance(seconds=passed_s)
        mailbox.wait_for_news(seconds=0)

    assert server.asked[1:] == ["IDLE", "DONE", "IDLE"]


def test_a_command_after_waiting_has_the_whole_time_out_again(start_imap, mailbox_at):
    clock = SetClock()
    server = start_imap(says={"UID SEARCH": "HANG"})
    mailbox = mailbox_at(server.port, clock=clock)
    mailbox.open("INBOX")
    mailbox.wait_for_news(seconds=1)
    began = clock.monotonic()

    with pytest.raises(ProviderTimeout):
        mailbox.uids()

    assert clock.monotonic() - began == TIGHT_LIMITS.silence_timeout_s


@pytest.mark.parametrize("pieces", [(b"* BYE going down\r\n",), (b"nonsense\r\n",)], ids=["bye", "nonsense"])
def test_a_server_that_ends_the_waiting_is_a_failure(start_imap, mailbox_at, pieces: tuple):
    mailbox = mailbox_at(start_imap(idle_says=pieces).port)
    mailbox.open("INBOX")

    with pytest.raises(ProviderUnavailable):
        mailbox.wait_for_news(seconds=60)

    assert not mailbox.is_alive()


def test_a_connection_that_died_silently_is_found_out_when_waiting_is_renewed(start_imap, mailbox_at):
    server = start_imap()
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")
    mailbox.wait_for_news(seconds=1)
    server.script.says["IDLE"] = "HANG"

    with pytest.raises(ProviderTimeout):
        mailbox.wait_for_news(seconds=600)


@pytest.mark.parametrize(
    "script",
    [{"capabilities": ZOHO_CAPABILITIES.replace(" IDLE", "")}],
    ids=["not_offered"],
)
def test_a_server_without_idle_is_named(start_imap, mailbox_at, script: dict):
    mailbox = mailbox_at(start_imap(**script).port)
    mailbox.open("INBOX")

    with pytest.raises(ProviderRejected, match="no IDLE"):
        mailbox.wait_for_news(seconds=1)


def test_searching_part_of_an_id_never_finds_another_mail(start_imap, mailbox_at):
    mails = {1: b"Message-ID: <1@x.test>\r\n\r\n", 2: b"Message-ID: <11@x.test>\r\n\r\n"}
    server = start_imap(mails=mails)
    mailbox = mailbox_at(server.port)

    assert mailbox.find("INBOX", message_id="1@x.test") == [1]

    assert server.asked[1:] == [
        'UID SEARCH HEADER MESSAGE-ID "1@x.test"',
        "UID FETCH 1:2 (UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])",
    ]
