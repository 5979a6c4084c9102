"""What is enqueued carries its organization as message group, so that a queue delivers it fairly."""

from pathlib import Path
from uuid import uuid4

from banxway.app import App
from banxway.models.queue_items import DueMailbox, MailboxesDue, MailDue
from banxway.storage.queues import Queues
from tests.support.product.app import settings_of
from tests.support.product.moto_aws import queues_at, sqs_client


class RecordingSqs:
    """SQS's client, and what was asked of it."""

    def __init__(self) -> None:
        self.sent: list[dict[str, object]] = []

    def send_message(self, **arguments: object) -> dict[str, object]:
        self.sent.append(arguments)
        answer: dict[str, object] = sqs_client().send_message(**arguments)
        return answer


def test_an_item_goes_with_its_organization_as_group(tmp_path: Path) -> None:
    settings, recording = settings_of(None, tmp_path), RecordingSqs()
    app = App(settings)
    app.infrastructure.queues = Queues(lambda: recording)
    mine, theirs = uuid4(), uuid4()
    several = tuple(DueMailbox(organization_id=each, account_id=uuid4()) for each in (mine, theirs))

    with queues_at(list(settings.queue_urls.values())):
        app.infrastructure.enqueue(MailDue(organization_id=mine, message_id=uuid4()))
        app.infrastructure.enqueue(MailboxesDue(mailboxes=several))

    assert [each.get("MessageGroupId") for each in recording.sent] == [str(mine), None]
