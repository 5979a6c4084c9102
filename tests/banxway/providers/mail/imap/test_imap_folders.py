"""Folders and their roles are found on servers of every kind."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banxway.errors import ProviderUnavailable, ValidationFailed
from banxway.models.mail import FolderRole
from banxway.providers.mail.imap.folders import ListedFolder, roles_of
from banxway.providers.mail.imap.wire import decoded_name, encoded_name
from local.sandbox.mailbox.imap.wire import Bad, No
from tests.support.gates.chance import in_soak
from tests.support.servers.imap_server import ZOHO_CAPABILITIES

WITHOUT_LIST_STATUS = ZOHO_CAPABILITIES.replace(" LIST-STATUS", "")
COUNTERS = "MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ"
FOLDERS = {"INBOX", "Drafts", "Sent", "Spam", "Trash"}


def test_one_command_lists_all_folders_with_their_counters(start_imap, mailbox_at):
    server = start_imap()
    mailbox = mailbox_at(server.port)

    mailbox.folders()
    mailbox.folders()

    listing = f'LIST "" "*" RETURN (STATUS ({COUNTERS}))'
    # One plain LIST: Zoho shows the attributes that it does not announce only there.
    assert server.asked == [listing, 'LIST "" "*"', "NOOP", listing]


@pytest.mark.parametrize(
    ("capabilities", "has_modseq"),
    [(WITHOUT_LIST_STATUS, True), (WITHOUT_LIST_STATUS.replace(" CONDSTORE", ""), False)],
    ids=["list_and_status", "no_condstore"],
)
def test_a_lesser_server_says_the_same(start_imap, mailbox_at, capabilities: str, has_modseq: bool):
    usual = mailbox_at(start_imap().port).folders()
    lesser = mailbox_at(start_imap(capabilities=capabilities).port).folders()

    assert [(one.name, one.role, one.messages, one.uid_next) for one in lesser] == [
        (one.name, one.role, one.messages, one.uid_next) for one in usual
    ]
    assert all(one.uid_validity for one in lesser)
    assert all((one.highest_modseq is not None) == has_modseq for one in lesser)


@pytest.mark.parametrize("capabilities", [ZOHO_CAPABILITIES, WITHOUT_LIST_STATUS])
def test_a_folder_without_modseqs_has_none(start_imap, mailbox_at, capabilities: str):
    """A server with CONDSTORE marks a folder without modseqs by a HIGHESTMODSEQ of 0 (RFC 7162, 3.1.2.2)."""
    status = b'* STATUS "INBOX" (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 7 HIGHESTMODSEQ 0)\r\n'
    listed = b'* LIST () "/" "INBOX"\r\n'
    says = {"LIST": listed + status + b"{tag} OK done\r\n", "STATUS": status + b"{tag} OK done\r\n"}

    (inbox,) = mailbox_at(start_imap(says=says, capabilities=capabilities).port).folders()

    assert (inbox.messages, inbox.highest_modseq) == (1, None)


def test_a_server_that_announces_what_it_cannot_do_is_asked_the_old_way_from_then_on(start_imap, mailbox_at):
    server = start_imap()
    usual = server.table["LIST"][1]

    async def refuse_return(session, command) -> None:
        if "RETURN" in command.arguments:
            raise Bad("unknown option")
        await usual(session, command)

    server.table["LIST"] = ("login", refuse_return)
    mailbox = mailbox_at(server.port)

    assert {one.name for one in mailbox.folders()} == FOLDERS
    assert {one.name for one in mailbox.folders()} == FOLDERS

    assert sum("RETURN" in command for command in server.commands) == 1


def test_a_folder_that_will_not_say_its_counters_is_left_out(start_imap, mailbox_at):
    server = start_imap(capabilities=WITHOUT_LIST_STATUS)
    usual = server.table["STATUS"][1]

    async def refuse_sent(session, command) -> None:
        if command.arguments[0] == b"Sent":
            raise No("[NOPERM] not yours")
        await usual(session, command)

    server.table["STATUS"] = ("login", refuse_sent)

    assert {one.name for one in mailbox_at(server.port).folders()} == FOLDERS - {"Sent"}


def test_the_same_list_is_news_where_a_folder_was_counted_apart(start_imap, mailbox_at):
    """A server may omit the STATUS of a folder from LIST-STATUS (RFC 5819, 2)."""
    server = start_imap(mails={}, says={"LIST": b'* LIST () "/" "INBOX"\r\n{tag} OK done\r\n'})
    mailbox = mailbox_at(server.port)
    (before,) = mailbox.folders()

    server.put(b"Subject: news\r\n\r\n")
    (after,) = mailbox.folders()

    assert (before.messages, after.messages) == (0, 1)


def test_an_empty_list_is_no_repetition_of_what_was_counted_apart(start_imap, mailbox_at):
    server = start_imap(says={"LIST": b'* LIST () "/" "INBOX"\r\n{tag} OK done\r\n'})
    mailbox = mailbox_at(server.port)
    assert [one.name for one in mailbox.folders()] == ["INBOX"]

    server.script.says["LIST"] = b"{tag} OK done\r\n"

    assert mailbox.folders() == []


def test_other_counters_in_the_same_list_are_news(start_imap, mailbox_at):
    server = start_imap(mails={})
    mailbox = mailbox_at(server.port)
    before, again = mailbox.folders()[0], mailbox.folders()[0]

    server.put(b"Subject: news\r\n\r\n")

    assert before == again
    assert mailbox.folders()[0].messages == before.messages + 1


@pytest.mark.parametrize(
    ("report", "mails"), [(b"* 4 EXISTS\r\n", 4), (b"* 2 EXPUNGE\r\n", 2)], ids=["arrived", "expunged"]
)
def test_what_is_reported_of_the_open_folder_counts_where_its_status_stands_still(
    start_imap, mailbox_at, report: bytes, mails: int
):
    """A server whose STATUS is never updated for the open folder (RFC 3501, 6.3.10) would hide new mail."""
    server = start_imap(mails=dict.fromkeys((1, 2, 3), b"Subject: first\r\n\r\n"))
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")
    stale = b'* STATUS "INBOX" (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 7 HIGHESTMODSEQ 4)\r\n'
    server.script.says["LIST"] = b'* LIST () "/" "INBOX"\r\n' + stale + b"{tag} OK done\r\n"
    server.script.says["NOOP"] = report + b"{tag} OK done\r\n"
    if mails > 3:
        server.put(b"Subject: later\r\n\r\n")
    else:
        server.store.expunge(server.folder().id, [2])

    (inbox,) = mailbox.folders()

    assert (inbox.messages, inbox.uid_next) == (mails, max(4, mails + 1))


def test_a_count_that_agrees_opens_nothing(start_imap, mailbox_at):
    server = start_imap()
    mailbox = mailbox_at(server.port)
    mailbox.open("INBOX")

    mailbox.folders()

    assert sum(command.startswith("EXAMINE") for command in server.commands) == 1


def test_names_travel_as_the_server_wrote_them(start_imap, mailbox_at):
    server = start_imap(folders={"Entw&APw-rfe": "", "R&-D": "", "broken & name": ""})
    mailbox = mailbox_at(server.port)

    names = [one.name for one in mailbox.folders()][len(FOLDERS) :]
    for name in names:
        mailbox.open(name)

    assert names == ["Entwürfe", "R&D", "broken & name"]
    assert [command for command in server.commands if command.startswith("EXAMINE")] == [
        'EXAMINE "Entw&APw-rfe"',
        'EXAMINE "R&-D"',
        'EXAMINE "broken & name"',
    ]


def test_nothing_is_marked_in_a_folder_that_was_renumbered(start_imap, mailbox_at):
    server = start_imap()
    mailbox = mailbox_at(server.port)
    mailbox.folders()
    server.store.renumber(server.folder().id)

    with pytest.raises(ProviderUnavailable, match="renumbered"):
        mailbox.mark_seen("INBOX", [3])

    assert server.flagged() == {}


@pytest.mark.parametrize(
    ("attributes", "role"),
    [
        ("\\HasNoChildren \\Sent", FolderRole.SENT),
        ("\\Junk", FolderRole.JUNK),
        ("\\Spam", FolderRole.JUNK),
        ("\\Drafts", FolderRole.DRAFTS),
        ("\\Trash", FolderRole.TRASH),
        ("\\All \\HasNoChildren", FolderRole.ALL),
        ("\\AllMail", FolderRole.ALL),
        ("\\Archive", FolderRole.ARCHIVE),
        ("\\Important", FolderRole.OTHER),
        ("\\HasNoChildren", FolderRole.OTHER),
    ],
)
def test_an_attribute_says_what_a_folder_is_for_announced_or_not(
    start_imap, mailbox_at, attributes: str, role: FolderRole
):
    answer = f'* LIST ({attributes}) "/" "Ablage"\r\n{{tag}} OK done\r\n'
    server = start_imap(folders={"Ablage": ""}, says={"LIST": answer.encode()})

    (folder,) = mailbox_at(server.port).folders()

    assert folder.role is role


def listed(*names: str, attributes: dict[str, bytes] | None = None) -> list[ListedFolder]:
    return [
        ListedFolder(name, name, frozenset({(attributes or {}).get(name, b"\\marked")}), "/")
        for name in names
    ]


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Sent", FolderRole.SENT),
        ("SENT ITEMS", FolderRole.SENT),
        ("Gesendete Elemente", FolderRole.SENT),
        ("Éléments envoyés", FolderRole.SENT),
        ("送信済みアイテム", FolderRole.SENT),
        ("INBOX/Sent", FolderRole.SENT),
        ("[Gmail]/Sent Mail", FolderRole.SENT),
        ("Spam", FolderRole.JUNK),
        ("Junk E-mail", FolderRole.JUNK),
        ("Entwürfe", FolderRole.DRAFTS),
        ("Papierkorb", FolderRole.TRASH),
        ("Archive", FolderRole.ARCHIVE),
        ("All Mail", FolderRole.ALL),
        ("inbox", FolderRole.INBOX),
        ("Customers/Sent", FolderRole.OTHER),
        ("Sent to bank", FolderRole.OTHER),
        ("Templates", FolderRole.OTHER),
    ],
)
def test_a_name_decides_where_no_attribute_does(name: str, role: FolderRole):
    assert roles_of(listed(name))[name] is role


def test_an_attribute_beats_a_name_and_the_likelier_name_the_other():
    claimed = roles_of(listed("Sent", "Versandt", attributes={"Versandt": b"\\sent"}))
    unclaimed = roles_of(listed("Sent Items", "Sent"))

    assert claimed == {"Sent": FolderRole.OTHER, "Versandt": FolderRole.SENT}
    assert unclaimed == {"Sent Items": FolderRole.OTHER, "Sent": FolderRole.SENT}


@settings(max_examples=in_soak(1000, else_=100))
@given(st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"])))
def test_every_name_survives_the_way_there_and_back(name: str):
    assert decoded_name(encoded_name(name).encode()) == name


@settings(max_examples=in_soak(1000, else_=100))
@given(st.binary(max_size=60).filter(lambda raw: not set(raw) & set(b"\r\n\0")))
def test_no_name_of_a_server_breaks_the_reading(raw: bytes):
    name = decoded_name(raw)

    assert encoded_name(name) == raw.decode("utf-8", "replace") or name == raw.decode("utf-8", "replace")


@pytest.mark.parametrize("call", ["mark_seen", "find"])
def test_no_argument_smuggles_a_command(start_imap, mailbox_at, call: str):
    server = start_imap()
    mailbox = mailbox_at(server.port)
    calls = {
        "mark_seen": lambda: mailbox.mark_seen("INBOX\r\nA9 DELETE INBOX", [1]),
        "find": lambda: mailbox.find("Sent", message_id='x"\r\nA9 DELETE INBOX'),
    }

    with pytest.raises(ValidationFailed):
        calls[call]()

    assert server.commands == []
