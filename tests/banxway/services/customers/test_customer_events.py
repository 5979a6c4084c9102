"""Customers' reactions and edits are shown at the message or in its thread, and never count as messages."""

from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from banxway.errors import TemplateRequired
from banxway.models.actors import Actor
from banxway.models.threads.messages import Message
from banxway.models.threads.threads import Thread, ThreadQuery, ThreadSummary
from tests.support.databases.postgres import Organization
from tests.support.ledger.written_messages import a_text, send
from tests.support.product.builders import BUSINESS, CUSTOMER, Product, a_report, an_incoming, received

STRANGER = "+919812345678"


def content(kind: str, **part: Any) -> dict[str, Any]:
    return {"type": kind, kind: part}


REACTED = content("reaction", message_id="in-0", emoji="👍")
TAKEN_BACK = content("reaction", message_id="in-0")
EDITED = content(
    "edit",
    original_message_id="in-0",
    message={"type": "text", "text": {"body": "Where are my two parcels?"}},
)
REVOKED = content("revoke", original_message_id="in-0")
NEW_NUMBER = content(
    "system", type="user_changed_number", body="Asha changed her number", wa_id="919811122333"
)
EVENTS = {
    "reaction": REACTED,
    "reaction taken back": TAKEN_BACK,
    "reaction taken back, as empty": content("reaction", message_id="in-0", emoji=""),
    "edit": EDITED,
    "deletion": REVOKED,
    "number change": NEW_NUMBER,
    "note": content("system", type="customer_identity_changed", body="Asha's security code changed"),
    "opened chat": {"type": "request_welcome"},
    "about something unknown": content("reaction", message_id="elsewhere", emoji="👍"),
}
every_event = pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS.keys())


@pytest.fixture
def thread(product: Product, organization: Organization) -> UUID:
    """A thread in which the customer wrote once, as in-0."""
    thread = product.add_thread(organization)
    product.add_inbound(organization, thread, provider_sid="in-0")
    return thread


def happen(
    product: Product,
    organization: Organization,
    *contents: dict[str, Any],
    sender: str = CUSTOMER,
    sid: str = "ev",
) -> None:
    """Apply events one after the other, each by a callback of its own."""
    for number, one in enumerate(contents):
        item = an_incoming("", sid=f"{sid}-{number}", sender=sender, content=one)
        product.apply(received(organization, item))


def shown(product: Product, actor: Actor, thread: UUID) -> Thread:
    return product.app.threads.read.get(actor=actor, thread_id=thread)


def first(product: Product, actor: Actor, thread: UUID) -> Message:
    return shown(product, actor, thread).messages[0]


def summaries(product: Product, actor: Actor) -> list[ThreadSummary]:
    return product.app.threads.read.list_page(actor=actor, query=ThreadQuery()).rows


def what_happened(found: Message | Thread) -> list[tuple[str, str]]:
    return [(event.kind, event.text) for event in found.events]


@every_event
def test_an_event_is_no_message_reopens_nothing_and_is_unread_nowhere(
    product: Product, organization: Organization, agent: Actor, thread: UUID, event: dict[str, Any]
) -> None:
    product.database.rows("UPDATE messages SET seen_at = now()")
    product.database.rows("UPDATE threads SET status = 'closed', last_message_at = now() - interval '2 days'")
    before = summaries(product, agent)

    happen(product, organization, event)

    assert summaries(product, agent) == before
    assert len(product.messages()) == 1
    found = shown(product, agent, thread)
    assert len(found.events) + len(found.messages[0].events) == 1


@every_event
def test_an_event_opens_no_window(
    product: Product, organization: Organization, agent: Actor, thread: UUID, event: dict[str, Any]
) -> None:
    product.add_whatsapp(organization)
    product.database.rows("UPDATE messages SET occurred_at = now() - interval '25 hours'")

    happen(product, organization, event)

    with pytest.raises(TemplateRequired):
        send(product, agent, thread, a_text())


