"""Stored mail becomes visible whatever it is, once however often it came, and joins threads by evidence alone."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from tests.support.databases.postgres import Organization
from tests.support.product.builders import SUPPORT, Product, a_mail
from tests.support.product.fakes import FakeMailbox
from tests.support.timing.clocks import SetClock
from tests.support.timing.queueing import PLACING, one_after_the_other
from tests.support.timing.racing import patient

Twin = Callable[..., Product]
SALES = "sales@yourdomain.com"


def _die(**_: Any) -> None:
    raise SystemExit("killed")


def _last_error(product: Product) -> str | None:
    return product.database.rows("SELECT last_poll_error FROM email_accounts")[0]["last_poll_error"]


# The same mail.


def test_the_same_mail_twice_in_a_mailbox_is_one_message(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    for _ in range(2):
        mailbox.deliver(a_mail())
    product.poll(account)
    assert product.unfiled() == 0
    mailbox.deliver(a_mail())
    product.poll(account)

    assert len(product.messages()) == 1
    assert product.unfiled() == 0


def test_mails_that_differ_in_an_attachment_alone_are_two(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    """Programs that send reports reuse their Message-ID and their text."""
    for content in ("1,2", "3,4"):
        header, _, _ = a_mail().partition(b"\r\n\r\n")
        part = "Content-Type: text/csv\r\nContent-Disposition: attachment; filename=a.csv"
        body = (
            f'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n{part}\r\n\r\n{content}\r\n--b--\r\n'
        )
        mailbox.deliver(header + b"\r\n" + body.encode())

    product.poll(account)

    assert len(product.messages()) == 2


def test_the_same_mail_in_two_mailboxes_is_one_message(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox
) -> None:
    other = product.add_mailbox(organization, SALES)
    mailbox.deliver(a_mail(headers=["Delivered-To: support@yourdomain.com", "X-Relay: one"]))
    product.providers.mailbox(SALES).deliver(a_mail(headers=["Delivered-To: sales@yourdomain.com"]))

    product.poll(account)
    product.poll(other)

    assert len(product.messages()) == 1
    assert product.unfiled() == 0


def test_two_mails_with_the_same_message_id_and_other_words_are_two(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    """Some programs give every mail the same id."""
    mailbox.deliver(a_mail("First"))
    mailbox.deliver(a_mail("Second"))

    product.poll(account)

    assert len(product.messages()) == 2


def test_mails_without_any_message_id_are_distinguished_by_their_bytes(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    for text in ("First", "Second", "First"):
        mailbox.deliver(a_mail(text, message_id=None))

    product.poll(account)

    assert len(product.messages()) == 2


def test_another_uidvalidity_makes_no_duplicates(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    for number in range(4):
        mailbox.deliver(a_mail(subject=f"Mail {number}", message_id=f"{number}@customer.example"))
    product.poll(account)

    mailbox.renumber(2, first_uid=100)
    mailbox.deliver(a_mail(subject="New", message_id="new@customer.example"))
    product.poll(account)

    assert len(product.messages()) == 5
    assert product.unfiled() == 0
    (folder,) = product.database.rows("SELECT uid_validity, last_uid FROM email_folders WHERE name = 'INBOX'")
    assert folder == {"uid_validity": 2, "last_uid": 104}


def test_the_same_mail_polled_from_two_mailboxes_at_once_is_one_message(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    accounts = [account, *(product.add_mailbox(organization, f"box{n}@yourdomain.com") for n in range(3))]
    boxes = [mailbox, *(product.providers.mailbox(f"box{n}@yourdomain.com") for n in range(3))]
    for box in boxes:
        for number in range(5):
            box.deliver(a_mail(subject=f"Mail {number}", message_id=f"{number}@customer.example"))
    workers = [twin(clock=SetClock()) for _ in accounts]
    for worker in workers:
        patient(worker.app)

    one_after_the_other(
        product.database,
        [partial(worker.poll, one) for worker, one in zip(workers, accounts, strict=True)],
        behind=PLACING,
        named=(str(organization.id),),
    )

    assert len(product.messages()) == 5
    assert product.unfiled() == 0


# Mails that cannot be read.


def test_what_cannot_be_fetched_at_all_is_shown_for_each_mailbox(
    product: Product,
    organization: Organization,
    account: UUID,
    mailbox: FakeMailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is known of it but its folder and UID, which are another mail's in another mailbox."""
    monkeypatch.setattr(FakeMailbox, "fetch_headers", lambda self, uid: None)
    other = product.add_mailbox(organization, SALES)
    for box in (mailbox, product.providers.mailbox(SALES)):
        box.deliver(b"never fetched", claimed_size=60_000_000)

    product.poll(account)
    product.poll(other)

    assert product.subjects() == ["A mail of 60 MB"] * 2


