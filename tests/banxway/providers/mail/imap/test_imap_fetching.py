"""Fetching in batches, also from servers that hang up, refuse, flood or lie: each mail comes whole and once."""

from itertools import pairwise

import pytest

from banxway.errors import (
    ProviderError,
    ProviderRejected,
    ProviderThrottled,
    ProviderTimeout,
    ProviderUnavailable,
)
from local.sandbox.mailbox.imap.sets import members
from local.sandbox.mailbox.imap.wire import No
from tests.banxway.providers.contracts.mailbox import MAILS
from tests.support.timing.clocks import SetClock

MANY = {uid: b"Subject: %d\r\n\r\n" % uid + b"x" * 10 for uid in range(1, 41)}


def asked_bodies(server) -> list[str]:
    """Return the UID sets of the FETCH commands that asked for bodies."""
    return [command.split()[2] for command in server.commands if "BODY.PEEK[]" in command]


def test_batches_respect_bytes_and_count_and_name_runs_as_ranges(start_imap, mailbox_at):
    mails = {uid: b"x" * size for uid, size in zip(range(1, 14), [10] * 7 + [4000] * 6, strict=True)}
    server = start_imap(mails=mails)
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")
    mailbox.sizes(first_uid=1)

    found = {mail.uid: mail.raw for mail in mailbox.fetch([*range(1, 4), *range(5, 14)])}

    assert found == {uid: raw for uid, raw in mails.items() if uid != 4}
    assert asked_bodies(server) == [
        "1:3,5:6",
        "7:9",
        "10:11",
        "12:13",
    ]


def places_to_cut() -> dict[str, int]:
    """Return positions at which to cut the answer to a FETCH of all MAILS: inside each part, and between any two."""
    places, length = {"before anything": 0}, 0
    for uid, raw in MAILS.items():
        head = len(
            f'* 1 FETCH (UID {uid} FLAGS () INTERNALDATE "17-Jul-2026 09:44:25 +0000" BODY[] {{{len(raw)}}}\r\n'
        )
        parts = {
            "head": 1,
            "size": head - 3,
            "line end": head - 1,
            "body": head,
            "body's first byte": head + 1,
        }
        parts |= {"body's last byte": head + len(raw) - 1, "whole body": head + len(raw)}
        parts |= {"bracket": head + len(raw) + 1, "all": head + len(raw) + 3}
        places |= {f"{uid}'s {name}": length + at for name, at in parts.items()}
        length += parts["all"]
    return places


PLACES = places_to_cut()


@pytest.mark.parametrize("length", PLACES.values(), ids=PLACES)
def test_a_cut_at_any_byte_neither_loses_nor_doubles_a_mail(start_imap, mailbox_at, length: int):
    server = start_imap(cut_fetch_after=length, cuts=1)
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")

    found = [(mail.uid, mail.raw) for mail in mailbox.fetch(sorted(MAILS))]

    assert found == sorted(MAILS.items())
    assert server.connections == 2


def test_a_server_that_hangs_up_in_the_middle_is_asked_for_half_as_many_from_where_it_stopped(
    start_imap, mailbox_at
):
    server = start_imap(mails=MANY, cut_fetch_after=240, cuts=2)
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")
    mailbox.sizes(first_uid=1)

    found = [mail.uid for mail in mailbox.fetch([*range(1, 11)])]

    assert found == [*range(1, 11)]
    assert server.connections == 3
    assert asked_bodies(server)[:4] == ["1:5", "3:4", "5", "6"]


def test_the_pace_grows_again_with_every_fetch_that_works(start_imap, mailbox_at):
    server = start_imap(mails=MANY, cut_fetch_after=0, cuts=2)
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")
    mailbox.sizes(first_uid=1)

    for first in (1, 11, 21):
        list(mailbox.fetch(range(first, first + 10)))

    assert asked_bodies(server)[:4] == ["1:5", "1:2", "1", "2"]
    assert [one for one in asked_bodies(server) if one.startswith(("11", "21"))] == ["11:12", "21:24"]


