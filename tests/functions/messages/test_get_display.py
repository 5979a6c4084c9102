"""A link to a message as a page, and what it says of the images that it holds back."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.product.contents import message_with

NEWSLETTER = (
    '<p>Hello</p><img src="https://tracker.example/a.png"><img src="http://tracker.example/b.png">'
    '<img src="cid:logo"><table background="https://tracker.example/c.png"><tr><td>x</table>'
)


def path(message, query=""):
    return f"/api/v1/communications/messages/{message}/display{query}"


@pytest.mark.parametrize(
    ("query", "blocked"), [("", 2), ("?remote_images=false", 2), ("?remote_images=true", 0)]
)
def test_the_link_says_how_many_images_of_others_it_leaves_out(bundle, organization, query, blocked):
    message = message_with(bundle, organization, html=NEWSLETTER)

    link = bundle.get(path(message, query), organization.agent).data

    assert link["blocked_remote_images"] == blocked
    assert link["url"].startswith("https://api.test/display/")


def test_the_link_ends_after_five_minutes(bundle, organization):
    message = message_with(bundle, organization)

    before = datetime.now(UTC).replace(microsecond=0)
    link = bundle.get(path(message), organization.agent).data
    after = datetime.now(UTC)

    assert before <= datetime.fromisoformat(link["expires_at"]) - timedelta(minutes=5) <= after


def test_a_message_without_html_has_a_page_as_well(bundle, organization):
    message = message_with(bundle, organization, text="plain")

    assert bundle.get(path(message), organization.agent).data["blocked_remote_images"] == 0


def test_another_organizations_message_is_an_absent_one(bundle, organization):
    message = message_with(bundle, organization)
    stranger = bundle.database.add_organization("Other")

    answer = bundle.get(path(message), stranger.admin)

    assert (answer.status, answer.json["error"]) == (404, "Message not found")


@pytest.mark.parametrize("choice", ["perhaps", "", "2"])
def test_a_choice_that_is_none_is_named(bundle, organization, choice):
    message = message_with(bundle, organization)

    answer = bundle.get(path(message, f"?remote_images={choice}"), organization.agent)

    assert (answer.status, answer.json["details"]) == (422, {"field": "remote_images"})
