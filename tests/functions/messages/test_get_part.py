"""A field of a message, whole, in pieces that fit into one answer each."""

from uuid import uuid4

import pytest

from tests.support.hostile.long_threads import (
    LARGEST_ANSWER,
    THREADS,
    add_messages,
    add_thread,
    wire_size_of,
)

PATH = "/api/v1/communications/messages/{}/parts/{}"


def message_with(bundle, organization, text="short", **columns):
    thread = add_thread(bundle, organization)
    add_messages(bundle, thread, [text], **columns)
    (message,) = bundle.get(f"{THREADS}/{thread}", organization.agent).data["messages"]
    return message


def pieces_of(bundle, organization, message, field):
    pieces, cursor = [], ""
    while cursor is not None:
        target = PATH.format(message["id"], field) + (cursor and f"?cursor={cursor}")
        answer = bundle.get(target, organization.agent)
        assert answer.status == 200, answer.text[:500]
        assert wire_size_of(answer) < LARGEST_ANSWER
        assert (answer.data["message_id"], answer.data["field"]) == (message["id"], field)
        pieces.append(answer.data)
        cursor = answer.data["next_cursor"]
    return pieces


@pytest.mark.parametrize(
    ("field", "column"),
    [("body_text", "body_text"), ("reply_text", "reply_text"), ("signature_text", "signature_text"),
     ("subject", "subject"), ("message_sid", "provider_sid"), ("origin", "mail_origin")],
)  # fmt: skip
@pytest.mark.parametrize("sign", ["x", '"', "😀", "a\u0301"], ids=["plain", "quotes", "emoji", "accents"])
def test_a_long_text_is_whole_in_pieces(bundle, organization, field, column, sign):
    # An index holds no longer id than this.
    text = sign * (2_000 if column == "provider_sid" else 400_000)
    columns = {column: text} if column != "body_text" else {}
    message = message_with(bundle, organization, text if column == "body_text" else "short", **columns)
    assert (field in message["cut_fields"]) is (column != "provider_sid" or sign != "x")

    pieces = pieces_of(bundle, organization, message, field)

    assert "".join(piece["text"] for piece in pieces) == text


def test_a_text_of_ten_megabytes_is_whole_in_pieces(bundle, organization):
    text = "".join(f"line {number} of a long mail\n" for number in range(400_000))

    message = message_with(bundle, organization, text)

    assert "".join(piece["text"] for piece in pieces_of(bundle, organization, message, "body_text")) == text


def test_long_lists_are_whole_in_pieces(bundle, organization):
    many = [f"person{number}@customer.example" for number in range(60_000)]
    message = message_with(bundle, organization, mail_to=many, mail_cc=many[:10])

    pieces = pieces_of(bundle, organization, message, "to")

    assert len(pieces) > 1
    assert [item for piece in pieces for item in piece["items"]] == many
    assert pieces_of(bundle, organization, message, "cc")[0]["items"] == many[:10]
    assert pieces_of(bundle, organization, message, "problems")[0]["items"] == []


def test_all_attachments_are_listed_in_pieces(bundle, organization):
    message = message_with(bundle, organization)
    bundle.database.rows(
        """INSERT INTO attachments (id, organization_id, message_id, filename, content_type, size_bytes, blob_key,
                                    position)
           SELECT gen_random_uuid(), %s, %s, n || '.pdf', 'application/pdf', 1, 'x', n
           FROM generate_series(1, 12000) AS n""",
        (organization.id, message["id"]),
    )

    pieces = pieces_of(bundle, organization, message, "attachments")

    names = [attachment["filename"] for piece in pieces for attachment in piece["attachments"]]
    assert names == [f"{number}.pdf" for number in range(1, 12_001)]


def test_what_a_message_does_not_have_is_null(bundle, organization):
    message = message_with(bundle, organization)

    (piece,) = pieces_of(bundle, organization, message, "reply_text")

    assert (piece["text"], piece["items"], piece["attachments"]) == (None, None, None)


def test_a_cursor_of_another_field_or_message_is_refused(bundle, organization):
    message = message_with(bundle, organization, "x" * 3_000_000, reply_text="y" * 3_000_000)
    other = message_with(bundle, organization, "x" * 3_000_000)
    path = PATH.format(message["id"], "body_text")
    cursor = bundle.get(path, organization.agent).data["next_cursor"]

    for target in (PATH.format(message["id"], "reply_text"), PATH.format(other["id"], "body_text")):
        answer = bundle.get(f"{target}?cursor={cursor}", organization.agent)
        assert (answer.status, answer.json["details"]) == (422, {"field": "cursor"})
    assert bundle.get(f"{path}?cursor={cursor[:-1]}", organization.agent).status == 422


def test_only_fields_that_can_be_long_have_parts(bundle, organization):
    message = message_with(bundle, organization)

    answer = bundle.get(PATH.format(message["id"], "organization_id"), organization.agent)

    assert (answer.status, answer.json["details"]) == (422, {"field": "field"})


def test_an_unknown_message_is_not_found(bundle, organization):
    assert bundle.get(PATH.format(uuid4(), "body_text"), organization.agent).status == 404
