"""What rules do to filed mail, the trace of why, and what a dry run returns for the same mail."""

from datetime import timedelta
from typing import Any

import pytest

from banxway.models.email_rules.traces import DryRun
from banxway.services.email_rules.dry_run import RuleTrials
from banxway.storage import email_rules
from tests.support.databases.postgres import Organization
from tests.support.mailboxes.filed import Post, a_letter
from tests.support.product.builders import SUPPORT, Product
from tests.support.timing.clocks import TickingClock

INVOICE = {"field": "subject", "operator": "contains", "value": "invoice"}
TAG = {"type": "tag", "tag": "invoice"}
DAY = timedelta(days=1)


@pytest.fixture
def post(product: Product, organization: Organization) -> Post:
    return Post(product, organization, product.add_mailbox(organization))


def test_a_rule_that_fires_acts_and_says_why(post: Post) -> None:
    rule = post.has_rule(
        TAG,
        {"type": "assign", "user_id": str(post.organization.agent)},
        name="Invoices",
        conditions=[INVOICE, {"field": "origin", "value": "human"}],
    )

    post.arrives(a_letter(subject="Invoice 4711"), a_letter(subject="Parcel"))

    (trace,) = post.traces()
    tagged, other = sorted(post.threads(), key=lambda thread: not thread["tags"])
    assert (tagged["tags"], tagged["assigned_to_user_id"]) == (["invoice"], post.organization.agent)
    assert (other["tags"], other["assigned_to_user_id"]) == ([], None)
    assert (trace["rule_id"], trace["rule_name"]) == (rule, "Invoices")
    assert trace["matched"] == [
        {"condition": {"negate": False, **INVOICE}, "saw": "Invoice 4711"},
        {"condition": {"negate": False, "field": "origin", "value": "human"}, "saw": "human"},
    ]
    assert [(each["action"]["type"], each["is_done"]) for each in trace["performed"]] == [
        ("tag", True),
        ("assign", True),
    ]


def test_a_rule_takes_a_new_thread_from_its_mailboxs_default_user_and_the_next_rule_does_not(
    post: Post,
) -> None:
    members = post.organization
    post.product.database.rows("UPDATE email_accounts SET assigned_to_user_id = %s", (members.agent,))
    for name, user in (("a", members.manager), ("b", members.admin)):
        post.has_rule({"type": "assign", "user_id": str(user)}, name=name)

    post.arrives(a_letter(), assigned_to=members.agent)

    assert post.threads()[0]["assigned_to_user_id"] == members.manager
    done = {trace["rule_name"]: trace["performed"][0]["is_done"] for trace in post.traces()}
    assert done == {"a": True, "b": False}


def test_a_mailbox_that_a_mail_names_is_its_mailbox_whichever_was_polled_first(post: Post) -> None:
    sales = post.product.add_mailbox(post.organization, "sales@yourdomain.com")
    condition = {"field": "account", "account_id": str(sales)}
    post.has_rule(TAG, conditions=[condition])

    post.arrives(a_letter(to=f"{SUPPORT}, Sales <SALES@yourdomain.com>"), a_letter())

    tags = sorted(thread["tags"] for thread in post.threads())
    assert tags == [[], ["invoice"]]
    tried = _try(post, rule={"name": "Sales", "actions": [TAG], "conditions": [condition]}, days=1)
    assert tried.match_count == 1


def test_rules_run_in_their_order_until_one_stops_them(post: Post) -> None:
    for name, actions in (("a", [{"type": "tag", "tag": "a"}]), ("b", [TAG, {"type": "stop"}]), ("c", [TAG])):
        post.has_rule(*actions, name=name)

    post.arrives(a_letter())

    assert [trace["rule_name"] for trace in post.traces()] == ["a", "b"]
    assert post.threads()[0]["tags"] == ["a", "invoice"]


def test_a_rule_that_does_not_hold_keeps_none_behind_it_from_firing(post: Post) -> None:
    post.has_rule(TAG, name="a", conditions=[INVOICE])
    post.has_rule(TAG, name="b")

    post.arrives(a_letter(subject="Parcel"))

    assert [trace["rule_name"] for trace in post.traces()] == ["b"]


def test_a_rule_that_stops_does_nothing_else(post: Post) -> None:
    post.has_rule({"type": "stop"})

    post.arrives(a_letter())

    assert [message["is_spam"] for message in post.product.messages()] == [False]
    (trace,) = post.traces()
    assert [each["is_done"] for each in trace["performed"]] == [True]


def test_a_header_is_the_one_that_was_named(post: Post) -> None:
    post.has_rule(TAG, conditions=[{"field": "header", "name": "X-Shop", "operator": "equals", "value": "7"}])

    post.arrives(a_letter(headers=["X-Aaa: 7", "X-Shop: 8", "X-Zzz: 7"]))
    before = post.traces()
    post.arrives(a_letter(headers=["x-shop: 7"]))

    assert (before, len(post.traces())) == ([], 1)