def test_a_mail_that_breaks_every_connection_is_named_after_all_before_it_came(start_imap, mailbox_at):
    server = start_imap(mails=MANY, cuts_of_uid=4)
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")
    mailbox.sizes(first_uid=1)
    found: list[int] = []

    with pytest.raises(ProviderUnavailable) as raised:
        found.extend(mail.uid for mail in mailbox.fetch([*range(1, 11)]))

    assert found == [1, 2, 3]
    assert raised.value.details["uid"] == 4
    assert asked_bodies(server).count("4") == 2


def test_a_server_that_always_hangs_up_is_left_after_a_few_connections(start_imap, mailbox_at):
    server = start_imap(mails=MANY, cut_fetch_after=0)
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")
    mailbox.sizes(first_uid=1)

    with pytest.raises(ProviderUnavailable):
        list(mailbox.fetch([*MANY]))

    assert server.connections < 10


def test_a_server_that_gives_one_mail_a_connection_is_left_after_some(start_imap, mailbox_at):
    server = start_imap(mails=MANY, cut_fetch_after=150)
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")
    mailbox.sizes(first_uid=1)
    found: list[int] = []

    with pytest.raises(ProviderUnavailable):
        found.extend(mail.uid for mail in mailbox.fetch([*MANY]))

    assert found == [*range(1, len(found) + 1)]
    assert 10 < len(found) < 20
    assert server.connections < 20


def test_taking_the_mails_slowly_costs_none_of_the_servers_time(start_imap, mailbox_at):
    clock = SetClock()
    mailbox = mailbox_at(start_imap(mails=MANY).port, clock=clock)
    mailbox.open("INBOX")
    mailbox.sizes(first_uid=1)
    found: list[int] = []

    for mail in mailbox.fetch([*MANY]):
        found.append(mail.uid)
        clock.advance(seconds=100)  # of the 240 seconds that an answer may take; a batch is five mails

    assert found == [*MANY]


def test_after_a_failure_the_folder_must_be_opened_again(start_imap, mailbox_at):
    server = start_imap(says={"UID FETCH": b"* BYE shutting down\r\n"})
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")

    for _ in range(2):
        with pytest.raises(ProviderUnavailable):
            list(mailbox.fetch([3]))

    assert server.connections == 1


def test_a_folder_renumbered_between_two_connections_yields_nothing_of_the_second(start_imap, mailbox_at):
    server = start_imap(mails=MANY, cut_fetch_after=240, cuts=1)
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")
    mailbox.sizes(first_uid=1)
    found: list[int] = []

    with pytest.raises(ProviderUnavailable, match="renumbered"):
        for mail in mailbox.fetch([1, 2, 3, 4, 5]):
            found.append(mail.uid)
            if mail.uid == 1:
                server.store.renumber(server.folder().id)

    assert found == [1, 2]


