"""The blob folder's disk is full for a while (fault 36): no row without its blob, no blob half written.

What needs no blob goes on; what does is refused, and works again as soon as there is room.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from banxway.entrypoints.timer import TickFailed
from functions.maintenance.sweep.app import handler as sweep
from tests.support.databases.disk import KINDS, Disk, disk_of
from tests.support.databases.postgres import Organization, TestDatabase
from tests.support.product.app import Bundle, bundle_of
from tests.support.product.builders import a_mail
from tests.support.product.events import tick
from tests.support.product.stories import (
    SUPPORT,
    add_mailbox,
    configure,
    customer_wrote,
    incoming,
    post_callback,
    whatsapp_body,
)

COMMUNICATIONS = "/api/v1/communications"
# More than a queue takes, so that its body goes by way of the blob store.
LONG_TEXT = "Where is my parcel? " * 5000


@pytest.fixture(params=KINDS)
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    """A disk that can be full."""
    with disk_of(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def bundle(test_database: TestDatabase, disk: Disk) -> Iterator[Bundle]:
    """The product, with its blobs on that disk."""
    with bundle_of(test_database, disk.folder / "blobs") as made:
        yield made


def kept(disk: Disk) -> list[str]:
    """Return the names of the files in the blob folder, the unfinished ones included."""
    return sorted(file.name for file in (disk.folder / "blobs").rglob("*") if file.is_file())


def test_a_large_callback_is_refused_so_that_it_is_delivered_again_and_leaves_no_piece(
    bundle: Bundle, disk: Disk, organization: Organization
) -> None:
    url = configure(bundle, organization.admin, "exotel_whatsapp")["callback_url"]
    callback = whatsapp_body(incoming(LONG_TEXT))
    before = kept(disk)

    with disk.full():
        refused = post_callback(bundle, url, callback)
        left = kept(disk)
    taken = post_callback(bundle, url, callback)
    bundle.work("webhook")

    assert (refused.status, taken.status) == (503, 200)
    assert left == before
    assert len(bundle.get(f"{COMMUNICATIONS}/threads", organization.agent).data) == 1


def test_a_small_callback_needs_no_blob_and_is_taken(
    bundle: Bundle, disk: Disk, organization: Organization
) -> None:
    url = configure(bundle, organization.admin, "exotel_whatsapp")["callback_url"]

    with disk.full():
        taken = post_callback(bundle, url, whatsapp_body(incoming("Where is my parcel?")))
        bundle.work("webhook")

    assert taken.status == 200
    assert len(bundle.get(f"{COMMUNICATIONS}/threads", organization.agent).data) == 1


def test_a_mail_that_cannot_be_kept_stays_in_its_mailbox_and_is_fetched_later(
    bundle: Bundle, disk: Disk, organization: Organization
) -> None:
    account = add_mailbox(bundle, organization.admin)
    path = f"/api/v1/settings/email-accounts/{account['id']}/poll-now"
    bundle.providers.mailbox(SUPPORT).deliver(a_mail(), at=datetime(2026, 1, 15, 9, 30, tzinfo=UTC))
    before = kept(disk)

    with disk.full():
        refused = bundle.post(path, organization.manager)
        left = kept(disk)
    rows = bundle.database.rows("SELECT uid FROM mailbox_messages")
    polls = [bundle.post(path, organization.manager) for _ in range(2)]

    assert refused.status == 503
    assert "blob store" in refused.json["error"]
    assert (rows, left) == ([], before)
    assert [poll.data["new_messages"] for poll in polls] == [1, 0]
    (message,) = bundle.database.rows("SELECT raw_blob FROM mailbox_messages")
    assert bundle.app.infrastructure.blobs.get(organization.id, message["raw_blob"]) == a_mail()


def test_messages_go_out_all_the_same_each_once(
    bundle: Bundle, disk: Disk, organization: Organization
) -> None:
    thread = customer_wrote(bundle, organization)
    message = {"channel": "WHATSAPP", "content": "On its way"}
    bundle.call(sweep, tick())

    with disk.full():
        sent = bundle.post(f"{COMMUNICATIONS}/threads/{thread}/messages", organization.agent, message)
        bundle.work("message")
    bundle.call(sweep, tick())
    bundle.work("message")

    assert sent.status in (200, 202)
    assert len(bundle.providers.whatsapp.sent) == 1


def test_the_sweeper_fails_audibly_and_does_its_work_when_there_is_room(
    bundle: Bundle, disk: Disk, organization: Organization
) -> None:
    thread = customer_wrote(bundle, organization)
    message = {"channel": "WHATSAPP", "content": "On its way"}
    bundle.post(f"{COMMUNICATIONS}/threads/{thread}/messages", organization.agent, message)
    bundle.queued("message")
    bundle.database.rows("UPDATE messages SET next_attempt_at = now() - interval '1 minute'")

    with disk.full(), pytest.raises(TickFailed):
        bundle.call(sweep, tick())
    again = bundle.call(sweep, tick())
    bundle.work("message")

    assert again["found"].startswith("Swept(")
    assert len(bundle.providers.whatsapp.sent) == 1
