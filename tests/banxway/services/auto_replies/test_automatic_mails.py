"""What the budgets of automatic mail count: each count has its kind, its people and its time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from banxway.storage.auto_replies import automatic_mails, vacation
from banxway.storage.auto_replies.automatic_mails import AnswerCounts, ForwardCounts
from tests.support.databases.postgres import Organization
from tests.support.product.builders import Product

ASHA, BINA = "asha@customer.example", "bina@elsewhere.example"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Sent = Callable[..., None]


class Budget:
    """Automatic mails that have left, and the counts of them; the mailbox is the one that would answer."""

    def __init__(self, product: Product, organization: Organization) -> None:
        self.product = product
        self.organization = organization
        self.account = product.add_mailbox(organization)
        self.other = product.add_mailbox(organization, "sales@yourdomain.com")
        self.thread = product.add_thread(organization)

    def sent(self, ago: timedelta = timedelta(0), *, subject: str = "Fwd: Order", **columns: Any) -> None:
        message = self.product.add_message(self.organization, self.thread, channel="EMAIL", subject=subject)
        values: dict[str, Any] = {
            "message_id": message,
            "organization_id": self.organization.id,
            "kind": "vacation",
            "account_id": self.account,
            "correspondent": ASHA,
            "domain": "customer.example",
            "author": ASHA,
        } | columns
        self.product.database.rows(
            f"""INSERT INTO automatic_mails ({", ".join(values)}, created_at)
                VALUES ({", ".join(["%s"] * len(values))}, now() - %s)""",
            (*values.values(), ago),
        )

    def received(self, ago: timedelta = timedelta(0), **columns: Any) -> None:
        message = self.product.add_inbound(
            self.organization, self.thread, channel="EMAIL", sender=ASHA, **columns
        )
        self.product.database.rows(
            "UPDATE messages SET occurred_at = now() - %s WHERE id = %s", (ago, message)
        )

    def do(self, act: Any, *given: Any, **named: Any) -> Any:
        with self.product.app.infrastructure.database.organization(self.organization.id) as transaction:
            return act(transaction, *given, **named)

    def answers(self, **changes: Any) -> AnswerCounts:
        asked = {
            "account_id": self.account, "correspondent": ASHA, "author": ASHA, "domain": "customer.example",
            "days": 7,
        } | changes  # fmt: skip
        found: AnswerCounts = self.do(automatic_mails.count_answers, **asked)
        return found

    def forwards(self) -> ForwardCounts:
        found: ForwardCounts = self.do(
            automatic_mails.count_forwards, correspondent=ASHA, author=BINA, subject="Fwd: Order"
        )
        return found


@pytest.fixture
def budget(product: Product, organization: Organization) -> Budget:
    return Budget(product, organization)


@pytest.mark.parametrize(
    ("ago", "columns", "answered"),
    [
        (timedelta(0), {}, 1),
        (7 * DAY - HOUR, {}, 1),
        (7 * DAY + HOUR, {}, 0),
        (timedelta(0), {"correspondent": BINA}, 1),
        (timedelta(0), {"author": BINA}, 1),
        (timedelta(0), {"author": BINA, "correspondent": BINA}, 0),
        (timedelta(0), {"kind": "forward"}, 0),
    ],
)
def test_who_was_answered_is_known_by_either_address_within_the_period(
    budget: Budget, ago: timedelta, columns: dict[str, Any], answered: int
) -> None:
    budget.sent(ago, **columns)

    assert budget.answers().answered == answered


def test_the_addresses_may_have_changed_places(budget: Budget) -> None:
    budget.sent(correspondent=BINA, author="c@c.example")

    assert budget.answers(correspondent=ASHA, author=BINA).answered == 1


def test_each_mailbox_has_a_period_of_its_own(budget: Budget) -> None:
    budget.sent(account_id=budget.other)

    assert (budget.answers().answered, budget.answers().to_correspondent) == (0, 1)


@pytest.mark.parametrize(
    ("ago", "columns", "count"),
    [
        (timedelta(0), {}, 1),
        (timedelta(0), {"author": BINA}, 1),
        (DAY - HOUR, {}, 1),
        (DAY + HOUR, {}, 0),
        (timedelta(0), {"correspondent": BINA}, 0),
        (timedelta(0), {"kind": "forward"}, 0),
    ],
)
def test_answers_to_a_person_are_those_of_a_day(
    budget: Budget, ago: timedelta, columns: dict[str, Any], count: int
) -> None:
    budget.sent(ago, **columns)

    assert budget.answers().to_correspondent == count


@pytest.mark.parametrize(
    ("ago", "columns", "count"),
    [
        (timedelta(0), {"correspondent": BINA, "author": BINA, "account_id": None}, 1),
        (HOUR / 2, {}, 1),
        (2 * HOUR, {}, 0),
        (timedelta(0), {"domain": "elsewhere.example"}, 0),
        (timedelta(0), {"kind": "forward"}, 0),
    ],
)
def test_answers_to_a_domain_are_those_of_an_hour_from_all_mailboxes(
    budget: Budget, ago: timedelta, columns: dict[str, Any], count: int
) -> None:
    if "account_id" in columns:
        columns = columns | {"account_id": budget.other}
    budget.sent(ago, **columns)

    assert budget.answers().to_domain == count


@pytest.mark.parametrize(
    ("ago", "columns", "count"),
    [
        (timedelta(0), {}, 1),
        (timedelta(minutes=9), {}, 1),
        (timedelta(minutes=11), {}, 0),
        (timedelta(0), {"direction": "outbound", "status": "sent"}, 0),
    ],
)
def test_a_storm_is_what_came_from_an_author_within_ten_minutes(
    budget: Budget, ago: timedelta, columns: dict[str, Any], count: int
) -> None:
    budget.received(ago, **columns)

    assert budget.answers().from_author == count
    assert budget.answers(author=BINA).from_author == 0


def test_a_whatsapp_message_is_no_mail_of_a_storm(budget: Budget) -> None:
    budget.received()
    budget.product.database.rows("UPDATE messages SET channel = 'WHATSAPP'")

    assert budget.answers().from_author == 0


@pytest.mark.parametrize(
    ("ago", "columns", "to_address", "of_subject"),
    [
        (timedelta(0), {}, 1, 1),
        (HOUR / 2, {}, 1, 1),
        (2 * HOUR, {}, 0, 1),
        (DAY - HOUR, {}, 0, 1),
        (DAY + HOUR, {}, 0, 0),
        (timedelta(0), {"author": ASHA}, 1, 0),
        (timedelta(0), {"subject": "Fwd: Other"}, 1, 0),
        (timedelta(0), {"correspondent": BINA}, 0, 0),
        (timedelta(0), {"kind": "vacation"}, 0, 0),
    ],
)
def test_forwards_to_an_address_are_those_of_an_hour_and_equal_ones_those_of_a_day(
    budget: Budget, ago: timedelta, columns: dict[str, Any], to_address: int, of_subject: int
) -> None:
    budget.sent(ago, **({"kind": "forward", "author": BINA} | columns))

    assert budget.forwards() == ForwardCounts(to_address, of_subject)


def test_every_automatic_mail_of_an_organization_counts_for_an_hour(budget: Budget) -> None:
    budget.sent()
    budget.sent(HOUR / 2, kind="forward", account_id=budget.other)
    budget.sent(2 * HOUR)

    assert budget.do(automatic_mails.count_by_organization) == 2


def test_what_refers_to_a_mail_of_one_kind_does_not_refer_to_one_of_the_other(budget: Budget) -> None:
    budget.product.add_message(
        budget.organization, budget.thread, channel="EMAIL", mail_message_id="ours@us", automatic="vacation"
    )

    is_about = [
        budget.do(automatic_mails.is_about_own, kind, ids)
        for kind, ids in (
            ("vacation", ["x", "ours@us"]),
            ("forward", ["ours@us"]),
            ("vacation", ["x"]),
            ("vacation", []),
        )
    ]

    assert is_about == [True, False, False, False]


def test_what_a_forward_attaches_is_what_the_mail_held(budget: Budget) -> None:
    source, target, bystander = (
        budget.product.add_message(budget.organization, budget.thread, channel="EMAIL") for _ in "abc"
    )
    for message, name in ((source, "a.csv"), (source, "b.csv"), (bystander, "c.csv")):
        budget.product.database.rows(
            """INSERT INTO attachments (id, organization_id, message_id, filename, content_type, size_bytes, blob_key,
                   position) VALUES (gen_random_uuid(), %s, %s, %s, 'text/csv', 3, 'key', 0)""",
            (budget.organization.id, message, name),
        )

    budget.do(automatic_mails.copy_attachments, source_id=source, target_id=target)

    rows = budget.product.database.rows(
        "SELECT filename FROM attachments WHERE message_id = %s ORDER BY filename", (target,)
    )
    assert [row["filename"] for row in rows] == ["a.csv", "b.csv"]


# Responders.


def _save(budget: Budget, account: UUID | None = None, **values: Any) -> None:
    usual = {
        "is_active": True, "starts_at": None, "ends_at": None, "subject": "", "content_text": "Away",
        "content_html": None, "repeat_after_days": 7,
    }  # fmt: skip
    budget.do(
        vacation.save,
        organization_id=budget.organization.id,
        account_id=account or budget.account,
        values=usual | values,
    )


def test_a_responder_is_activated_when_it_goes_from_off_to_on(budget: Budget) -> None:
    def activated() -> Any:
        row = budget.do(vacation.find, budget.account)
        return row.activated_at if row else None

    assert budget.do(vacation.find, budget.account) is None
    _save(budget, is_active=False)
    assert activated() is None
    _save(budget)
    first = activated()
    assert first is not None
    _save(budget, content_text="Still away")
    assert activated() == first
    _save(budget, is_active=False)
    assert activated() is None
    _save(budget)
    assert activated() > first


@pytest.mark.parametrize(
    ("columns", "answers"),
    [
        ("is_active = true", True),
        ("is_active = false", False),
        ("starts_at = now() + interval '1 hour'", False),
        ("starts_at = now() - interval '1 hour'", True),
        ("ends_at = now() + interval '1 hour'", True),
        ("ends_at = now() - interval '1 hour'", False),
    ],
)
def test_a_responder_answers_while_it_is_on_and_its_time_is(
    budget: Budget, columns: str, answers: bool
) -> None:
    _save(budget)
    budget.product.database.rows(f"UPDATE vacation_responders SET {columns}")

    found = budget.do(vacation.list_answering)

    assert [row.id for row in found] == ([budget.account] if answers else [])


def test_responders_answer_in_the_order_in_which_their_mailboxes_were_added(budget: Budget) -> None:
    _save(budget, budget.other)
    _save(budget)

    assert [row.id for row in budget.do(vacation.list_answering)] == [budget.account, budget.other]