def test_only_one_command_is_ever_unanswered(start_imap, mailbox_at):
    server = start_imap(mails=MANY)
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")
    mailbox.sizes(first_uid=1)

    mails = mailbox.fetch([*MANY])
    seen = [(mail.uid, len(asked_bodies(server))) for mail in mails]

    # While a batch is yielded, the next one is requested, and not the one after it.
    assert all(asked <= (uid - 1) // 5 + 2 for uid, asked in seen)
    assert all(second >= first for (_, first), (_, second) in pairwise(seen))


def test_the_mailbox_may_be_used_otherwise_while_mails_come(start_imap, mailbox_at):
    server = start_imap(mails=MANY)
    server.put(*MANY.values(), folder="Sent")
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")
    mailbox.sizes(first_uid=1)
    found: list[int] = []

    for mail in mailbox.fetch([*range(1, 16)]):
        found.append(mail.uid)
        if mail.uid in (2, 7):
            mailbox.mark_seen("Sent", [mail.uid])

    assert found == [*range(1, 16)]
    assert server.flagged("Sent") == {2: {"\\Seen"}, 7: {"\\Seen"}}


def test_a_fetch_that_is_given_up_leaves_the_connection_usable(start_imap, mailbox_at):
    server = start_imap(mails=MANY)
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")
    mailbox.sizes(first_uid=1)

    mails = mailbox.fetch([*MANY])
    next(mails)
    mails.close()

    assert mailbox.uids() == sorted(MANY)
    assert server.connections == 1


def test_a_refused_batch_is_asked_for_one_by_one_and_only_the_vanished_are_left_out(start_imap, mailbox_at):
    server = start_imap(mails=MANY)
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")
    mailbox.sizes(first_uid=1)
    usual = server.table["UID FETCH"][1]

    async def refuse_what_is_gone(session, command) -> None:
        """Dovecot answers so for a mail that another client expunged."""
        if 3 in members(command.arguments[0], [*MANY]) and "BODY.PEEK[]" in command.arguments[1]:
            raise No("[EXPUNGEISSUED] Some messages no longer exist.")
        if command.arguments[0] != "3":
            await usual(session, command)

    server.table["UID FETCH"] = ("folder", refuse_what_is_gone)

    assert [mail.uid for mail in mailbox.fetch([1, 2, 3, 4, 5, 6])] == [1, 2, 4, 5, 6]
    assert server.connections == 1


def test_a_mail_over_the_limit_travels_alone(start_imap, mailbox_at):
    mails = {1: b"a", 2: b"b" * 8_500, 3: b"c", 4: b"d"}
    server = start_imap(mails=mails)
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")
    mailbox.sizes(first_uid=1)

    assert {mail.uid: mail.raw for mail in mailbox.fetch([*mails])} == mails

    assert asked_bodies(server) == ["1", "2", "3:4"]


def test_a_server_that_sends_far_more_than_it_said_is_left(start_imap, mailbox_at):
    server = start_imap(mails={1: b"x" * 100})
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")
    mailbox.sizes(first_uid=1)
    server.script.says["UID FETCH"] = b"* 1 FETCH (BODY[] {99000}\r\n" + b"y" * 99_000 + b")\r\n" * 20

    with pytest.raises(ProviderError):
        list(mailbox.fetch([1]))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"* BYE shutting down\r\n", ProviderUnavailable),
        (b"{tag} NO server busy\r\n", ProviderUnavailable),
        (b"{tag} BAD syntax\r\n", ProviderUnavailable),
        (b"* BYE Too many connections\r\n", ProviderThrottled),
        (b"* 1 FETCH (" + b"(" * 5000 + b"\r\n{tag} OK\r\n", ProviderUnavailable),
        (b'* 1 FETCH ("' + b'\\"' * 30_000 + b"\r\n{tag} OK\r\n", ProviderUnavailable),
        ("HANG", ProviderTimeout),
        ("CLOSE", ProviderUnavailable),
        ("RESET", ProviderUnavailable),
        (b"* 1 FETCH (UID 3 BODY[] {4294967296}\r\n", ProviderRejected),
        (b"* 1 FETCH (UID 3 BODY[] {" + b"9" * 5000 + b"}\r\n", ProviderError),
        (
            b"* 1 FETCH (UID 3 BODY[] {100001}\r\n" + b"x" * 100_001 + b")\r\n{tag} OK done\r\n",
            ProviderRejected,
        ),
        (b"* 1 FETCH (UID 3 BODY[] {100}\r\nshort", ProviderTimeout),
        (b"* " + b"x" * 1_000_000, ProviderRejected),
        (b"* 1 EXISTS\r\n" * 100_000, ProviderRejected),
        (
            b"* 1 FETCH (UID 3 BODY[] {90000}\r\n"
            + b"x" * 90_000
            + b")\r\n"
            + b"* 1 FETCH (BODY[] {90000}\r\n"
            + b"x" * 90_000
            + b")\r\n"
            + b"* 2 FETCH (BODY[] {90000}\r\n" * 20
            + b"y" * 2_000_000,
            ProviderError,
        ),
        (b"A999 OK not yours\r\n", ProviderError),
        (b"\r\n", ProviderUnavailable),
        (b"garbage\r\n", ProviderUnavailable),
        (b"\x00\xff\xfe\r\n", ProviderUnavailable),
        (b"* 1 FETCH (UID 3\n", ProviderUnavailable),
        (b"+ go on\r\n", ProviderTimeout),
    ],
    ids=[
        "bye",
        "no",
        "bad",
        "bye_too_many",
        "parentheses",
        "open_quote",
        "hang",
        "close",
        "reset",
        "literal_4g",
        "literal_digits",
        "literal_over",
        "literal_short",
        "endless_line",
        "endless_lines",
        "too_many_bodies",
        "foreign_tag",
        "empty",
        "garbage",
        "binary",
        "bare_lf",
        "plus",
    ],
)
def test_a_hostile_answer_to_a_fetch_costs_little_and_says_so(
    start_imap, mailbox_at, answer: bytes | str, error: type
):
    mailbox = mailbox_at(start_imap(says={"UID FETCH": answer}).port)
    mailbox.open("INBOX")

    with pytest.raises(error):
        list(mailbox.fetch([3, 5, 9]))