def test_a_mail_too_large_to_fetch_is_a_visible_stub(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(b"never fetched", claimed_size=60_000_000)
    mailbox.deliver(a_mail(subject="Behind it"))

    product.poll(account)

    assert product.subjects() == ["A mail of 60 MB", "Behind it"]
    stub = next(message for message in product.messages() if "60 MB" in message["subject"])
    assert "50 MB limit" in stub["problems"][0]
    assert mailbox.fetched == [2]


@pytest.mark.parametrize(
    "content_type",
    [
        'multipart/mixed; boundary="=_outer"',
        "multipart/signed",
        'multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b',
        "application/pdf; name=scan.pdf",
        "application/pkcs7-mime; name=smime.p7m",
        "message/rfc822",
        "text/html; charset=no-such-charset",
    ],
)
@pytest.mark.parametrize("encoding", ["7bit", "base64", "quoted-printable"])
def test_a_sound_mail_too_large_to_fetch_is_not_called_damaged(
    product: Product, account: UUID, mailbox: FakeMailbox, content_type: str, encoding: str
) -> None:
    fields = f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n"
    mailbox.deliver(fields.encode() + a_mail(subject="Fifty-one"), claimed_size=51_000_000)

    product.poll(account)

    (message,) = product.messages()
    assert message["subject"] == "Fifty-one"
    assert message["problems"] == [
        "Larger than the 50 MB limit (51 MB), not fetched: read it in the mailbox itself"
    ]
    assert product.database.rows("SELECT FROM attachments") == []


def test_what_is_wrong_with_the_header_of_a_mail_too_large_to_fetch_is_said(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(b"Subject: Odd\r\nno field at all\r\n\r\nText\r\n", claimed_size=51_000_000)

    product.poll(account)

    assert product.messages()[0]["problems"][1:] == [
        "The header is damaged: a line in the header is not a header field.",
        "The mail's date is missing or unreadable.",
    ]


def test_a_mail_whose_bytes_are_gone_is_a_visible_stub(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    mailbox.deliver(a_mail())
    mailbox.deliver(a_mail(subject="Behind it", message_id="second@customer.example"))
    dying = twin()
    dying.app.email_sync.filing.file_batch = _die
    with pytest.raises(SystemExit):
        dying.poll(account)
    (row,) = product.database.rows("SELECT raw_blob FROM mailbox_messages WHERE uid = 1")
    (product.folder / "blobs" / row["raw_blob"]).unlink()
    product.database.rows("UPDATE email_accounts SET lease_until = NULL")

    product.poll(account)

    assert product.subjects() == ["A mail whose stored bytes cannot be read", "Behind it"]


@pytest.mark.parametrize(
    "failure",
    [
        RecursionError("too deep"),
        ValueError("not a mail"),
        KeyError("charset"),
        MemoryError(),
        AssertionError(),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_a_mail_that_the_parser_trips_over_does_not_block_the_one_behind_it(
    product: Product, account: UUID, mailbox: FakeMailbox, failure: Exception
) -> None:
    """The parser promises never to raise; if it does, a mailbox must not stop for ever."""
    from banxway.providers.mail.parse.parser import parse

    def trip(raw: bytes) -> Any:
        if b"poison" in raw:
            raise failure
        return parse(raw)

    product.providers.parse_mail = trip
    mailbox.deliver(a_mail(subject="poison"))
    mailbox.deliver(a_mail(subject="Behind it", message_id="second@customer.example"))

    product.poll(account)

    assert "Behind it" in product.subjects()
    assert len(product.messages()) == 2
    assert product.unfiled() == 0
    stub = next(message for message in product.messages() if message["subject"] != "Behind it")
    assert stub["problems"]
    assert stub["raw_blob"]


# Characters that no index entry can store in their thousands, and that do not compress.
_WIDE = "".join(chr(0x4E00 + (number * 7919) % 20_000) for number in range(990))


@pytest.mark.parametrize(
    "raw",
    [
        a_mail(message_id=f"{_WIDE[:950]}@customer.example"),
        a_mail(references=[f"{_WIDE[:950]}@customer.example"]),
        a_mail(sender=f"{_WIDE[:900]}@customer.example"),
        a_mail(headers=[f"Cc: {_WIDE[:900]}@customer.example"]),
        a_mail(headers=["Cc: " + ", ".join(f"person{n}@customer.example" for n in range(3000))]),
        a_mail(subject="NUL \x00 and half \\ud83d"),
        a_mail(text="\x00" * 50),
        b"",
        b"\r\n\r\n",
        b"\xff\xfe" * 100,
    ],
    ids=[
        "wide message id",
        "wide reference",
        "wide sender",
        "wide cc",
        "3000 recipients",
        "NUL in subject",
        "NUL in text",
        "empty",
        "no headers",
        "no mail",
    ],
)
def test_whatever_bytes_arrive_are_visible_and_do_not_block_the_mail_behind(
    product: Product, account: UUID, mailbox: FakeMailbox, raw: bytes
) -> None:
    mailbox.deliver(raw)
    mailbox.deliver(a_mail(subject="Behind it", message_id="second@customer.example"))

    product.poll(account)

    assert len(product.messages()) == 2
    assert "Behind it" in product.subjects()
    assert product.unfiled() == 0
    assert _last_error(product) is None


def test_an_attachment_is_stored_and_named(product: Product, account: UUID, mailbox: FakeMailbox) -> None:
    raw = (
        b"From: asha@customer.example\r\nTo: support@yourdomain.com\r\nSubject: Photo\r\n"
        b"Message-ID: <p@customer.example>\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee it\r\n'
        b'--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename="a.png"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n"
    )
    mailbox.deliver(raw)

    product.poll(account)

    (attachment,) = product.database.rows("SELECT * FROM attachments")
    assert (attachment["filename"], attachment["content_type"], attachment["size_bytes"]) == (
        "a.png",
        "image/png",
        8,
    )
    assert product.app.infrastructure.blobs.get(
        attachment["organization_id"], attachment["blob_key"]
    ).startswith(b"\x89PNG")


# Into which thread.


def _threads(product: Product) -> list[set[str]]:
    rows = product.database.rows(
        "SELECT array_agg(subject) AS subjects FROM messages GROUP BY thread_id ORDER BY min(created_at)"
    )
    return [set(row["subjects"]) for row in rows]


def _exchange(*steps: dict[str, Any]) -> list[bytes]:
    return [a_mail(**step) for step in steps]


_FIRST = {"subject": "Parcel", "message_id": "first@customer.example"}
_REPLY = {
    "subject": "Re: Parcel",
    "message_id": "second@customer.example",
    "references": ["first@customer.example"],
}
_STRANGER = "Mallory <mallory@elsewhere.example>"


@pytest.mark.parametrize(
    ("mails", "threads"),
    [
        (_exchange(_FIRST, _REPLY), [{"Parcel", "Re: Parcel"}]),
        (_exchange(_REPLY, _FIRST), [{"Parcel", "Re: Parcel"}]),
        (_exchange(_FIRST, _REPLY | {"sender": _STRANGER}), [{"Parcel"}, {"Re: Parcel"}]),
        (_exchange(_FIRST, _REPLY | {"references": []}), [{"Parcel"}, {"Re: Parcel"}]),
        (
            _exchange(_FIRST, {"subject": "Parcel", "message_id": "x@customer.example"}),
            [{"Parcel"}, {"Parcel"}],
        ),
        (
            _exchange(_FIRST, _REPLY | {"references": ["invented@customer.example"]}),
            [{"Parcel"}, {"Re: Parcel"}],
        ),
    ],
    ids=[
        "a reply joins by its references",
        "child before parent",
        "a stranger who quotes the id",
        "a reply without references",
        "the same subject",
        "an id nobody sent",
    ],
)
def test_a_mail_joins_by_evidence_alone(
    product: Product, account: UUID, mailbox: FakeMailbox, mails: list[bytes], threads: list[set[str]]
) -> None:
    for raw in mails:
        mailbox.deliver(raw)

    product.poll(account)

    assert _threads(product) == threads


def test_somebody_in_copy_may_reply_into_the_thread(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(a_mail(**_FIRST, headers=["Cc: ravi@customer.example"]))
    mailbox.deliver(a_mail(**_REPLY, sender="ravi@customer.example"))

    product.poll(account)

    assert _threads(product) == [{"Parcel", "Re: Parcel"}]


def test_an_answer_to_our_own_mail_joins_its_thread(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox
) -> None:
    thread = product.add_thread(organization, email="asha@customer.example")
    ours = product.add_message(
        organization,
        thread,
        channel="EMAIL",
        status="sent",
        sender=SUPPORT,
        recipient="asha@customer.example",
        subject="Your parcel",
        mail_message_id="ours@yourdomain.com",
    )
    mailbox.deliver(a_mail(subject="Re: Your parcel", references=["ours@yourdomain.com"]))

    product.poll(account)

    reply = next(message for message in product.messages() if message["id"] != ours)
    assert (reply["thread_id"], reply["join_rule"]) == (thread, "references")
    assert reply["join_evidence"] == "ours@yourdomain.com"


def test_another_organizations_mail_with_the_same_ids_joins_nothing(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    stranger = product.database.add_organization("Other")
    other = product.add_mailbox(stranger, "support@other.example")
    mailbox.deliver(a_mail(**_FIRST))
    product.providers.mailbox("support@other.example").deliver(a_mail(**_REPLY))

    product.poll(account)
    product.poll(other)

    assert len(_threads(product)) == 2
