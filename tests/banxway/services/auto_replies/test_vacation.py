"""Who is answered while a person is away: a person who wrote to the mailbox, once, and nobody else (RFC 3834)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.databases.postgres import Organization
from tests.support.mailboxes.filed import ASHA, Post, a_letter
from tests.support.product.builders import SUPPORT, Product

SALES = "sales@yourdomain.com"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def post(product: Product, organization: Organization) -> Post:
    return Post(product, organization, product.add_mailbox(organization))


def test_a_person_is_answered_with_the_marks_of_an_automatic_mail(post: Post) -> None:
    post.is_away()
    raw = a_letter(headers=["Return-Path: <asha@bounces.customer.example>"])

    queued = post.arrives(raw)

    (answer,) = post.automatic("vacation")
    message_id = raw.decode().partition("Message-ID: <")[2].partition(">")[0]
    assert queued == [answer["id"]]
    assert (answer["status"], answer["direction"], answer["channel"]) == ("queued", "outbound", "EMAIL")
    assert (answer["sender"], answer["recipient"]) == (SUPPORT, "asha@bounces.customer.example")
    assert (answer["subject"], answer["body_text"]) == ("Auto: Parcel", "We are away until Monday.")
    assert (answer["mail_in_reply_to"], answer["mail_references"]) == (message_id, [message_id])
    assert answer["thread_id"] == post.threads()[0]["id"]
    assert answer["content"]["loop_mark"].startswith("banxway-")
    assert answer["mail_message_id"] == f"{answer['id']}@yourdomain.com"


def test_a_person_who_writes_again_is_answered_again_after_the_period_only(post: Post) -> None:
    post.is_away(repeat_after_days=3)

    for _ in range(5):
        post.arrives(a_letter())
    assert len(post.automatic()) == 1

    post.product.database.rows("UPDATE automatic_mails SET created_at = now() - interval '73 hours'")
    post.arrives(a_letter(), a_letter())
    assert len(post.automatic()) == 2


def test_a_responder_that_is_switched_off_and_on_answers_nobody_twice_in_its_period(post: Post) -> None:
    post.is_away()
    post.arrives(a_letter())
    post.product.database.rows("DELETE FROM vacation_responders")
    post.is_away(content_text="Away again.")

    post.arrives(a_letter())

    assert len(post.automatic()) == 1


SILENT = {
    "an automatic answer": {"headers": ["Auto-Submitted: auto-replied"]},
    "a notification": {"headers": ["Auto-Submitted: auto-generated"]},
    "who suppresses answers": {"headers": ["X-Auto-Response-Suppress: OOF, DR"]},
    "a mailing list": {"headers": ["List-Id: <all.lists.example>"]},
    "a list that says so oddly": {"headers": ["List-Archive: <https://lists.example>"]},
    "bulk": {"headers": ["Precedence: bulk"]},
    "a null envelope": {"headers": ["Return-Path: <>"]},
    "a loop mark": {"headers": ["X-Loop: somebody@else.example"]},
    "a failed authentication": {
        "headers": ["Authentication-Results: mx.example; dmarc=fail header.from=customer.example"]
    },
    "a blind copy": {"to": "undisclosed-recipients:;"},
    "a mail to somebody else": {"to": "other@yourdomain.com"},
    "noreply": {"sender": "Shop <no-reply@shop.example>"},
    "a daemon": {"sender": "MAILER-DAEMON@shop.example"},
    "a list's owner": {"sender": "owner-all@lists.example"},
    "a list's request address": {"sender": "all-request@lists.example"},
    "a bounce address in the envelope": {"headers": ["Return-Path: <bounces+123=a@mailer.example>"]},
    "our own mailbox": {"sender": f"Sales <{SALES}>"},
    "ourselves": {"sender": f"Support <{SUPPORT}>"},
    "an old mail that was copied in": {"sent": 4 * DAY},
    "an address with a line in it": {"headers": ['Return-Path: <"a\r\n b"@customer.example>']},
}


@pytest.mark.parametrize("letter", SILENT.values(), ids=SILENT)
def test_nobody_and_nothing_else_is_answered(post: Post, letter: dict[str, object]) -> None:
    post.product.add_mailbox(post.organization, SALES)
    post.is_away()

    assert post.arrives(a_letter(**letter)) == []  # type: ignore[arg-type]  # the table's values fit

    assert post.automatic() == []


ANSWERED = {
    "says that it is not automatic": {"headers": ["Auto-Submitted: no"]},
    "asks for no receipts only": {"headers": ["X-Auto-Response-Suppress: DR, RN"]},
    "names the mailbox in Cc": {"to": "other@yourdomain.com", "headers": [f"Cc: {SUPPORT}"]},
    "uses a tag of the mailbox": {"to": "Support+Orders@YourDomain.com"},
    "passed authentication": {
        "headers": ["Authentication-Results: mx.example; dmarc=pass header.from=customer.example"]
    },
}


@pytest.mark.parametrize("letter", ANSWERED.values(), ids=ANSWERED)
def test_a_person_is_answered_who(post: Post, letter: dict[str, object]) -> None:
    post.is_away()

    post.arrives(a_letter(**letter))  # type: ignore[arg-type]  # the table's values fit

    assert [answer["recipient"] for answer in post.automatic()] == [ASHA]


def test_an_address_that_is_tagged_for_each_mail_is_answered_without_its_tag(post: Post) -> None:
    post.is_away()

    for tag in ("0123abcd", "4567efab"):
        post.arrives(a_letter(headers=[f"Return-Path: <prvs={tag}={ASHA}>"]))

    assert [answer["recipient"] for answer in post.automatic()] == [ASHA]


@pytest.mark.parametrize("role", ["junk", "sent", "trash"])
def test_mail_in_another_folder_than_what_arrives_is_not_answered(post: Post, role: str) -> None:
    post.is_away()

    post.arrives(a_letter(), role=role)

    assert post.automatic() == []


@pytest.mark.parametrize(
    ("columns", "ago"),
    [
        ({"activated_at": HOUR}, timedelta(0)),
        ({"activated_at": -90 * DAY}, 25 * HOUR),
        ({"starts_at": HOUR}, timedelta(0)),
        ({"activated_at": -5 * HOUR, "starts_at": -2 * HOUR}, 3 * HOUR),
        ({"activated_at": -2 * HOUR, "starts_at": -5 * HOUR}, 3 * HOUR),
        ({"ends_at": -HOUR}, timedelta(0)),
        ({"is_active": False}, timedelta(0)),
    ],
    ids=[
        "switched on later",
        "yesterday's mail",
        "starts later",
        "before the start",
        "before it was switched on",
        "over",
        "off",
    ],
)
def test_only_what_arrives_while_somebody_is_away_is_answered(
    post: Post, columns: dict[str, Any], ago: timedelta
) -> None:
    now = datetime.now(UTC)
    post.is_away(
        **{name: now + value if isinstance(value, timedelta) else value for name, value in columns.items()}
    )

    post.arrives(a_letter(), ago=ago)

    assert post.automatic() == []


@pytest.mark.parametrize(
    "columns",
    [{"smtp_enabled": False}, {"sending_stopped_at": datetime.now(UTC)}],
    ids=["switched off", "blocked"],
)
def test_a_mailbox_that_may_not_send_answers_nobody(post: Post, columns: dict[str, object]) -> None:
    post.is_away()
    for name, value in columns.items():
        post.product.database.rows(f"UPDATE email_accounts SET {name} = %s", (value,))

    post.arrives(a_letter())

    assert post.automatic() == []


def test_what_arrives_after_the_start_and_before_the_end_is_answered(post: Post) -> None:
    now = datetime.now(UTC)
    post.is_away(activated_at=now - 5 * HOUR, starts_at=now - 3 * HOUR, ends_at=now + HOUR)

    post.arrives(a_letter(), ago=2 * HOUR)

    assert len(post.automatic()) == 1


def test_who_answers_our_answer_is_not_answered_again_in_any_period(post: Post) -> None:
    """A robot without any mark that answers each answer would go on for ever (threat 36)."""
    post.is_away(repeat_after_days=1)
    post.arrives(a_letter())
    (answer,) = post.automatic()
    post.product.database.rows("UPDATE automatic_mails SET created_at = now() - interval '3 days'")

    for header in ("In-Reply-To", "References"):
        post.arrives(a_letter(headers=[f"{header}: <{answer['mail_message_id']}>"]))
    assert len(post.automatic()) == 1

    post.arrives(a_letter())
    assert len(post.automatic()) == 2


def test_a_mail_to_two_mailboxes_is_answered_once_by_one_that_is_away(post: Post) -> None:
    sales = post.product.add_mailbox(post.organization, SALES)
    post.is_away(sales, subject="Gone fishing")

    post.arrives(a_letter(to=f"{SUPPORT}, {SALES}"))

    assert [(answer["sender"], answer["subject"]) for answer in post.automatic()] == [(SALES, "Gone fishing")]


def test_each_mailbox_has_a_period_of_its_own(post: Post) -> None:
    sales = post.product.add_mailbox(post.organization, SALES)
    post.is_away()
    post.is_away(sales)

    for to in (SUPPORT, SALES, SUPPORT, SALES):
        post.arrives(a_letter(to=to))

    assert sorted(answer["sender"] for answer in post.automatic()) == [SALES, SUPPORT]


def test_a_mail_that_a_rule_marks_as_spam_is_not_answered(post: Post) -> None:
    post.is_away()
    post.has_rule({"type": "mark_spam"})

    post.arrives(a_letter())

    assert post.automatic() == []