@pytest.mark.parametrize(("tags", "reason"), [(49, None), (50, "full"), (51, "full")])
def test_a_thread_has_50_tags_at_most(post: Post, tags: int, reason: str | None) -> None:
    many = [f"tag{number}" for number in range(tags)]
    post.has_rule(TAG, name="one more")
    real = email_rules.lock_threads

    def hold(transaction: Any, thread_ids: Any) -> Any:
        transaction.execute("UPDATE threads SET tags = %s", (many,))
        return real(transaction, thread_ids)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(email_rules, "lock_threads", hold)
        post.arrives(a_letter())

    done = post.traces()[0]["performed"][0]
    assert done["reason"] == (None if reason is None else "The thread has 50 tags, the most that are allowed")


def test_a_tag_that_is_there_is_not_put_there_twice(post: Post) -> None:
    post.has_rule(TAG, name="a")
    post.has_rule(TAG, name="b")

    post.arrives(a_letter())

    assert post.threads()[0]["tags"] == ["invoice"]


@pytest.mark.parametrize("order", [1, -1], ids=["the lower id", "the higher id"])
def test_a_new_thread_that_is_somebody_elses_than_its_mailboxs_default_is_not_taken_away(
    post: Post, order: int
) -> None:
    default, somebody = sorted((post.organization.agent, post.organization.manager))[::order]
    post.product.database.rows("UPDATE email_accounts SET assigned_to_user_id = %s", (default,))
    post.has_rule({"type": "assign", "user_id": str(post.organization.admin)})

    post.arrives(a_letter(), assigned_to=somebody)

    assert post.threads()[0]["assigned_to_user_id"] == somebody
    assert post.traces()[0]["performed"][0]["reason"] == "The thread is assigned to another member already"


def test_an_old_thread_is_not_taken_from_its_mailboxs_default_user(post: Post) -> None:
    """A thread was assigned to them, or they began to answer: only a new thread has just the default assignee."""
    members = post.organization
    post.product.database.rows("UPDATE email_accounts SET assigned_to_user_id = %s", (members.agent,))
    post.has_rule({"type": "assign", "user_id": str(members.manager)})

    post.arrives(a_letter(), assigned_to=members.agent, starts_threads=False)

    assert post.threads()[0]["assigned_to_user_id"] == members.agent


def test_spam_in_an_old_thread_does_not_hide_the_thread(post: Post) -> None:
    post.has_rule({"type": "mark_spam"})

    post.arrives(a_letter(), starts_threads=False)

    assert [message["is_spam"] for message in post.product.messages()] == [True]
    assert post.threads()[0]["is_spam"] is False


def test_a_rule_that_is_switched_off_does_nothing(post: Post) -> None:
    post.has_rule(TAG, is_active=False)

    post.arrives(a_letter())

    assert post.traces() == []


def test_a_user_who_is_gone_is_traced_and_stops_nothing(post: Post) -> None:
    post.has_rule({"type": "assign", "user_id": str(post.organization.agent)}, TAG)
    post.product.database.rows("UPDATE users SET is_active = false WHERE id = %s", (post.organization.agent,))

    post.arrives(a_letter())

    (trace,) = post.traces()
    assert [each["reason"] for each in trace["performed"]] == [
        "The user is not an active member any more",
        None,
    ]
    assert (post.threads()[0]["assigned_to_user_id"], post.threads()[0]["tags"]) == (None, ["invoice"])


def test_a_thread_that_somebody_has_is_not_taken_away(post: Post) -> None:
    post.has_rule({"type": "assign", "user_id": str(post.organization.agent)}, name="first")
    post.has_rule({"type": "assign", "user_id": str(post.organization.manager)}, name="second")

    post.arrives(a_letter())

    reasons = [trace["performed"][0]["reason"] for trace in post.traces()]
    assert reasons == [None, "The thread is assigned to another member already"]
    assert post.threads()[0]["assigned_to_user_id"] == post.organization.agent


def test_spam_is_marked_with_the_thread_that_it_starts(post: Post) -> None:
    post.has_rule({"type": "mark_spam"}, {"type": "forward", "address": "boss@elsewhere.example"})

    post.arrives(a_letter())

    assert [message["is_spam"] for message in post.product.messages()] == [True]
    assert post.threads()[0]["is_spam"] is True
    assert post.traces()[0]["performed"][1]["reason"] == "It was marked as spam"


@pytest.mark.parametrize("role", ["junk", "sent"])
def test_what_did_not_arrive_is_not_ruled_upon(post: Post, role: str) -> None:
    post.has_rule(TAG)

    post.arrives(a_letter(), role=role)

    assert post.traces() == []


