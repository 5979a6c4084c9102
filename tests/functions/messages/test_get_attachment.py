"""A link to an attachment: for five minutes, to a file that a browser saves and never opens in place."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.hostile.blob_gateway import gateway_of, path_of
from tests.support.product.contents import add_attachment, message_with

SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


@pytest.fixture
def message(bundle, organization):
    """The id of a message that arrived by mail."""
    return message_with(bundle, organization)


def path(message, attachment):
    return f"/api/v1/communications/messages/{message}/attachments/{attachment}"


def test_an_attachment_is_fetched_by_its_link_without_a_session(bundle, organization, message):
    attachment = add_attachment(bundle, organization, message, b"%PDF-1.7", name="Ünder \u20ac.pdf")

    before = datetime.now(UTC).replace(microsecond=0)
    link = bundle.get(path(message, attachment), organization.agent)
    after = datetime.now(UTC)
    with gateway_of(bundle.settings) as client:
        fetched = client.get(path_of(link.data["url"]))

    assert (
        link.data.items()
        >= {
            "id": attachment,
            "filename": "Ünder \u20ac.pdf",
            "content_type": "application/pdf",
            "size_bytes": 8,
        }.items()
    )
    assert before <= datetime.fromisoformat(link.data["expires_at"]) - timedelta(minutes=5) <= after
    assert (fetched.status_code, fetched.content) == (200, b"%PDF-1.7")
    assert fetched.headers["content-type"] == "application/pdf"
    assert fetched.headers["content-disposition"] == (
        "attachment; filename=\"_nder _.pdf\"; filename*=UTF-8''%C3%9Cnder%20%E2%82%AC.pdf"
    )


def test_what_a_browser_could_run_is_nothing_but_bytes(bundle, organization, message):
    attachment = add_attachment(
        bundle, organization, message, SVG, name="a.svg", content_type="image/svg+xml"
    )

    link = bundle.get(path(message, attachment), organization.agent).data
    with gateway_of(bundle.settings) as client:
        fetched = client.get(path_of(link["url"]))

    assert fetched.content == SVG
    assert fetched.headers["content-type"] == "application/octet-stream"
    assert fetched.headers["x-content-type-options"] == "nosniff"
    assert fetched.headers["content-disposition"].startswith("attachment;")
    assert fetched.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert fetched.headers["cache-control"] == "private, no-store"


def test_an_attachment_of_another_message_is_an_absent_one(bundle, organization, message):
    attachment = add_attachment(bundle, organization, message, b"x")
    other = message_with(bundle, organization)

    answer = bundle.get(path(other, attachment), organization.agent)

    assert (answer.status, answer.json["error"]) == (404, "Attachment not found")


def test_another_organization_finds_nothing(bundle, organization, message):
    attachment = add_attachment(bundle, organization, message, b"x")
    stranger = bundle.database.add_organization("Other")

    assert bundle.get(path(message, attachment), stranger.admin).status == 404


def test_an_id_that_is_none_is_named(bundle, organization, message):
    answer = bundle.get(path(message, "seven"), organization.agent)

    assert (answer.status, answer.json["details"]) == (422, {"field": "attachment_id"})