@every_event
def test_listeners_are_reported_an_event_once(
    product: Product, organization: Organization, thread: UUID, event: dict[str, Any]
) -> None:
    for _ in range(3):
        happen(product, organization, event)

    (change,) = product.database.rows("SELECT kind, thread_id FROM changes")
    assert change["thread_id"] == thread
    assert change["kind"] in ("message.event", "thread.event")
    assert len(product.database.rows("SELECT 1 AS one FROM thread_events")) == 1


def test_a_reaction_is_shown_at_its_message(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    happen(product, organization, REACTED)

    message = first(product, agent, thread)
    assert what_happened(message) == [("reaction", "👍")]
    (reaction,) = message.reactions
    assert (reaction.emoji, reaction.sender, reaction.taken_back_at) == ("👍", CUSTOMER, None)


def test_a_changed_reaction_replaces_the_one_before(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    happen(product, organization, REACTED, content("reaction", message_id="in-0", emoji="🙏"))

    message = first(product, agent, thread)
    assert [reaction.emoji for reaction in message.reactions] == ["🙏"]
    assert what_happened(message) == [("reaction", "👍"), ("reaction", "🙏")]


@pytest.mark.parametrize("emoji", [{}, {"emoji": ""}, {"emoji": None}], ids=["absent", "empty", "null"])
def test_a_reaction_that_is_taken_back_is_shown_as_taken_back(
    product: Product, organization: Organization, agent: Actor, thread: UUID, emoji: dict[str, Any]
) -> None:
    happen(product, organization, REACTED, content("reaction", message_id="in-0", **emoji))

    message = first(product, agent, thread)
    (reaction,) = message.reactions
    assert reaction.emoji == "👍"
    assert reaction.taken_back_at is not None
    assert [kind for kind, _ in what_happened(message)] == ["reaction", "reaction_removed"]


def test_a_reaction_after_one_that_was_taken_back_stands(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    happen(product, organization, REACTED, TAKEN_BACK, REACTED)

    (reaction,) = first(product, agent, thread).reactions
    assert reaction.taken_back_at is None


def test_a_reaction_to_our_message_is_shown_there(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    ours = product.add_message(organization, thread, status="read", provider_sid="sid-1")

    happen(product, organization, content("reaction", message_id="sid-1", emoji="❤️"))

    found = {message.id: what_happened(message) for message in shown(product, agent, thread).messages}
    assert found[ours] == [("reaction", "❤️")]


def test_an_edit_shows_the_new_words_beside_the_old(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    happen(product, organization, EDITED)

    message = first(product, agent, thread)
    assert message.body_text == "Where is my parcel?"
    assert what_happened(message) == [("edit", "Where are my two parcels?")]


def test_a_deleted_message_stays_readable_and_is_shown_as_deleted(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    happen(product, organization, REVOKED)

    message = first(product, agent, thread)
    assert message.body_text == "Where is my parcel?"
    assert [kind for kind, _ in what_happened(message)] == ["revocation"]


def test_a_new_number_is_shown_in_the_thread(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    happen(product, organization, NEW_NUMBER)

    assert what_happened(shown(product, agent, thread)) == [
        ("number_change", "Asha changed her number (now 919811122333)")
    ]


def test_what_is_about_an_unknown_message_is_shown_in_the_thread(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    happen(product, organization, EDITED | {"edit": EDITED["edit"] | {"original_message_id": "abc"}})

    assert what_happened(shown(product, agent, thread)) == [("edit", "Where are my two parcels?")]
    assert first(product, agent, thread).events == []


def test_an_event_that_overtook_its_message_is_shown_at_it(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    happen(
        product,
        organization,
        content("edit", original_message_id="in-1", message=content("text", body="Two")),
    )
    product.apply(received(organization, an_incoming("One", sid="in-1")))

    found = shown(product, agent, thread)
    assert found.events == []
    assert {message.body_text: what_happened(message) for message in found.messages} == {
        "Where is my parcel?": [],
        "One": [("edit", "Two")],
    }


def test_an_event_about_a_send_whose_answer_was_lost_is_shown_once_its_name_is_known(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    ours = product.add_message(organization, thread, status="unknown")
    happen(product, organization, content("reaction", message_id="sid-9", emoji="👍"))

    product.apply(received(organization, a_report("sid-9", 30002), about=ours))

    found = {message.id: what_happened(message) for message in shown(product, agent, thread).messages}
    assert found[ours] == [("reaction", "👍")]


@pytest.mark.parametrize("event", [REACTED, EDITED, REVOKED], ids=["reaction", "edit", "deletion"])
def test_a_stranger_does_nothing_to_somebody_elses_message(
    product: Product, organization: Organization, agent: Actor, thread: UUID, event: dict[str, Any]
) -> None:
    happen(product, organization, event, sender=STRANGER)

    found = shown(product, agent, thread)
    assert (found.events, found.messages[0].events) == ([], [])


def test_another_organizations_message_is_not_touched(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    happen(product, product.database.add_organization("Other"), REACTED)

    assert first(product, agent, thread).events == []


def test_a_reaction_of_somebody_without_a_thread_starts_none_and_is_shown_in_the_first(
    product: Product, organization: Organization, agent: Actor
) -> None:
    happen(product, organization, content("reaction", message_id="elsewhere", emoji="👍"))
    assert summaries(product, agent) == []
    assert product.database.rows("SELECT kind FROM changes") == []

    product.apply(received(organization, an_incoming("Hello", sid="in-1")))

    (summary,) = summaries(product, agent)
    assert what_happened(shown(product, agent, summary.id)) == [("reaction", "👍")]


def test_new_words_of_somebody_without_a_thread_are_seen_in_one(
    product: Product, organization: Organization, agent: Actor
) -> None:
    happen(product, organization, EDITED)

    (summary,) = summaries(product, agent)
    assert (summary.message_count, summary.unread_count) == (0, 0)
    assert what_happened(shown(product, agent, summary.id)) == [("edit", "Where are my two parcels?")]


def test_an_event_goes_with_its_thread_into_the_one_that_it_was_merged_into(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    happen(product, organization, REACTED, NEW_NUMBER)
    other = product.add_thread(organization, phone="+919000000001")
    product.database.rows("UPDATE messages SET thread_id = %s", (other,))
    product.database.rows("UPDATE threads SET merged_into_thread_id = %s WHERE id = %s", (other, thread))

    found = shown(product, agent, other)

    assert [kind for kind, _ in what_happened(found)] == ["number_change"]
    assert what_happened(found.messages[0]) == [("reaction", "👍")]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_events_of_one_second_keep_the_order_in_which_they_were_received(
    product: Product, organization: Organization, agent: Actor, thread: UUID, order: tuple[int, ...]
) -> None:
    """Workers apply callbacks in any order, and WhatsApp's times have whole seconds."""
    reported = [
        received(
            organization, an_incoming("", sid=f"ev-{number}", content=one, timestamp="2026-01-15T10:00:00Z")
        )
        for number, one in enumerate(
            (REACTED, TAKEN_BACK, content("reaction", message_id="in-0", emoji="🙏"))
        )
    ]
    for at in order:
        product.apply(reported[at])

    assert [text for _, text in what_happened(first(product, agent, thread))] == ["👍", "", "🙏"]
    assert [reaction.emoji for reaction in first(product, agent, thread).reactions] == ["🙏"]


def test_an_ad_and_a_file_are_shown_beside_the_words(
    product: Product, organization: Organization, agent: Actor
) -> None:
    ad = {
        "source_url": "https://fb.me/ad1",
        "source_type": "ad",
        "source_id": "120",
        "headline": "50% off freight",
        "ctwa_clid": "CL1D",
    }
    words = {"type": "text", "text": {"body": "I saw your ad"}, "referral": ad}
    picture = {"type": "image", "image": {"url": "https://m.example/1", "caption": "the door"}}
    happen(product, organization, words, picture)

    (summary,) = summaries(product, agent)
    said, showed = sorted(
        shown(product, agent, summary.id).messages, key=lambda each: each.kind, reverse=True
    )
    assert (said.body_text, said.referral, said.media_url) == ("I saw your ad", ad, None)
    assert (showed.body_text, showed.referral, showed.media_url) == (
        "[image] the door",
        None,
        "https://m.example/1",
    )
    assert showed.recipient == BUSINESS
