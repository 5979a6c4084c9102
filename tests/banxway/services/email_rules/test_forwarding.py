"""Forwarding by rule: the whole mail, with its author as Reply-To; never in a loop, and never automatic mail."""

from datetime import UTC, datetime, timedelta

import pytest

from banxway.services.auto_replies.automatic_mail import loop_mark
from tests.support.databases.postgres import Organization
from tests.support.mailboxes.filed import ASHA, Post, a_letter
from tests.support.product.builders import SUPPORT, Product

BOSS = "boss@elsewhere.example"
FORWARD = {"type": "forward", "address": BOSS}


@pytest.fixture
def post(product: Product, organization: Organization) -> Post:
    return Post(product, organization, product.add_mailbox(organization))


def _reason(post: Post) -> str | None:
    reason: str | None = post.traces()[-1]["performed"][0]["reason"]
    return reason


def test_a_forward_carries_text_and_attachments_and_is_answered_to_the_author(post: Post) -> None:
    post.has_rule(FORWARD)
    content = 'Content-Type: multipart/mixed; boundary="b"'
    body = (
        "--b\r\nContent-Type: text/html\r\n\r\n<p>Dear <b>team</b></p>\r\n"
        "--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\n1,2\r\n--b--"
    )

    queued = post.arrives(a_letter(body, subject="Order", headers=[content]))

    (forward,) = post.automatic("forward")
    attachments = post.product.database.rows(
        "SELECT filename, blob_key FROM attachments WHERE message_id = %s", (forward["id"],)
    )
    originals = post.product.database.rows(
        "SELECT filename, blob_key FROM attachments WHERE message_id <> %s", (forward["id"],)
    )
    assert queued == [forward["id"]]
    assert (forward["sender"], forward["recipient"], forward["mail_reply_to"]) == (SUPPORT, BOSS, [ASHA])
    assert forward["subject"] == "Fwd: Order"
    assert f"From: Asha <{ASHA}>" in forward["body_text"]
    assert forward["body_text"].endswith("Dear team")
    assert "&lt;asha@customer.example&gt;" in forward["body_html"]
    assert forward["body_html"].endswith("<p>Dear <b>team</b></p>")
    assert attachments == originals == [{"filename": "a.csv", "blob_key": originals[0]["blob_key"]}]
    assert forward["content"]["loop_mark"] == loop_mark(post.organization.id)


def test_a_notification_is_forwarded_and_what_is_automatic_itself_is_not(post: Post) -> None:
    post.has_rule(FORWARD)

    post.arrives(a_letter(headers=["Auto-Submitted: auto-generated"]))
    post.arrives(a_letter(headers=["List-Id: <news.example>"]))
    assert len(post.automatic()) == 2

    post.arrives(a_letter(headers=["Auto-Submitted: auto-replied"]))
    assert _reason(post) == "It is automatic itself (auto_reply)"
    post.arrives(a_letter(sender="MAILER-DAEMON@mx.example"))
    assert _reason(post) == "It is automatic itself (bounce)"
    assert len(post.automatic()) == 2


def test_it_goes_to_one_address_once_whatever_rules_say_so(post: Post) -> None:
    post.has_rule(FORWARD, name="one")
    post.has_rule(FORWARD, name="two")

    post.arrives(a_letter())

    assert len(post.automatic()) == 1
    assert _reason(post) == "It was forwarded to this address already"


CIRCLES = {
    "from the address itself": ({"sender": BOSS}, "It comes from this address, or went there before"),
    "delivered there before": (
        {"headers": [f"Delivered-To: {BOSS}"]},
        "It comes from this address, or went there before",
    ),
    "from our own mailbox": ({"sender": SUPPORT}, "A mailbox of our own sent it"),
}


