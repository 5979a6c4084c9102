"""Mails that come with fewer bytes than the server announced: fetched again, and recorded if they stay short."""

from collections.abc import Callable
from uuid import UUID

import pytest

from banxway import errors
from banxway.models.mail import FetchedMail
from tests.support.databases.postgres import Organization
from tests.support.product.builders import Product, a_mail
from tests.support.product.fakes import FakeMailbox, refused

RAW = a_mail("Where is my parcel?", subject="Parcel", message_id="1@c.example")


def _cut(length: int) -> Callable[[int], FetchedMail]:
    """Answer with only the first bytes."""
    return lambda uid: FetchedMail(uid, RAW[:length], None)


def _problems(product: Product) -> list[str]:
    return [problem for message in product.messages() for problem in message["problems"]]


def _short(product: Product) -> list[int | None]:
    rows = product.database.rows("SELECT announced_bytes FROM mailbox_messages ORDER BY uid")
    return [row["announced_bytes"] for row in rows]


@pytest.mark.parametrize("length", [0, 1, len(RAW) // 2, len(RAW) - 1])
def test_a_body_that_comes_short_once_is_fetched_again_and_is_whole(
    product: Product, account: UUID, mailbox: FakeMailbox, length: int
) -> None:
    mailbox.deliver(RAW)
    mailbox.fetching.then(_cut(length))

    product.poll(account)

    assert mailbox.fetched == [1, 1]
    assert [message["body_text"].strip() for message in product.messages()] == ["Where is my parcel?"]
    assert (_problems(product), _short(product)) == ([], [None])


@pytest.mark.parametrize("missing", [1, 40, 5_000_000])
def test_a_body_that_stays_short_is_shown_and_says_so(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox, missing: int
) -> None:
    announced = len(RAW) + missing
    mailbox.deliver(RAW, claimed_size=announced)

    product.poll(account)
    product.poll(account)

    assert mailbox.fetched == [1, 1]
    assert _problems(product) == [
        f"The mail server announced {announced} bytes and gave {len(RAW)}, each time it was asked: part of the mail "
        "may be missing; read it in the mailbox itself"
    ]
    assert [message["body_text"].strip() for message in product.messages()] == ["Where is my parcel?"]
    found = product.app.email_sync.sync.compare(
        actor=product.actor(organization, "admin"), account_id=account
    )
    assert (found.is_complete, found.folders[0].short, found.folders[0].missing) == (False, 1, 0)


def test_of_two_short_answers_the_longer_one_stays(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(RAW)
    mailbox.fetching.then(_cut(len(RAW) - 3), _cut(10))

    product.poll(account)

    (row,) = product.database.rows("SELECT size_bytes, announced_bytes FROM mailbox_messages")
    assert (row["size_bytes"], row["announced_bytes"]) == (len(RAW) - 3, len(RAW))


def test_empty_bodies_are_messages_of_their_own_that_show_their_headers(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    for number in (1, 2):
        mailbox.deliver(a_mail("Text", subject=f"Mail {number}", message_id=f"{number}@c.example"))
    mailbox.fetching.always(lambda uid: FetchedMail(uid, b"", None))

    product.poll(account)

    assert product.subjects() == ["Mail 1", "Mail 2"]
    assert all("bytes and gave none" in problem for problem in _problems(product))
    assert all("damaged" not in problem for problem in _problems(product))


def test_an_empty_body_without_a_header_is_visible(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(b"", claimed_size=3000)
    mailbox.deliver(b"", claimed_size=0)

    product.poll(account)

    assert len(product.messages()) == 2
    assert all("gave none: read it in the mailbox itself" in problem for problem in _problems(product))


def test_line_ends_that_are_counted_twice_are_not_missing(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    """Servers that store LF count CRLF (RFC 3501, RFC822.SIZE), and some send what they store."""
    bare = RAW.replace(b"\r\n", b"\n")
    mailbox.deliver(bare, claimed_size=len(RAW))

    product.poll(account)

    assert mailbox.fetched == [1]
    assert _problems(product) == []


def test_more_bytes_than_announced_are_nothing_to_speak_of(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(RAW, claimed_size=len(RAW) - 7)

    product.poll(account)

    assert (mailbox.fetched, _problems(product)) == ([1], [])


def test_a_connection_that_breaks_while_it_is_asked_again_loses_nothing(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    letters = [a_mail("Text", subject=f"Mail {n}", message_id=f"{n}@c.example") for n in (1, 2, 3)]
    for letter in letters:
        mailbox.deliver(letter)
    half = FetchedMail(2, letters[1][:20], None)
    mailbox.fetching.then(
        None, lambda _: half, None, refused(errors.ProviderUnavailable, "Connection closed")
    )

    product.poll(account)
    assert product.subjects() == ["Mail 1"]
    product.poll(account)

    assert product.subjects() == ["Mail 1", "Mail 2", "Mail 3"]
    assert (_problems(product), _short(product)) == ([], [None, None, None])


def test_a_body_that_came_short_before_the_connection_broke_is_asked_for_again(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    for number in (1, 2):
        mailbox.deliver(a_mail("Text", subject=f"Mail {number}", message_id=f"{number}@c.example"))
    mailbox.fetching.then(_cut(20), refused(errors.ProviderUnavailable, "Connection closed"))

    product.poll(account)
    assert product.subjects() == []
    product.poll(account)

    assert product.subjects() == ["Mail 1", "Mail 2"]
    assert _problems(product) == []
