"""The worker that polls due mailboxes."""

from uuid import UUID, uuid4

from banxway.errors import ProviderUnavailable
from banxway.models.queue_items import MailboxesDue
from functions.email_sync.poll_mailboxes.app import handler
from tests.support.product.events import queue_event, queue_record
from tests.support.product.fakes import refused
from tests.support.product.stories import SUPPORT, add_mailbox

MAIL = f"From: asha@customer.example\r\nTo: {SUPPORT}\r\nSubject: Parcel\r\n\r\nWhere is it?\r\n".encode()


def due(bundle, organization, account_id, times=1):
    item = MailboxesDue.of(organization.id, UUID(account_id)).model_dump_json()
    name = bundle.queue_url("mailbox").rpartition("/")[2]
    return queue_event(queue_record(item, queue=name) for _ in range(times))


def test_a_due_mailbox_is_polled_once_however_often_it_is_named(bundle, organization):
    account = add_mailbox(bundle, organization.admin)
    mailbox = bundle.providers.mailbox(SUPPORT)
    mailbox.deliver(MAIL)

    answer = bundle.call(handler, due(bundle, organization, account["id"], times=3))

    assert answer == {"batchItemFailures": []}
    assert mailbox.listed == 1
    assert bundle.get("/api/v1/communications/threads", organization.agent).json["count"] == 1


def test_a_server_that_does_not_answer_is_noted_and_not_retried_by_the_queue(bundle, organization):
    account = add_mailbox(bundle, organization.admin)
    bundle.providers.mailbox(SUPPORT).opening.then(refused(ProviderUnavailable, "No answer"))

    answer = bundle.call(handler, due(bundle, organization, account["id"]))

    (listed,) = bundle.get("/api/v1/settings/email-accounts", organization.agent).data
    assert answer == {"batchItemFailures": []}
    assert listed["last_poll_error"] == "No answer"


def test_a_mailbox_that_is_gone_is_no_failure(bundle, organization):
    assert bundle.call(handler, due(bundle, organization, str(uuid4()))) == {"batchItemFailures": []}


def test_an_item_of_another_organization_opens_nothing(bundle, organization):
    account = add_mailbox(bundle, organization.admin)
    other = bundle.database.add_organization("Other")

    answer = bundle.call(handler, due(bundle, other, account["id"]))

    assert answer == {"batchItemFailures": []}
    assert bundle.providers.mailbox(SUPPORT).listed == 0
