"""The worker that brings an organization under the current key."""

import base64
import json

from functions.maintenance.rotate_encryption.app import handler
from tests.support.product.events import queue_event, queue_record
from tests.support.product.stories import add_mailbox, configure

NEW_KEY = base64.b64encode(b"n" * 32).decode()
OLD_KEY = "a" * 43 + "="


def item_of(bundle, organization):
    body = json.dumps({"organization_id": str(organization.id)})
    return queue_event([queue_record(body, queue=bundle.queue_url("rotation").rpartition("/")[2])])


def test_after_it_the_old_key_is_not_needed(lone_bundle):
    organization = lone_bundle.database.add_organization()
    configure(lone_bundle, organization.admin, "exotel_phone")
    add_mailbox(lone_bundle, organization.admin)
    rotating = lone_bundle.twin(encryption_master_key=NEW_KEY, encryption_previous_master_key=OLD_KEY)
    rotating.post("/api/v1/settings/encryption/rotate", organization.admin)
    (due,) = rotating.queued("rotation")

    answer = rotating.call(handler, item_of(rotating, organization))

    after = lone_bundle.twin(encryption_master_key=NEW_KEY)
    synced = after.post("/api/v1/settings/integrations/exotel_phone/sync", organization.admin)
    assert due == {"organization_id": str(organization.id)}
    assert answer == {"batchItemFailures": []}
    assert synced.status == 200, synced.text
    rotating.close()
    after.close()


def test_an_item_without_a_rotation_is_harmless(bundle, organization):
    assert bundle.call(handler, item_of(bundle, organization)) == {"batchItemFailures": []}


def test_without_a_key_the_item_comes_back_and_the_reason_is_shown(bundle, organization):
    bundle.post("/api/v1/settings/encryption/rotate", organization.admin)
    keyless = bundle.twin(encryption_master_key=None)

    answer = keyless.call(handler, item_of(bundle, organization))

    progress = bundle.get("/api/v1/settings/encryption/rotation", organization.admin).data
    assert len(answer["batchItemFailures"]) == 1
    assert progress["last_error"].startswith("encrypt failed: no encryption key is set")
    assert progress["finished_at"] is None
    keyless.close()