def test_old_mail_of_a_first_synchronization_is_tagged_and_not_forwarded(post: Post) -> None:
    post.has_rule(TAG, {"type": "forward", "address": "boss@elsewhere.example"})

    post.arrives(a_letter(), ago=25 * timedelta(hours=1))

    assert post.threads()[0]["tags"] == ["invoice"]
    assert post.automatic() == []
    assert "longer than 24 hours ago" in post.traces()[0]["performed"][1]["reason"]


def test_a_stored_rule_that_cannot_be_read_stops_no_mail(post: Post) -> None:
    post.has_rule(TAG, name="unreadable")
    post.product.database.rows("""UPDATE email_rules SET actions = '[{"type": "sing"}]'""")
    post.has_rule(TAG, name="readable")

    post.arrives(a_letter())

    assert [trace["rule_name"] for trace in post.traces()] == ["readable"]


def test_the_organizations_business_hours_decide_where_a_rule_names_none(post: Post) -> None:
    post.product._add_integration(
        post.organization,
        "exotel_whatsapp",
        {"whatsapp_number": "+918047100100", "business_hours": {"enabled": True}},
    )
    post.has_rule(TAG, conditions=[{"field": "business_hours", "is_open": False}])

    post.arrives(a_letter())

    assert post.traces()[0]["matched"][0]["saw"] == "closed"


def test_a_trace_outlives_its_rule(post: Post) -> None:
    rule = post.has_rule(TAG, name="Gone")
    post.arrives(a_letter())
    actor = post.product.actor(post.organization, "manager")

    post.product.app.email_rules.rules.delete(actor=actor, rule_id=rule)

    (message,) = post.product.messages()
    (trace,) = post.product.app.email_rules.rules.list_traces(actor=actor, message_id=message["id"])
    assert (trace.rule_id, trace.rule_name) == (None, "Gone")


# Trying a rule.


def _try(post: Post, trials: RuleTrials | None = None, **trial: Any) -> Any:
    actor = post.product.actor(post.organization, "manager")
    return (trials or post.product.app.email_rules.dry_run).dry_run(actor=actor, trial=DryRun(**trial))


def test_a_dry_run_says_what_would_have_matched_and_changes_nothing(post: Post) -> None:
    post.arrives(a_letter(subject="Invoice 1"), a_letter(subject="Parcel"))
    post.arrives(a_letter(subject="Invoice 2"), ago=3 * DAY)
    post.arrives(a_letter(subject="Invoice 3"), ago=9 * DAY)

    result = _try(post, rule={"name": "Try", "conditions": [INVOICE], "actions": [TAG]}, days=7)

    assert (result.examined, result.match_count, result.is_complete) == (3, 2, True)
    assert [match.subject for match in result.matches] == ["Invoice 1", "Invoice 2"]
    assert result.matches[0].matched[0].saw == "Invoice 1"
    assert (post.traces(), [thread["tags"] for thread in post.threads()]) == ([], [[]] * 4)


def test_a_dry_run_sees_of_a_mail_what_the_rule_will_see(post: Post) -> None:
    """Each condition that matched while the mail was filed matches the stored mail, with the same text."""
    content = 'Content-Type: multipart/mixed; boundary="b"'
    body = (
        "--b\r\n\r\nDear team\r\n"
        "--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\n1,2\r\n--b--"
    )
    conditions = [
        {"field": "sender", "operator": "ends_with", "value": "@customer.example"},
        {"field": "recipient", "operator": "equals", "value": "boss@yourdomain.com"},
        {"field": "header", "name": "x-shop", "operator": "equals", "value": "7"},
        {"field": "attachment_name", "operator": "equals", "value": "a.csv"},
        {"field": "body", "operator": "contains", "value": "dear"},
        {"field": "account", "account_id": str(post.account)},
    ]
    rule = post.has_rule(TAG, conditions=conditions)
    post.arrives(a_letter(body, headers=["X-Shop: 7", "Cc: boss@yourdomain.com", content]))

    result = _try(post, rule_id=rule)

    (trace,) = post.traces()
    assert [held.model_dump(mode="json") for held in result.matches[0].matched] == trace["matched"]
    assert len(trace["matched"]) == len(conditions)


def test_a_dry_run_ends_after_5_seconds_and_says_so(post: Post) -> None:
    post.arrives(*[a_letter() for _ in range(5)])
    app = post.product.app
    clock = TickingClock(1.0, 3.9, 0.2)
    trials = RuleTrials(
        app.infrastructure.database,
        blobs=lambda: app.infrastructure.blobs,
        parse=app.infrastructure.providers.parse_mail,
        clock=clock,
    )

    result = _try(post, trials, rule={"name": "Try", "actions": [TAG]})

    assert (result.examined, result.is_complete) == (2, False)
