"""Delivery reports: they join the mail they are about, and fail it only for a recipient that it really had."""

from uuid import UUID

import pytest

from tests.support.databases.postgres import Organization
from tests.support.ledger.delivery_reports import OURS, report
from tests.support.mailboxes.arrivals import ASHA, RAVI, Arrivals, Letter
from tests.support.product.builders import SUPPORT, Product


@pytest.fixture
def arrivals(product: Product, organization: Organization) -> Arrivals:
    return Arrivals(product, organization)


@pytest.fixture
def sent(arrivals: Arrivals) -> UUID:
    """A mail that we sent to Asha, with Ravi in copy."""
    thread = arrivals.product.add_thread(arrivals.organization, email=ASHA)
    return arrivals.product.add_message(
        arrivals.organization,
        thread,
        channel="EMAIL",
        status="sent",
        sender=SUPPORT,
        recipient=ASHA,
        mail_to=[ASHA],
        mail_cc=[RAVI],
        subject="Your parcel",
        body_text="ours",
        mail_message_id=OURS,
    )


def test_a_bounce_joins_the_mail_that_bounced_and_fails_it_with_the_reason(
    arrivals: Arrivals, sent: UUID
) -> None:
    filed = arrivals.file(report())

    bounced = arrivals.product.row(sent)
    assert (bounced["status"], bounced["provider_code"]) == ("failed", "5.1.1")
    assert bounced["failure_reason"].startswith(f"{ASHA} could not be reached: ")
    assert "User unknown" in bounced["failure_reason"]
    assert bounced["failure_advice"] == "The address does not exist: ask the customer for the right one"
    bounce = next(row for row in arrivals.messages() if row["id"] != sent)
    assert (bounce["thread_id"], bounce["join_rule"], bounce["mail_origin"]) == (
        bounced["thread_id"],
        "bounce",
        "bounce",
    )
    assert filed.has_changes
    assert ("message.status", bounced["thread_id"]) in arrivals.news()


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        ("5.2.2", "full"),
        ("5.1.10", "takes no mail"),
        ("5.4.4", "could not be reached"),
        ("5.7.26", "SPF, DKIM and DMARC"),
        ("5.0.0", "Read the delivery report"),
        ("4.4.7", "for days"),
    ],
)
def test_the_advice_follows_the_enhanced_code(
    arrivals: Arrivals, sent: UUID, status: str, advice: str
) -> None:
    arrivals.file(report(status=status))

    assert advice in arrivals.product.row(sent)["failure_advice"]


def test_one_of_several_recipients_is_enough(arrivals: Arrivals, sent: UUID) -> None:
    arrivals.file(report(RAVI.upper()))

    assert arrivals.product.row(sent)["status"] == "failed"


@pytest.mark.parametrize("action", ["delayed", "relayed", "delivered", "expanded"])
def test_a_report_that_nothing_failed_joins_quietly(arrivals: Arrivals, sent: UUID, action: str) -> None:
    """It fails nothing, is never unread, and reopens no closed thread."""
    thread_id = arrivals.product.row(sent)["thread_id"]
    arrivals.product.database.rows("UPDATE threads SET status = 'closed' WHERE id = %s", (thread_id,))

    arrivals.file(report(action=action, status="2.0.0"))

    assert arrivals.product.row(sent)["status"] == "sent"
    assert len(arrivals.threads()) == 1
    assert arrivals.thread(thread_id)["status"] == "closed"
    assert [row["seen_at"] is not None for row in arrivals.messages() if row["id"] != sent] == [True]


def test_a_failure_is_unread_and_opens_its_thread_again(arrivals: Arrivals, sent: UUID) -> None:
    thread_id = arrivals.product.row(sent)["thread_id"]
    arrivals.product.database.rows("UPDATE threads SET status = 'closed' WHERE id = %s", (thread_id,))

    arrivals.file(report())

    assert arrivals.thread(thread_id)["status"] == "open"
    assert [row["seen_at"] for row in arrivals.messages() if row["id"] != sent] == [None]


def test_an_absence_note_joins_what_it_answers(arrivals: Arrivals, sent: UUID) -> None:
    arrivals.file(
        Letter(
            "away until Monday",
            day=1,
            subject="Automatic reply: Your parcel",
            headers=(
                "Return-Path: <>",
                "Auto-Submitted: auto-generated",
                "X-Auto-Response-Suppress: All",
                f"In-Reply-To: <{OURS}>",
            ),
        )
    )

    note = arrivals.message("away until Monday")
    assert (note["mail_origin"], note["thread_id"]) == ("auto_reply", arrivals.product.row(sent)["thread_id"])


@pytest.mark.parametrize(
    "forged",
    [
        report("somebody@else.example"),
        report(about="7b0c2f0e-0000-4000-8000-000000000009@yourdomain.com"),
        report(proven=False),
    ],
    ids=["another recipient", "an id that nobody sent", "a sender found false"],
)
def test_a_forged_report_fails_nothing_and_joins_nothing(
    arrivals: Arrivals, sent: UUID, forged: Letter
) -> None:
    arrivals.file(forged)

    assert arrivals.product.row(sent)["status"] == "sent"
    assert len(arrivals.threads()) == 2
    assert not arrivals.product.queues["mail"].items


def test_a_report_on_a_customers_own_mail_fails_nothing(arrivals: Arrivals) -> None:
    arrivals.file(Letter("theirs", mail_id="theirs@x", cc=[RAVI]), report(RAVI, about="theirs@x"))

    assert [row["status"] for row in arrivals.messages()] == ["received", "received"]


def test_a_report_that_comes_before_the_mail_it_is_about_counts_all_the_same(arrivals: Arrivals) -> None:
    """Another client sent the mail, and the inbox is read before the Sent folder."""
    arrivals.file(report(about="other-client@us"))

    arrivals.file(Letter("sent", sender=SUPPORT, to=[ASHA], mail_id="other-client@us", role="sent"))

    assert arrivals.message("sent")["status"] == "failed"
    assert len(arrivals.threads()) == 1


def test_evidence_that_a_mail_arrived_outweighs_a_later_report(arrivals: Arrivals, sent: UUID) -> None:
    arrivals.product.database.rows("UPDATE messages SET status = 'delivered' WHERE id = %s", (sent,))

    arrivals.file(report())

    assert arrivals.product.row(sent)["status"] == "delivered"