@pytest.mark.parametrize(("letter", "reason"), CIRCLES.values(), ids=CIRCLES)
def test_nothing_is_forwarded_to_where_it_comes_from(
    post: Post, letter: dict[str, object], reason: str
) -> None:
    post.has_rule(FORWARD)

    post.arrives(a_letter(**letter))  # type: ignore[arg-type]  # the table's values fit

    assert (post.automatic(), _reason(post)) == ([], reason)


def test_our_own_mark_is_known_again(post: Post) -> None:
    post.has_rule(FORWARD)

    post.arrives(a_letter(headers=[f"X-Loop: {loop_mark(post.organization.id)}"]))

    assert (post.automatic(), _reason(post)) == ([], "It has our own mark: it came back to us")


def test_an_answer_to_our_forward_is_not_forwarded(post: Post) -> None:
    post.has_rule(FORWARD)
    post.arrives(a_letter())
    (forward,) = post.automatic()

    post.arrives(
        a_letter(
            sender="colleague@elsewhere.example", headers=[f"References: <{forward['mail_message_id']}>"]
        )
    )

    assert _reason(post) == "It refers to a mail that we forwarded"


def test_a_circle_over_others_that_strip_every_mark_ends_after_three_rounds(post: Post) -> None:
    """The third mailbox of the loop sends it back under its own name, with one more prefix each time."""
    post.has_rule(FORWARD)
    subject = "Order"

    for _ in range(8):
        post.arrives(a_letter(sender="third@round.example", subject=f"Fwd: {subject}"))
        subject = f"Fwd: {subject}"

    assert len(post.automatic()) == 3
    assert "loop" in str(_reason(post))


def test_a_mailbox_of_ours_is_no_address_to_forward_to_even_if_it_became_one_later(post: Post) -> None:
    post.has_rule(FORWARD)
    post.product.add_mailbox(post.organization, BOSS)

    post.arrives(a_letter())

    assert (post.automatic(), _reason(post)) == ([], "The address is a mailbox of our own")


def test_a_rule_forwards_nothing_that_arrived_before_it_said_so(post: Post) -> None:
    rule = post.has_rule(FORWARD)
    post.product.database.rows("UPDATE email_rules SET activated_at = now() WHERE id = %s", (rule,))

    post.arrives(a_letter(), ago=timedelta(minutes=5))

    assert post.automatic() == []


def test_an_author_whose_address_not_every_server_takes_is_named_in_the_text_alone(post: Post) -> None:
    post.has_rule(FORWARD)

    post.arrives(a_letter(sender="Jörg <jörg@customer.example>"))

    (forward,) = post.automatic()
    assert forward["mail_reply_to"] == []
    assert "jörg@customer.example" in forward["body_text"]


def test_a_mailbox_that_is_blocked_forwards_nothing_and_says_so(post: Post) -> None:
    post.has_rule(FORWARD)
    post.product.database.rows("UPDATE email_accounts SET sending_stopped_at = %s", (datetime.now(UTC),))

    post.arrives(a_letter())

    assert _reason(post) == "Sending from the mailbox is suspended"


def test_a_subject_and_a_name_with_line_breaks_stay_on_their_lines(post: Post) -> None:
    post.has_rule(FORWARD)

    post.arrives(
        a_letter(
            subject="=?utf-8?q?Order=0D=0ABcc:_all?=", sender="=?utf-8?q?A=0AFrom:_b?= <a@customer.example>"
        )
    )

    (forward,) = post.automatic()
    assert forward["subject"] == "Fwd: Order Bcc: all"
    assert forward["body_text"].splitlines()[1].startswith("From: ")
    assert not forward["body_text"].splitlines()[2].startswith("From: ")


def test_equal_mails_of_one_sender_are_forwarded_as_often_as_they_come(post: Post) -> None:
    """An hourly invoice has the same subject each time, and is not a loop."""
    post.has_rule(FORWARD)

    for _ in range(5):
        post.arrives(a_letter(subject="Invoice"))

    assert len(post.automatic("forward")) == 5