@pytest.mark.parametrize(
    ("answer", "mails"),
    [
        (b"* 1 FETCH (BODY[] {3}\r\nabc UID 3)\r\n{tag} OK done\r\n", {3: b"abc"}),
        (b'* 1 FETCH (UID 3 BODY[] "")\r\n{tag} OK done\r\n', {3: b""}),
        (b'* 1 FETCH (BODY[] "UID 9 \\"q\\"" UID 3)\r\n{tag} OK done\r\n', {3: b'UID 9 "q"'}),
        (b"* 1 FETCH (UID 3 BODY[] NIL)\r\n{tag} OK done\r\n", {}),
        (b"* 1 FETCH (FLAGS (\\Seen))\r\n* 1 FETCH (UID 3 BODY[] {0}\r\n)\r\n{tag} OK done\r\n", {3: b""}),
        (b"* 7 FETCH (UID 4 BODY[] {1}\r\nx)\r\n{tag} OK done\r\n", {}),
        (
            b"* 1 FETCH (UID 3 BODY[] {1}\r\na)\r\n* 1 FETCH (UID 3 BODY[] {1}\r\nb)\r\n{tag} OK done\r\n",
            {3: b"a"},
        ),
        (b"* 1 FETCH (UID 3 X {2}\r\nno BODY[] {2}\r\nok)\r\n{tag} OK done\r\n", {3: b"ok"}),
        (b"{tag} OK done\r\n", {}),
    ],
    ids=[
        "uid_last",
        "quoted_empty",
        "quoted",
        "nil",
        "flags_between",
        "not_asked",
        "twice",
        "two_literals",
        "vanished",
    ],
)
def test_an_answer_is_read_in_any_shape_the_standard_allows(
    start_imap, mailbox_at, answer: bytes, mails: dict
):
    mailbox = mailbox_at(start_imap(says={"UID FETCH": answer}).port)
    mailbox.open("INBOX")

    assert {mail.uid: mail.raw for mail in mailbox.fetch([3])} == mails


def test_a_mail_that_is_too_large_is_named_before_anything_is_fetched(start_imap, mailbox_at):
    server = start_imap(mails={1: b"x", 2: b"x" * 100_001})
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")
    mailbox.sizes(first_uid=1)

    with pytest.raises(ProviderRejected) as raised:
        list(mailbox.fetch([1, 2]))

    assert (raised.value.details["uid"], raised.value.details["limit_bytes"]) == (2, 100_000)
    assert not any("BODY" in command for command in server.commands)
