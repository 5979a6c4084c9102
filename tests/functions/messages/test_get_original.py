"""A mail as it came, every byte of it, by a link."""

from uuid import uuid4

from tests.support.hostile.blob_gateway import gateway_of, path_of
from tests.support.product.stories import customer_wrote, mail_arrived

THREAD = "/api/v1/communications/threads/{}"
PATH = "/api/v1/communications/messages/{}/original"


def test_a_mail_is_fetched_as_it_came(bundle, organization):
    text = "a long line of words\r\n" * 100_000
    thread = mail_arrived(bundle, organization, text=text)
    (message,) = bundle.get(THREAD.format(thread), organization.agent).data["messages"]

    link = bundle.get(PATH.format(message["id"]), organization.agent)
    with gateway_of(bundle.settings) as client:
        fetched = client.get(path_of(link.data["url"]))

    assert link.status == 200
    assert (link.data["message_id"], link.data["filename"]) == (message["id"], "message.eml")
    assert fetched.content.endswith(text.encode() + b"\r\n")
    assert fetched.headers["content-type"] == "application/octet-stream"
    assert fetched.headers["content-disposition"] == 'attachment; filename="message.eml"'


def test_what_was_no_mail_has_no_original(bundle, organization):
    thread = customer_wrote(bundle, organization)
    (message,) = bundle.get(THREAD.format(thread), organization.agent).data["messages"]

    assert bundle.get(PATH.format(message["id"]), organization.agent).status == 404
    assert bundle.get(PATH.format(uuid4()), organization.agent).status == 404
