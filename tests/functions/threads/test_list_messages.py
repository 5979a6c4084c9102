"""A long thread, read to its first message."""

from uuid import uuid4

import pytest

from tests.support.gates.chance import dice
from tests.support.hostile.long_threads import (
    LARGEST_ANSWER,
    THREADS,
    add_messages,
    add_thread,
    read_to_the_first,
    wire_size_of,
)

KINDS = {"plain": "x", "quotes": '"', "lines": "\n", "hindi": "न", "emoji": "😀", "control": "\x01"}


def path(thread, query=""):
    return f"{THREADS}/{thread}/messages{query}"


@pytest.mark.parametrize("limit", [1, 7, 200])
def test_every_message_of_a_long_thread_is_reached_once_and_in_order(bundle, organization, limit):
    thread = add_thread(bundle, organization)
    texts = [f"message {number}" for number in range(230)]
    add_messages(bundle, thread, texts)

    messages, sizes = read_to_the_first(bundle, organization, thread, limit=limit)

    assert [message["body_text"] for message in messages] == texts
    assert len(sizes) == 1 + -(-30 // limit)


def test_the_list_begins_with_the_newest(bundle, organization):
    thread = add_thread(bundle, organization)
    add_messages(bundle, thread, ["one", "two", "three"])

    first = bundle.get(path(thread, "?limit=2"), organization.agent)
    rest = bundle.get(path(thread, f"?limit=2&cursor={first.json['next_cursor']}"), organization.agent)

    assert [message["body_text"] for message in first.data] == ["three", "two"]
    assert [message["body_text"] for message in rest.data] == ["one"]
    assert (first.json["count"], rest.json["count"], rest.json["next_cursor"]) == (2, 1, None)


def test_messages_of_one_instant_are_neither_left_out_nor_repeated(bundle, organization):
    thread = add_thread(bundle, organization)
    texts = [f"message {number}" for number in range(20)]
    add_messages(bundle, thread, texts)
    bundle.database.rows(
        "UPDATE messages SET occurred_at = '2026-01-15 09:30:00Z' WHERE thread_id = %s", (thread,)
    )
    found, cursor = [], ""
    while cursor is not None:
        answer = bundle.get(path(thread, f"?limit=3{cursor and f'&cursor={cursor}'}"), organization.agent)
        found += [message["body_text"] for message in answer.data]
        cursor = answer.json["next_cursor"]

    assert found == texts[::-1]


def test_what_arrives_meanwhile_moves_no_page(bundle, organization):
    thread = add_thread(bundle, organization)
    add_messages(bundle, thread, ["one", "two", "three"])
    cursor = bundle.get(path(thread, "?limit=1"), organization.agent).json["next_cursor"]
    add_messages(bundle, thread, ["four"])

    rest = bundle.get(path(thread, f"?cursor={cursor}"), organization.agent)

    assert [message["body_text"] for message in rest.data] == ["two", "one"]


@pytest.mark.parametrize("sign", KINDS.values(), ids=KINDS)
def test_seven_mails_of_almost_a_megabyte_are_read(bundle, organization, sign):
    thread = add_thread(bundle, organization)
    texts = [f"{number}{sign * 930_000}" for number in range(7)]
    add_messages(bundle, thread, texts, reply_text=sign * 930_000, signature_text=sign * 100_000)

    messages, sizes = read_to_the_first(bundle, organization, thread)

    assert max(sizes) < LARGEST_ANSWER
    assert [message["body_text"][0] for message in messages] == list("0123456")
    for message, text in zip(messages, texts, strict=True):
        assert len(message["body_text"]) >= 100_000 // 13
        assert text.startswith(message["body_text"])
        assert message["is_cut"] is True
        assert message["cut_fields"] == ["body_text", "reply_text", "signature_text"]


def test_sixty_replies_whose_quotes_grow_are_read(bundle, organization):
    thread = add_thread(bundle, organization)
    texts, quote = [], ""
    for number in range(60):
        quote = "".join(f"> {line}\n" for line in quote.splitlines()) + f"> line of mail {number}\n" * 40
        texts.append(f"answer {number}\n{quote}")
    add_messages(bundle, thread, texts)

    messages, sizes = read_to_the_first(bundle, organization, thread)

    assert max(sizes) < LARGEST_ANSWER
    assert [message["body_text"].split("\n")[0] for message in messages] == [f"answer {n}" for n in range(60)]


def test_three_hundred_messages_of_all_sizes_are_read_to_the_first(bundle, organization):
    throw = dice(300)
    thread = add_thread(bundle, organization)
    signs = [*KINDS.values()]
    texts = [f"{number:03}" + throw.choice(signs) * throw.randrange(100_000) for number in range(300)]
    add_messages(bundle, thread, texts)

    messages, sizes = read_to_the_first(bundle, organization, thread)

    assert max(sizes) < LARGEST_ANSWER
    assert [message["body_text"][:3] for message in messages] == [f"{number:03}" for number in range(300)]
    for message, text in zip(messages, texts, strict=True):
        assert message["is_cut"] == (message["body_text"] != text)


def test_other_fields_are_cut_to_their_beginning_and_say_so(bundle, organization):
    thread = add_thread(bundle, organization)
    many = [f"person{number}@customer.example" for number in range(50_000)]
    add_messages(
        bundle,
        thread,
        ["short"],
        mail_to=many,
        mail_cc=many,
        problems=many,
        subject="x" * 300_000,
        join_evidence="e" * 300_000,
        failure_reason="r" * 300_000,
    )
    bundle.database.rows(
        """INSERT INTO attachments (id, organization_id, message_id, filename, content_type, size_bytes, blob_key,
                                    position)
           SELECT gen_random_uuid(), m.organization_id, m.id, n || '.pdf', 'application/pdf', 1, 'x', n
           FROM messages m, generate_series(1, 5000) AS n WHERE m.thread_id = %s""",
        (thread,),
    )

    answer = bundle.get(f"{THREADS}/{thread}", organization.agent)

    (message,) = answer.data["messages"]
    assert wire_size_of(answer) < 200_000
    assert message["cut_fields"] == [
        "attachments", "cc", "failure_reason", "join_evidence", "problems", "subject", "to",
    ]  # fmt: skip
    for field in ("to", "cc", "problems"):
        assert message[field] == many[: len(message[field])] != []
    names = [attachment["filename"] for attachment in message["attachments"]]
    assert names == [f"{number}.pdf" for number in range(1, len(names) + 1)] != []


def test_a_customer_of_many_addresses_is_shown_with_the_first(bundle, organization):
    thread = add_thread(bundle, organization)
    bundle.database.rows(
        """INSERT INTO customer_addresses (organization_id, customer_id, kind, address, linked_by)
           SELECT t.organization_id, t.customer_id, 'email', n || '@customer.example', 'inbound'
           FROM threads t, generate_series(1, 100000) AS n WHERE t.id = %s""",
        (thread,),
    )

    answer = bundle.get(f"{THREADS}/{thread}", organization.agent)

    assert wire_size_of(answer) < 200_000
    assert answer.data["is_cut"] is True
    assert len(answer.data["customer"]["addresses"]) > 100


def test_a_cursor_of_another_thread_is_refused(bundle, organization):
    threads = [add_thread(bundle, organization) for _ in range(2)]
    for thread in threads:
        add_messages(bundle, thread, ["one", "two"])
    cursor = bundle.get(path(threads[0], "?limit=1"), organization.agent).json["next_cursor"]

    for foreign in (cursor[:-2], "x" + cursor, "nonsense"):
        assert bundle.get(path(threads[0], f"?cursor={foreign}"), organization.agent).status == 422
    refused = bundle.get(path(threads[1], f"?cursor={cursor}"), organization.agent)

    assert (refused.status, refused.json["code"]) == (422, "validation_failed")
    assert refused.json["details"] == {"field": "cursor"}
    assert refused.json["error"] == "cursor must be the next_cursor of a page of this list"


def test_a_cursor_of_the_list_of_threads_is_refused(bundle, organization):
    thread = add_thread(bundle, organization)
    add_thread(bundle, organization)
    cursor = bundle.get(f"{THREADS}?limit=1", organization.agent).json["next_cursor"]

    assert bundle.get(path(thread, f"?cursor={cursor}"), organization.agent).status == 422
    assert bundle.get(f"/api/v1/settings/notifications?cursor={cursor}", organization.admin).status == 422


def test_an_unknown_thread_has_no_messages_to_list(bundle, organization):
    assert bundle.get(path(uuid4()), organization.agent).status == 404
